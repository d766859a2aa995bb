"""Every route × every role has its expected answer; a route without a row fails.

A request of the Durand home waits at a structure of the first authority. 302 to the login page is written
`in`, any other redirection `302`.
"""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from django.db import transaction
from django.test import Client

from marelle.accounts.models import User
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.enrolments.services import Terms, enrolment_request
from marelle.families.changes import file_save
from marelle.families.models import ChangeRequest
from marelle.files.models import StoredFile
from marelle.files.services import file_make
from marelle.flows.erasure import erasure_ask
from marelle.mail.models import Message
from marelle.mail.services import queue
from marelle.papers.models import Paper, PaperNeed, PaperPage, PaperType, Publication
from marelle.papers.services.sending import subject_of
from tests.billing.world import billing_rows
from tests.booked import booked_rows
from tests.care import care_rows
from tests.enrolments.rows import decided_rows
from tests.messaging.rows import exchange_rows
from tests.relay.rows import relay_rows
from tests.scenario import LAST_DAY, Home, Scenario
from tests.test_routes import ROUTES

ROLES = (
    "anonymous",
    "parent",
    "other_parent",
    "animator",
    "director",
    "other_director",
    "office",
    "other_office",
    "administrator",
)

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)

NOBODY = "in 405 405 405 405 405 405 405 405"
SEEN_BY_PARENT = "in 200 404 404 404 404 404 404 404"
DECIDED_BY_OFFICE = "in 403 403 403 403 403 302 404 302"
BANNED = "in 403 403 404 302 404 302 404 302"
SENT_BY_PARENT = "in 302 404 404 404 404 404 404 404"

# One answer for each of ROLES, in that order.
TABLE = {
    ("GET", "/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/accessibilite/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/accessibilite/"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/donnees-personnelles/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/donnees-personnelles/"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/mentions-legales/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/mentions-legales/"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/activation/<str:token>/"): "410 410 410 410 410 410 410 410 410",
    ("POST", "/activation/<str:token>/"): "410 410 410 410 410 410 410 410 410",
    ("GET", "/agents/"): "in 403 403 200 200 200 200 200 200",
    ("POST", "/agents/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/appels/<id:refused_id>/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/appels/<id:refused_id>/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/fermetures/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/fermetures/"): NOBODY,
    ("GET", "/agents/fermetures/jour/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/fermetures/jour/"): "in 403 403 403 302 200 302 200 302",
    ("GET", "/agents/fins/<id:end_id>/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/fins/<id:end_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/fins/<id:end_id>/accepter/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/fins/<id:end_id>/accepter/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/fins/<id:end_id>/refuser/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/fins/<id:end_id>/refuser/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/reglages/activites/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/reglages/activites/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reglages/activites/<id:activity_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/reglages/activites/<id:activity_id>/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/courriels/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/courriels/"): NOBODY,
    ("GET", "/agents/courriels/<str:app>/<str:name>/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/courriels/<str:app>/<str:name>/"): NOBODY,
    ("GET", "/agents/courriels/<str:app>/<str:name>/apercu/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/courriels/<str:app>/<str:name>/apercu/"): NOBODY,
    ("GET", "/agents/courriers/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/courriers/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/courriers/<id:letter_id>/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/courriers/<id:letter_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/courriers/<id:letter_id>/imprime/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/courriers/<id:letter_id>/imprime/"): "in 403 403 403 403 403 302 302 302",
    ("GET", "/agents/documentation/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/documentation/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/documentation/<id:publication_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/documentation/<id:publication_id>/"): "in 403 403 403 200 404 200 404 200",
    ("GET", "/agents/documentation/<id:publication_id>/fichier/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/documentation/<id:publication_id>/fichier/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/documentation/<id:publication_id>/retirer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/documentation/<id:publication_id>/retirer/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/documentation/nouvelle/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/documentation/nouvelle/"): "in 403 403 403 200 200 200 200 200",
    ("GET", "/agents/documents/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/documents/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/documents/<id:paper_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/documents/<id:paper_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/documents/<id:paper_id>/accepter/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/documents/<id:paper_id>/accepter/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/documents/<id:paper_id>/pages/<id:page_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/documents/<id:paper_id>/pages/<id:page_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/documents/<id:paper_id>/refuser/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/documents/<id:paper_id>/refuser/"): "in 403 403 403 200 404 200 404 200",
    ("GET", "/agents/familles/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/familles/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/familles/<id:family_id>/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/familles/<id:family_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/familles/<id:family_id>/adresse/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/familles/<id:family_id>/adresse/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/agents/familles/<id:family_id>/depart/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/familles/<id:family_id>/depart/"): "in 403 403 403 403 403 302 302 302",
    ("GET", "/agents/familles/<id:family_id>/ecole/<id:person_id>/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/familles/<id:family_id>/ecole/<id:person_id>/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/agents/familles/<id:family_id>/garde/<id:person_id>/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/familles/<id:family_id>/garde/<id:person_id>/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/agents/familles/<id:family_id>/quotient/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/familles/<id:family_id>/quotient/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/agents/familles/<id:family_id>/agir/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/familles/<id:family_id>/agir/"): "in 403 403 403 403 403 302 302 302",
    ("GET", "/agents/familles/<id:family_id>/inviter/<id:adult_id>/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/familles/<id:family_id>/inviter/<id:adult_id>/"): "in 403 403 403 403 403 302 302 302",
    ("GET", "/agents/familles/terminer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/familles/terminer/"): "in 403 403 403 403 403 302 302 302",
    ("GET", "/agents/inscriptions/nouvelle/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/inscriptions/nouvelle/"): "in 403 403 403 200 200 200 200 200",
    ("GET", "/agents/inscriptions/<id:enrolment_id>/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/inscriptions/<id:enrolment_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/inscriptions/<id:enrolment_id>/accepter/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/inscriptions/<id:enrolment_id>/accepter/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/inscriptions/<id:enrolment_id>/refuser/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/inscriptions/<id:enrolment_id>/refuser/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/reglages/documents/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/reglages/documents/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reglages/documents/<id:type_id>/"): "in 403 403 403 200 200 200 404 200",
    ("POST", "/agents/reglages/documents/<id:type_id>/"): "in 403 403 403 404 404 200 404 200",
    ("GET", "/agents/reglages/documents/<id:type_id>/activites/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/reglages/documents/<id:type_id>/activites/"): "in 403 403 403 302 302 302 404 302",
    ("GET", "/agents/reglages/documents/nouveau/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/reglages/documents/nouveau/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/calendrier/<str:token>.ics"): "404 404 404 404 404 404 404 404 404",
    ("POST", "/calendrier/<str:token>.ics"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reservations/absences/<id:proof_id>/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/reservations/absences/<id:proof_id>/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/reservations/absences/<id:proof_id>/fichier/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/reservations/absences/<id:proof_id>/fichier/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reglages/autorisations/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/reglages/autorisations/"): NOBODY,
    ("GET", "/agents/reglages/autorisations/<id:consent_type_id>/"): "in 403 403 403 403 403 200 404 200",
    ("POST", "/agents/reglages/autorisations/<id:consent_type_id>/"): "in 403 403 403 403 403 302 404 302",
    ("GET", "/agents/reglages/autorisations/<id:consent_type_id>/demander/"): NOBODY,
    ("POST", "/agents/reglages/autorisations/<id:consent_type_id>/demander/"): DECIDED_BY_OFFICE,
    ("GET", "/agents/reglages/autorisations/ajouter/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/reglages/autorisations/ajouter/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/agents/sante/"): "in 403 403 200 200 200 200 200 200",
    ("POST", "/agents/sante/"): NOBODY,
    ("GET", "/agents/sante/<id:child_id>/"): "in 403 403 200 200 404 200 404 200",
    ("POST", "/agents/sante/<id:child_id>/"): NOBODY,
    ("GET", "/agents/sante/<id:child_id>/interdictions/"): NOBODY,
    ("POST", "/agents/sante/<id:child_id>/interdictions/"): BANNED,
    ("GET", "/agents/sante/<id:child_id>/interdictions/<id:ban_id>/lever/"): NOBODY,
    ("POST", "/agents/sante/<id:child_id>/interdictions/<id:ban_id>/lever/"): BANNED,
    ("GET", "/agents/sante/<id:child_id>/pai/"): "in 403 403 200 200 404 404 404 404",
    ("POST", "/agents/sante/<id:child_id>/pai/"): NOBODY,
    ("GET", "/agents/modifications/<id:change_id>/"): "in 403 403 403 403 403 200 404 200",
    ("POST", "/agents/modifications/<id:change_id>/"): "in 403 403 403 403 403 200 404 200",
    ("GET", "/agents/modifications/<id:change_id>/justificatif/"): "in 403 403 403 403 403 200 404 200",
    ("POST", "/agents/modifications/<id:change_id>/justificatif/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reglages/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/reglages/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reglages/collectivite/"): "in 403 403 403 403 403 302 302 200",
    ("POST", "/agents/reglages/collectivite/"): NOBODY,
    ("GET", "/agents/reglages/collectivite/<id:authority_id>/"): "in 403 403 403 403 403 200 404 200",
    ("POST", "/agents/reglages/collectivite/<id:authority_id>/"): "in 403 403 403 403 403 200 404 200",
    ("GET", "/agents/reglages/champs/"): "in 403 403 403 403 403 200 403 200",
    ("POST", "/agents/reglages/champs/"): "in 403 403 403 403 403 200 403 200",
    ("GET", "/agents/reservations/attente/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/reservations/attente/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reservations/attente/<id:waited_id>/proposer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/reservations/attente/<id:waited_id>/proposer/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/reservations/demandes/<id:request_id>/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/reservations/demandes/<id:request_id>/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/compte/"): "in 200 200 200 200 200 200 200 200",
    ("POST", "/compte/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/compte/adresse-mail/"): "in 200 200 200 200 200 200 200 200",
    ("POST", "/compte/adresse-mail/"): "in 200 200 200 200 200 200 200 200",
    ("GET", "/compte/adresse-mail/<str:token>/"): "410 410 410 410 410 410 410 410 410",
    ("POST", "/compte/adresse-mail/<str:token>/"): "410 410 410 410 410 410 410 410 410",
    ("GET", "/compte/identifiant/"): "in 200 200 200 200 200 200 200 200",
    ("POST", "/compte/identifiant/"): "in 200 200 200 200 200 200 200 200",
    ("GET", "/compte/mot-de-passe/"): "in 200 200 200 200 200 200 200 200",
    ("POST", "/compte/mot-de-passe/"): "in 200 200 200 200 200 200 200 200",
    ("GET", "/compte/appareils/"): "in 200 200 200 200 200 200 200 200",
    ("POST", "/compte/appareils/"): NOBODY,
    ("GET", "/compte/appareils/<id:device_id>/fermer/"): NOBODY,
    ("POST", "/compte/appareils/<id:device_id>/fermer/"): "in 302 302 302 302 302 302 302 302",
    ("GET", "/compte/appareils/fermer/"): NOBODY,
    ("POST", "/compte/appareils/fermer/"): "in 302 302 302 302 302 302 302 302",
    ("GET", "/compte/calendrier/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/compte/calendrier/"): "in 302 302 404 404 404 404 404 404",
    ("GET", "/compte/courriels/"): "in 200 200 200 200 200 200 200 200",
    ("POST", "/compte/courriels/"): "in 302 302 302 302 302 302 302 302",
    ("GET", "/compte/donnees/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/compte/donnees/"): NOBODY,
    ("GET", "/compte/donnees/telecharger/"): NOBODY,
    ("POST", "/compte/donnees/telecharger/"): "in 200 200 404 404 404 404 404 404",
    ("GET", "/compte/effacement/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/compte/effacement/"): "in 302 302 404 404 404 404 404 404",
    ("GET", "/compte/effacement/retirer/"): NOBODY,
    ("POST", "/compte/effacement/retirer/"): "in 302 302 404 404 404 404 404 404",
    ("GET", "/agents/effacements/<id:erased_id>/"): "in 403 403 403 403 403 200 404 200",
    ("POST", "/agents/effacements/<id:erased_id>/"): "in 403 403 403 403 403 302 404 302",
    ("GET", "/agents/effacements/<id:erased_id>/effacer/"): NOBODY,
    ("POST", "/agents/effacements/<id:erased_id>/effacer/"): "in 403 403 403 403 403 302 404 302",
    ("GET", "/connexion/"): "200 302 302 302 302 302 302 302 302",
    ("POST", "/connexion/"): "200 302 302 302 302 302 302 302 302",
    ("GET", "/actualites/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/actualites/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/actualites/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/actualites/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/actualites/nouvelle/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/actualites/nouvelle/"): "in 403 403 403 200 200 200 200 200",
    ("GET", "/agents/actualites/<id:news_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/actualites/<id:news_id>/"): "in 403 403 403 200 404 200 404 200",
    ("GET", "/agents/actualites/<id:news_id>/retirer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/actualites/<id:news_id>/retirer/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/messages/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/messages/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/messages/<id:thread_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/messages/<id:thread_id>/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/messages/<id:thread_id>/clore/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/messages/<id:thread_id>/clore/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/messages/<id:thread_id>/rouvrir/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/messages/<id:thread_id>/rouvrir/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/messages/<id:thread_id>/fichiers/<id:attachment_id>/"): (
        "in 403 403 403 200 404 200 404 200"
    ),
    ("POST", "/agents/messages/<id:thread_id>/fichiers/<id:attachment_id>/"): (
        "in 405 405 405 405 405 405 405 405"
    ),
    ("GET", "/contact/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/contact/"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/contact/ecrire/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/contact/ecrire/"): "200 200 200 200 200 200 200 200 200",
    ("GET", "/contact/echanges/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/contact/echanges/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/contact/echanges/<id:thread_id>/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/contact/echanges/<id:thread_id>/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/contact/echanges/<id:thread_id>/fichiers/<id:attachment_id>/"): (
        "in 200 404 404 404 404 404 404 404"
    ),
    ("POST", "/contact/echanges/<id:thread_id>/fichiers/<id:attachment_id>/"): (
        "in 405 405 405 405 405 405 405 405"
    ),
    ("GET", "/deconnexion/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/deconnexion/"): "in 302 302 302 302 302 302 302 302",
    ("GET", "/demo/courriels/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/demo/courriels/"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/demo/courriels/<int:message_id>/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/demo/courriels/<int:message_id>/"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/documentation/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/documentation/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/documentation/<id:publication_id>/accepter/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/documentation/<id:publication_id>/accepter/"): "in 302 302 404 404 404 404 404 404",
    ("GET", "/documentation/<id:publication_id>/fichier/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/documentation/<id:publication_id>/fichier/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/documents/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/documents/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/documents/<id:person_id>/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/documents/<id:person_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/documents/<id:person_id>/<id:type_id>/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/documents/<id:person_id>/<id:type_id>/"): "in 200 404 404 404 404 404 404 404",
    ("GET", "/documents/envois/<id:paper_id>/retirer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/documents/envois/<id:paper_id>/retirer/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/documents/foyer/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/documents/foyer/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/documents/foyer/<id:type_id>/"): "in 404 404 404 404 404 404 404 404",
    ("POST", "/documents/foyer/<id:type_id>/"): "in 404 404 404 404 404 404 404 404",
    ("GET", "/documents/pages/<id:page_id>/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/documents/pages/<id:page_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/documents/pages/<id:page_id>/retirer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/documents/pages/<id:page_id>/retirer/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/famille/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/famille/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/famille/<id:person_id>/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/famille/<id:person_id>/"): "in 200 404 404 404 404 404 404 404",
    ("GET", "/famille/<id:person_id>/retirer/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/famille/<id:person_id>/retirer/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/famille/ajouter/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/famille/ajouter/"): "in 200 200 404 404 404 404 404 404",
    ("GET", "/famille/confirmer/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/famille/confirmer/"): "in 200 200 404 404 404 404 404 404",
    ("GET", "/famille/foyer/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/famille/foyer/"): "in 200 200 404 404 404 404 404 404",
    ("GET", "/famille/modifications/<id:change_id>/reprendre/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/famille/modifications/<id:change_id>/reprendre/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/famille/modifications/<id:change_id>/justificatif/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/famille/modifications/<id:change_id>/justificatif/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/famille/<id:person_id>/autorisations/"): SEEN_BY_PARENT,
    ("POST", "/famille/<id:person_id>/autorisations/"): SEEN_BY_PARENT,
    ("GET", "/famille/<id:person_id>/permission/"): SEEN_BY_PARENT,
    ("POST", "/famille/<id:person_id>/permission/"): SENT_BY_PARENT,
    (
        "GET",
        "/famille/<id:person_id>/permission/<id:permission_id>/reprendre/",
    ): "in 405 405 405 405 405 405 405 405",
    (
        "POST",
        "/famille/<id:person_id>/permission/<id:permission_id>/reprendre/",
    ): "in 302 404 404 404 404 404 404 404",
    ("GET", "/famille/<id:person_id>/sante/"): SEEN_BY_PARENT,
    ("POST", "/famille/<id:person_id>/sante/"): SEEN_BY_PARENT,
    ("GET", "/famille/<id:person_id>/sante/pai/"): SEEN_BY_PARENT,
    ("POST", "/famille/<id:person_id>/sante/pai/"): NOBODY,
    ("GET", "/famille/<id:person_id>/sante/pai/envoyer/"): NOBODY,
    ("POST", "/famille/<id:person_id>/sante/pai/envoyer/"): SEEN_BY_PARENT,
    ("GET", "/famille/<id:person_id>/sante/pai/retirer/"): NOBODY,
    ("POST", "/famille/<id:person_id>/sante/pai/retirer/"): SENT_BY_PARENT,
    ("GET", "/famille/<id:person_id>/sante/vaccins/"): NOBODY,
    ("POST", "/famille/<id:person_id>/sante/vaccins/"): SENT_BY_PARENT,
    (
        "GET",
        "/famille/<id:person_id>/sante/vaccins/<id:vaccination_id>/retirer/",
    ): "in 405 405 405 405 405 405 405 405",
    (
        "POST",
        "/famille/<id:person_id>/sante/vaccins/<id:vaccination_id>/retirer/",
    ): "in 302 404 404 404 404 404 404 404",
    ("GET", "/famille/<id:person_id>/venir-chercher/"): SEEN_BY_PARENT,
    ("POST", "/famille/<id:person_id>/venir-chercher/"): NOBODY,
    ("GET", "/famille/<id:person_id>/venir-chercher/<id:contact_id>/"): SEEN_BY_PARENT,
    ("POST", "/famille/<id:person_id>/venir-chercher/<id:contact_id>/"): SENT_BY_PARENT,
    (
        "GET",
        "/famille/<id:person_id>/venir-chercher/<id:contact_id>/deplacer/",
    ): "in 405 405 405 405 405 405 405 405",
    (
        "POST",
        "/famille/<id:person_id>/venir-chercher/<id:contact_id>/deplacer/",
    ): "in 302 404 404 404 404 404 404 404",
    (
        "GET",
        "/famille/<id:person_id>/venir-chercher/<id:contact_id>/retirer/",
    ): "in 405 405 405 405 405 405 405 405",
    (
        "POST",
        "/famille/<id:person_id>/venir-chercher/<id:contact_id>/retirer/",
    ): "in 302 404 404 404 404 404 404 404",
    ("GET", "/famille/<id:person_id>/venir-chercher/ajouter/"): SEEN_BY_PARENT,
    ("POST", "/famille/<id:person_id>/venir-chercher/ajouter/"): SENT_BY_PARENT,
    ("GET", "/agents/factures/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/factures/"): NOBODY,
    ("GET", "/agents/factures/importer/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/factures/importer/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/agents/factures/importer/<id:run_id>/"): "in 403 403 403 403 403 200 404 200",
    ("POST", "/agents/factures/importer/<id:run_id>/"): NOBODY,
    ("GET", "/agents/factures/importer/<id:run_id>/confirmer/"): NOBODY,
    ("POST", "/agents/factures/importer/<id:run_id>/confirmer/"): "in 403 403 403 403 403 302 404 302",
    ("GET", "/agents/factures/tresorerie/"): "in 403 403 403 403 403 302 302 200",
    ("POST", "/agents/factures/tresorerie/"): NOBODY,
    ("GET", "/agents/factures/tresorerie/<id:authority_id>/"): "in 403 403 403 403 403 200 404 200",
    ("POST", "/agents/factures/tresorerie/<id:authority_id>/"): "in 403 403 403 403 403 200 404 200",
    ("GET", "/factures/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/factures/"): NOBODY,
    ("GET", "/factures/<id:invoice_id>/"): SEEN_BY_PARENT,
    ("POST", "/factures/<id:invoice_id>/"): NOBODY,
    ("GET", "/factures/<id:invoice_id>/pdf/"): SEEN_BY_PARENT,
    ("POST", "/factures/<id:invoice_id>/pdf/"): NOBODY,
    ("GET", "/historique/"): "in 200 200 200 200 200 200 200 200",
    ("POST", "/historique/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/inscriptions/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/inscriptions/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/inscriptions/plusieurs/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/inscriptions/plusieurs/"): "in 200 404 404 404 404 404 404 404",
    ("GET", "/inscriptions/recu/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/inscriptions/recu/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/inscriptions/<id:person_id>/inscription/<id:enrolment_id>/"): (
        "in 200 404 404 404 404 404 404 404"
    ),
    ("POST", "/inscriptions/<id:person_id>/inscription/<id:enrolment_id>/"): (
        "in 405 405 405 405 405 405 405 405"
    ),
    ("GET", "/inscriptions/<id:person_id>/inscription/<id:accepted_id>/fin/"): (
        "in 200 404 404 404 404 404 404 404"
    ),
    ("POST", "/inscriptions/<id:person_id>/inscription/<id:accepted_id>/fin/"): (
        "in 302 404 404 404 404 404 404 404"
    ),
    ("GET", "/inscriptions/<id:person_id>/inscription/<id:accepted_id>/fin/<id:end_id>/retirer/"): (
        "in 405 405 405 405 405 405 405 405"
    ),
    ("POST", "/inscriptions/<id:person_id>/inscription/<id:accepted_id>/fin/<id:end_id>/retirer/"): (
        "in 302 404 404 404 404 404 404 404"
    ),
    ("GET", "/inscriptions/<id:person_id>/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/inscriptions/<id:person_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/inscriptions/<id:person_id>/demander/<id:activity_id>/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/inscriptions/<id:person_id>/demander/<id:activity_id>/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/inscriptions/<id:person_id>/retirer/<id:enrolment_id>/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/inscriptions/<id:person_id>/retirer/<id:enrolment_id>/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/mot-de-passe/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/mot-de-passe/"): "200 200 200 200 200 200 200 200 200",
    ("GET", "/mot-de-passe/<str:token>/"): "410 410 410 410 410 410 410 410 410",
    ("POST", "/mot-de-passe/<str:token>/"): "410 410 410 410 410 410 410 410 410",
    ("GET", "/mot-de-passe/envoye/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/mot-de-passe/envoye/"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/reservations/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/reservations/"): "in 302 302 404 404 404 404 404 404",
    ("GET", "/reservations/a-venir/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/reservations/a-venir/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/reservations/absence/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/reservations/absence/"): "in 200 200 404 404 404 404 404 404",
    ("GET", "/reservations/absence/<id:booking_id>/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/reservations/absence/<id:booking_id>/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/reservations/absence/<id:booking_id>/justificatif/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/reservations/absence/<id:booking_id>/justificatif/"): "in 200 404 404 404 404 404 404 404",
    ("GET", "/reservations/absence/<id:booking_id>/retirer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/reservations/absence/<id:booking_id>/retirer/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/reservations/proposition/<id:booking_id>/"): "in 404 404 404 404 404 404 404 404",
    ("POST", "/reservations/proposition/<id:booking_id>/"): "in 302 404 404 404 404 404 404 404",
    ("GET", "/reservations/repeter/"): "in 200 404 404 404 404 404 404 404",
    ("POST", "/reservations/repeter/"): "in 200 404 404 404 404 404 404 404",
    ("GET", "/guichet-unique/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/guichet-unique/"): "200 200 200 200 200 200 200 200 200",
    ("GET", "/guichet-unique/recue/"): "302 302 302 302 302 302 302 302 302",
    ("POST", "/guichet-unique/recue/"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/guichet-unique/mes-demandes/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/guichet-unique/mes-demandes/"): NOBODY,
    ("GET", "/guichet-unique/mes-demandes/<id:demand_id>/retirer/"): NOBODY,
    ("POST", "/guichet-unique/mes-demandes/<id:demand_id>/retirer/"): SENT_BY_PARENT,
    ("GET", "/reservations/matinees/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/reservations/matinees/"): NOBODY,
    ("GET", "/reservations/matinees/<id:opening_id>/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/reservations/matinees/<id:opening_id>/"): "in 200 200 404 404 404 404 404 404",
    ("GET", "/reservations/matinees/annuler/<id:visit_id>/"): NOBODY,
    ("POST", "/reservations/matinees/annuler/<id:visit_id>/"): "in 302 404 404 404 404 302 404 302",
    ("GET", "/agents/guichet/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/guichet/"): NOBODY,
    ("GET", "/agents/guichet/<id:demand_id>/"): "in 403 403 403 404 404 200 404 200",
    ("POST", "/agents/guichet/<id:demand_id>/"): NOBODY,
    ("GET", "/agents/guichet/<id:demand_id>/contact/"): NOBODY,
    ("POST", "/agents/guichet/<id:demand_id>/contact/"): "in 403 403 403 404 404 200 404 200",
    ("GET", "/agents/guichet/<id:demand_id>/reponse/"): NOBODY,
    ("POST", "/agents/guichet/<id:demand_id>/reponse/"): "in 403 403 403 404 404 200 404 200",
    ("GET", "/agents/matinees/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/matinees/"): NOBODY,
    ("GET", "/agents/matinees/<id:opening_id>/"): "in 403 403 403 404 404 200 404 200",
    ("POST", "/agents/matinees/<id:opening_id>/"): "in 403 403 403 404 404 200 404 200",
    ("GET", "/agents/matinees/annuler/<id:visit_id>/"): NOBODY,
    ("POST", "/agents/matinees/annuler/<id:visit_id>/"): "in 403 403 403 404 404 302 404 302",
    ("GET", "/agents/matinees/assistantes-maternelles/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/matinees/assistantes-maternelles/"): "in 403 403 403 200 200 200 200 200",
    ("GET", "/agents/matinees/assistantes-maternelles/<id:childminder_id>/arreter/"): NOBODY,
    (
        "POST",
        "/agents/matinees/assistantes-maternelles/<id:childminder_id>/arreter/",
    ): "in 403 403 403 404 404 302 404 302",
    ("GET", "/tableau-de-bord/"): "in 200 200 302 302 302 302 302 302",
    ("POST", "/tableau-de-bord/"): "in 405 405 405 405 405 405 405 405",
}

ADDRESSES = sorted({address for address, _route in ROUTES if not address.startswith("/administration/")})


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        durand = self.durand = self.home("Durand", "Camille")
        self.child_asked = self.child(durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.holidays = self.activity("Vacances")
        self.request = enrolment_request(
            actor=durand.actor,
            person_id=self.child_asked.pk,
            activity_id=self.wednesdays.pk,
            terms=Terms(date(2026, 12, 2), LAST_DAY, {}),
            now=NOW,
        )
        erasure_ask(actor=durand.actor, now=NOW)
        elsewhere = self.structure("Ailleurs")
        self.users: dict[str, User | None] = {
            "anonymous": None,
            "parent": durand.user,
            "other_parent": self.home("Martin", "Sacha").user,
            "animator": self.staff("animation", Role.ANIMATOR),
            "director": self.staff("direction", Role.DIRECTOR),
            "other_director": self.staff("ailleurs", Role.DIRECTOR, structure=elsewhere),
            "office": self.staff("guichet", Role.OFFICE),
            "other_office": self.staff("mairie", Role.OFFICE, authority=self.authority("Mairie")),
            "administrator": self.staff("admin", Role.ADMINISTRATOR),
        }
        self.ids = {
            "authority_id": self.the_authority.pk,
            "structure_id": self.the_structure.pk,
            "change_id": self.change_asked(durand).pk,
            **self.papers(durand),
            "person_id": self.child_asked.pk,
            "activity_id": self.holidays.pk,
            "enrolment_id": self.request.pk,
            "family_id": durand.family.pk,
            "message_id": Message.objects.earliest("pk").pk,
            "adult_id": durand.adult.pk,
            "letter_id": queue(
                kind="accounts/invitation",
                to="",
                context={"name": "Camille", "url": "https://portail.example/", "days": 14},
                family_id=durand.family.pk,
                secret=True,
                now=NOW,
            ).pk,
            "token": "jeton",
            "device_id": 1,
            "erased_id": durand.family.pk,
            "app": "accounts",
            "name": "invitation",
            **decided_rows(self, durand, self.child_asked, self.users["administrator"]),
            **exchange_rows(durand, self.the_structure, NOW),
            **booked_rows(self, durand, self.child_asked),
            "child_id": self.child_asked.pk,
            **care_rows(durand, self.child_asked, self.the_authority),
            **billing_rows(durand),
            **relay_rows(self, durand, self.child_asked, NOW),
        }

    def change_asked(self, home: Home) -> ChangeRequest:
        address = {"street": "2 rue du Four", "postal_code": "21999", "city": "Arelle"}
        file_save(actor=home.actor, person_id=None, typed={"home.address": address}, seen={}, now=NOW)
        change = ChangeRequest.objects.get()
        change.proof = self.pdf("facture.pdf")
        change.save(update_fields=["proof"])
        return change

    def papers(self, home: Home) -> dict[str, int]:
        """A paper that waits and a publication to accept; their files are not checked for each row."""
        kind = PaperType.objects.create(
            authority=self.the_authority, title="Assurance", why="Pour tous.", about="child"
        )
        PaperNeed.objects.create(activity=self.wednesdays, paper_type=kind)
        paper = Paper.objects.create(
            paper_type=kind, family=home.family, person=self.child_asked, sent_at=NOW, sent_by="Camille"
        )
        open_case(
            actor=home.actor,
            kind="paper",
            subject=subject_of(paper),
            family_id=home.family.pk,
            authority_id=self.the_authority.pk,
            now=NOW,
        )
        page = PaperPage.objects.create(paper=paper, file=self.pdf("assurance.pdf"))
        publication = Publication.objects.create(
            structure=self.the_structure,
            theme="rules",
            title="Règlement",
            file=self.pdf("reglement.pdf"),
            published_on=NOW.date(),
            must_accept=True,
            published_by="Direction",
        )
        return {
            "type_id": kind.pk,
            "paper_id": paper.pk,
            "page_id": page.pk,
            "publication_id": publication.pk,
        }

    def pdf(self, name: str) -> StoredFile:
        return file_make(actor=SYSTEM, content=b"%PDF-1.7", name=name, pages=1, now=NOW)


NEIGHBOUR = {"name": "Line Roche", "link": "voisine", "phone": "06 39 98 10 02", "may_fetch": "on"}
# What a POST holds where an empty one would prove nothing.
POSTED = {
    "/agents/effacements/<id:erased_id>/": {"reason": "Une inscription est en cours."},
    "/agents/messages/<id:thread_id>/": {"text": "Sous le banc."},
    "/contact/echanges/<id:thread_id>/": {"text": "Et le bonnet ?"},
    "/agents/reservations/absences/<id:proof_id>/": {"answer": "accept"},
    "/agents/reservations/demandes/<id:request_id>/": {"answer": "refuse", "reason": "Complet."},
    "/famille/<id:person_id>/retirer/": {"leaving": "2026-11-30"},
    "/agents/appels/<id:refused_id>/": {"outcome": "reached"},
    "/agents/fermetures/jour/": {"reason": "Neige"},
    "/agents/fins/<id:end_id>/refuser/": {"reason": "Trop tard."},
    "/inscriptions/<id:person_id>/inscription/<id:accepted_id>/fin/": {"dernier_jour": "2026-12-18"},
    "/agents/inscriptions/<id:enrolment_id>/refuser/": {"reason": "Plus de place."},
    "/inscriptions/<id:person_id>/demander/<id:activity_id>/": {
        "starts_on": "2026-12-02",
        "ends_on": LAST_DAY.isoformat(),
    },
}

POSTED.update(
    {
        "/agents/reglages/autorisations/<id:consent_type_id>/": {"label": "Baignade", "order": "1"},
        "/agents/sante/<id:child_id>/interdictions/": {
            "name": "Max Perrin",
            "reason": "Jugement du 4 mai",
            "since": "2026-05-04",
        },
        "/famille/<id:person_id>/permission/": {
            "day": "2026-11-27",
            "name": "Rachid Haddad",
            "phone": "06 39 98 10 01",
        },
        "/famille/<id:person_id>/sante/": {"allergies": "Arachide", "is_severe": "on"},
        "/famille/<id:person_id>/sante/vaccins/": {"vaccine": "ROR", "on": "2021-03-04"},
        "/famille/<id:person_id>/venir-chercher/<id:contact_id>/": NEIGHBOUR,
        "/famille/<id:person_id>/venir-chercher/ajouter/": {**NEIGHBOUR, "name": "Paul Vidal"},
    }
)

# Whose planning: without it the page picks a child of the home itself.
WEEK = "?enfant=<id:person_id>&date=2026-12-02&vue=semaine&activite=toutes"
QUERY = {
    "/agents/fermetures/jour/": "?structure=<id:structure_id>&jour=2026-12-03",
    "/inscriptions/recu/": "?d=<id:enrolment_id>",
    "/reservations/": WEEK,
    "/reservations/repeter/": WEEK,
}


@pytest.fixture
def world(db, time_machine) -> World:
    time_machine.move_to(NOW)
    return World()


def answers(world: World, address: str, method: str) -> str:
    """The row of the table as it is: each role starts from the same rows and the same session."""
    found = []
    path = filled(address + QUERY.get(address, ""), world.ids)
    for user in (world.users[role] for role in ROLES):
        with transaction.atomic():
            client = Client(raise_request_exception=False)
            if user is not None:
                client.force_login(user)
            send = client.get if method == "GET" else client.post
            answer = send(path, POSTED.get(address, {}) if method == "POST" else {})
            answer.getvalue()  # a file is closed once it is read
            location = answer.headers.get("Location", "")
            found.append("in" if location.startswith("/connexion/?next=") else str(answer.status_code))
            transaction.set_rollback(True)
    return " ".join(found)


def filled(address: str, values: dict[str, object]) -> str:
    return re.sub(r"<\w+:(\w+)>", lambda match: str(values[match.group(1)]), address)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_role_gets_its_answer(world, address, method):
    assert (method, address) in TABLE, f"a new route: give it a row in {__name__}"
    assert answers(world, address, method) == TABLE[method, address]


def test_the_table_names_no_route_that_is_gone():
    assert {address for _method, address in TABLE} <= set(ADDRESSES)


def test_the_administration_is_for_accounts_marked_so(world):
    for role, user in world.users.items():
        client = Client()
        if user is not None:
            client.force_login(user)
        assert client.get("/administration/").status_code == 302, role
