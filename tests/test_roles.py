"""Every route × every role has its expected answer; a route without a row fails.

A request of the Durand home waits at a structure of the first authority. 302 to the login page is written
`in`, any other redirection `302`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from marelle.accounts.models import User
from marelle.activities.models import Bundle, Question
from marelle.attendance.models import Tablet
from marelle.cases.models import Case
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import PARIS
from marelle.enrolments.services import Terms, enrolment_request
from marelle.families.changes import file_save
from marelle.families.imports.services import import_prepare
from marelle.families.models import ChangeRequest, FamilyNote, Promotion
from marelle.files.models import StoredFile
from marelle.files.services import file_make
from marelle.flows.actors import actor_for
from marelle.flows.erasure import erasure_ask
from marelle.mail.models import Message
from marelle.mail.services import queue
from marelle.papers.models import Paper, PaperNeed, PaperPage, PaperReminder, PaperType, Publication
from marelle.papers.services.sending import subject_of
from marelle.places.models import Closure
from tests.attendance.world import unsettled_rows
from tests.billing.world import billing_rows
from tests.booked import booked_rows
from tests.care import care_rows
from tests.enrolments.rows import decided_rows
from tests.messaging.rows import exchange_rows
from tests.relay.rows import relay_rows
from tests.scenario import LAST_DAY, Home, Scenario, session_of, visitor
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

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)

NOBODY = "in 405 405 405 405 405 405 405 405"
CLOSED = "405 405 405 405 405 405 405 405 405"
SEEN_BY_PARENT = "in 200 404 404 404 404 404 404 404"
KEPT_BY_OFFICE = "in 403 403 403 403 403 200 404 200"
DECIDED_BY_OFFICE = "in 403 403 403 403 403 302 404 302"
NAMED = "in 403 403 403 403 403 200 200 200"
NOTED = "in 403 403 403 302 404 302 302 302"
BANNED = "in 403 403 404 302 404 302 404 302"
DECIDERS_ALL = "in 403 403 403 200 200 200 200 200"
BY_OFFICE = "in 403 403 403 403 403 200 404 200"
IN_CHARGE = "in 403 403 403 200 404 200 404 200"
DONE_IN_CHARGE = "in 403 403 403 302 404 302 404 302"
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
    ("GET", "/agents/ensemble/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/ensemble/"): "in 403 403 403 302 302 302 302 302",
    ("GET", "/agents/notes/<id:noted_id>/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/notes/<id:noted_id>/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/reglages/motifs/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/reglages/motifs/"): NOBODY,
    ("GET", "/agents/reglages/motifs/<id:authority_id>/"): NOBODY,
    ("POST", "/agents/reglages/motifs/<id:authority_id>/"): "in 403 403 403 403 403 302 404 302",
    ("GET", "/agents/presences/listes/"): "in 403 403 200 200 200 403 403 403",
    ("POST", "/agents/presences/listes/"): NOBODY,
    ("GET", "/agents/presences/listes/fichier/"): "in 403 403 200 200 302 403 403 403",
    ("POST", "/agents/presences/listes/fichier/"): NOBODY,
    ("GET", "/agents/presences/repas/"): DECIDERS_ALL,
    ("POST", "/agents/presences/repas/"): DECIDERS_ALL,
    ("GET", "/agents/presences/repas/fichier/"): "in 403 403 403 302 302 302 302 302",
    ("POST", "/agents/presences/repas/fichier/"): NOBODY,
    ("GET", "/agents/delais/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/delais/"): NOBODY,
    ("GET", "/agents/annuler/<id:decided_id>/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/annuler/<id:decided_id>/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/pointages/<id:unsettled_id>/"): IN_CHARGE,
    ("POST", "/agents/pointages/<id:unsettled_id>/"): DONE_IN_CHARGE,
    ("GET", "/agents/appels/<id:refused_id>/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/appels/<id:refused_id>/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/fermetures/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/fermetures/"): NOBODY,
    ("GET", "/agents/fermetures/jour/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/fermetures/jour/"): "in 403 403 403 200 200 200 200 200",
    ("GET", "/agents/fermetures/ouvrir/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/fermetures/ouvrir/"): "in 403 403 403 200 200 200 200 200",
    ("GET", "/agents/fermetures/places/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/fermetures/places/"): "in 403 403 403 200 200 200 200 200",
    ("GET", "/agents/fermetures/capacites/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/fermetures/capacites/"): NOBODY,
    ("GET", "/agents/fermetures/capacites/<id:gauge_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/fermetures/capacites/<id:gauge_id>/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/fermetures/<id:closure_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/fermetures/<id:closure_id>/"): NOBODY,
    ("GET", "/agents/fermetures/<id:closure_id>/annuler/"): NOBODY,
    ("POST", "/agents/fermetures/<id:closure_id>/annuler/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/presences/"): "in 403 403 200 200 200 200 200 200",
    ("POST", "/agents/presences/"): NOBODY,
    ("GET", "/agents/presences/code/"): "in 403 403 200 200 200 200 200 200",
    ("POST", "/agents/presences/code/"): "in 403 403 200 200 200 200 200 200",
    ("GET", "/agents/presences/tablettes/"): DECIDERS_ALL,
    ("POST", "/agents/presences/tablettes/"): NOBODY,
    ("GET", "/agents/presences/tablettes/ajouter/"): NOBODY,
    ("POST", "/agents/presences/tablettes/ajouter/"): DECIDERS_ALL,
    ("GET", "/agents/presences/tablettes/<id:tablet_id>/code/"): NOBODY,
    ("POST", "/agents/presences/tablettes/<id:tablet_id>/code/"): IN_CHARGE,
    ("GET", "/agents/presences/tablettes/<id:tablet_id>/retirer/"): NOBODY,
    ("POST", "/agents/presences/tablettes/<id:tablet_id>/retirer/"): DONE_IN_CHARGE,
    ("GET", "/agents/presences/codes/<id:mate_id>/effacer/"): NOBODY,
    ("POST", "/agents/presences/codes/<id:mate_id>/effacer/"): DONE_IN_CHARGE,
    # Without a tablet's own cookie, whoever is logged in finds a code to type and nothing else.
    ("GET", "/porte/"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/porte/"): "200 200 200 200 200 200 200 200 200",
    ("GET", "/porte/presences/"): "302 302 302 302 302 302 302 302 302",
    ("POST", "/porte/presences/"): CLOSED,
    ("GET", "/porte/pointer/"): CLOSED,
    ("POST", "/porte/pointer/"): "302 302 302 302 302 302 302 302 302",
    ("GET", "/porte/pointages/"): CLOSED,
    ("POST", "/porte/pointages/"): "403 403 403 403 403 403 403 403 403",
    ("GET", "/porte/enfant/"): "302 302 302 302 302 302 302 302 302",
    ("POST", "/porte/enfant/"): CLOSED,
    ("GET", "/porte/urgence/"): "302 302 302 302 302 302 302 302 302",
    ("POST", "/porte/urgence/"): CLOSED,
    ("GET", "/porte/service-worker.js"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/porte/service-worker.js"): CLOSED,
    ("GET", "/porte/manifest.webmanifest"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/porte/manifest.webmanifest"): CLOSED,
    ("GET", "/agents/presences/pointer/"): NOBODY,
    ("POST", "/agents/presences/pointer/"): "in 403 403 302 302 404 302 404 302",
    ("GET", "/agents/presences/pointages/"): NOBODY,
    ("POST", "/agents/presences/pointages/"): "in 403 403 400 400 400 400 400 400",
    ("GET", "/agents/presences/enfant/<id:child_id>/"): "in 403 403 200 200 404 200 404 200",
    ("POST", "/agents/presences/enfant/<id:child_id>/"): NOBODY,
    ("GET", "/agents/fins/<id:end_id>/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/fins/<id:end_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/fins/<id:end_id>/accepter/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/fins/<id:end_id>/accepter/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/fins/<id:end_id>/refuser/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/fins/<id:end_id>/refuser/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/activites/"): DECIDERS_ALL,
    ("POST", "/agents/activites/"): NOBODY,
    ("GET", "/agents/activites/nouvelle/"): DECIDERS_ALL,
    ("POST", "/agents/activites/nouvelle/"): NOBODY,
    ("GET", "/agents/activites/nouvelle/<id:structure_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/nouvelle/<id:structure_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/"): NOBODY,
    ("GET", "/agents/activites/<id:activity_id>/supprimer/"): NOBODY,
    ("POST", "/agents/activites/<id:activity_id>/supprimer/"): DONE_IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/modifier/<str:section>/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/modifier/<str:section>/"): IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/groupes/ajouter/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/groupes/ajouter/"): IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/groupes/changer/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/groupes/changer/"): IN_CHARGE,
    ("GET", "/agents/activites/groupes/<id:group_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/groupes/<id:group_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/groupes/<id:group_id>/supprimer/"): NOBODY,
    ("POST", "/agents/activites/groupes/<id:group_id>/supprimer/"): DONE_IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/questions/ajouter/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/questions/ajouter/"): IN_CHARGE,
    ("GET", "/agents/activites/questions/<id:question_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/questions/<id:question_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/questions/<id:question_id>/supprimer/"): NOBODY,
    ("POST", "/agents/activites/questions/<id:question_id>/supprimer/"): DONE_IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/lots/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/lots/"): NOBODY,
    ("GET", "/agents/activites/<id:activity_id>/lots/ajouter/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/lots/ajouter/"): IN_CHARGE,
    ("GET", "/agents/activites/lots/<id:bundle_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/lots/<id:bundle_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/lots/<id:bundle_id>/supprimer/"): NOBODY,
    ("POST", "/agents/activites/lots/<id:bundle_id>/supprimer/"): DONE_IN_CHARGE,
    ("GET", "/agents/activites/ouvertures/<id:dated_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/ouvertures/<id:dated_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/creneaux/ajouter/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/creneaux/ajouter/"): IN_CHARGE,
    ("GET", "/agents/activites/creneaux/<id:slot_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/creneaux/<id:slot_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/creneaux/<id:slot_id>/supprimer/"): NOBODY,
    ("POST", "/agents/activites/creneaux/<id:slot_id>/supprimer/"): DONE_IN_CHARGE,
    ("GET", "/agents/activites/creneaux/<id:slot_id>/jauges/"): IN_CHARGE,
    ("POST", "/agents/activites/creneaux/<id:slot_id>/jauges/"): DONE_IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/ouvertures/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/ouvertures/"): NOBODY,
    ("GET", "/agents/activites/<id:activity_id>/ouvertures/calculer/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/ouvertures/calculer/"): IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/sorties/ajouter/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/sorties/ajouter/"): IN_CHARGE,
    ("GET", "/agents/activites/annee/"): DECIDERS_ALL,
    ("POST", "/agents/activites/annee/"): NOBODY,
    ("GET", "/agents/activites/annee/calendrier/<id:calendar_id>/"): NOBODY,
    ("POST", "/agents/activites/annee/calendrier/<id:calendar_id>/"): "in 403 403 403 404 404 302 404 302",
    ("GET", "/agents/activites/annee/demandes/"): NOBODY,
    ("POST", "/agents/activites/annee/demandes/"): "in 403 403 403 200 200 200 200 200",
    ("GET", "/agents/activites/annee/classes/"): DECIDERS_ALL,
    ("POST", "/agents/activites/annee/classes/"): NOBODY,
    ("GET", "/agents/activites/annee/classes/<id:school_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/annee/classes/<id:school_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/annee/classes/annuler/<id:promotion_id>/"): NOBODY,
    ("POST", "/agents/activites/annee/classes/annuler/<id:promotion_id>/"): DONE_IN_CHARGE,
    ("GET", "/agents/activites/annee/copier/"): IN_CHARGE,
    ("POST", "/agents/activites/annee/copier/"): IN_CHARGE,
    ("GET", "/agents/activites/jauges/"): DECIDERS_ALL,
    ("POST", "/agents/activites/jauges/"): NOBODY,
    ("GET", "/agents/activites/jauges/ajouter/<id:structure_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/jauges/ajouter/<id:structure_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/jauges/<id:gauge_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/jauges/<id:gauge_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/jauges/<id:gauge_id>/supprimer/"): NOBODY,
    ("POST", "/agents/activites/jauges/<id:gauge_id>/supprimer/"): DONE_IN_CHARGE,
    ("GET", "/agents/activites/structures/partage/"): KEPT_BY_OFFICE,
    ("POST", "/agents/activites/structures/partage/"): NOBODY,
    ("GET", "/agents/activites/structures/partage/<str:shared_kind>/ajouter/"): KEPT_BY_OFFICE,
    ("POST", "/agents/activites/structures/partage/<str:shared_kind>/ajouter/"): KEPT_BY_OFFICE,
    ("GET", "/agents/activites/structures/partage/<str:shared_kind>/<id:shared_id>/"): KEPT_BY_OFFICE,
    ("POST", "/agents/activites/structures/partage/<str:shared_kind>/<id:shared_id>/"): KEPT_BY_OFFICE,
    ("GET", "/agents/activites/structures/partage/<str:shared_kind>/<id:shared_id>/supprimer/"): NOBODY,
    (
        "POST",
        "/agents/activites/structures/partage/<str:shared_kind>/<id:shared_id>/supprimer/",
    ): DECIDED_BY_OFFICE,
    ("GET", "/agents/activites/structures/"): DECIDERS_ALL,
    ("POST", "/agents/activites/structures/"): NOBODY,
    ("GET", "/agents/activites/structures/ajouter/<id:authority_id>/"): BY_OFFICE,
    ("POST", "/agents/activites/structures/ajouter/<id:authority_id>/"): BY_OFFICE,
    ("GET", "/agents/activites/structures/<id:structure_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/structures/<id:structure_id>/"): NOBODY,
    ("GET", "/agents/activites/structures/<id:structure_id>/modifier/"): BY_OFFICE,
    ("POST", "/agents/activites/structures/<id:structure_id>/modifier/"): BY_OFFICE,
    ("GET", "/agents/activites/structures/<id:structure_id>/supprimer/"): NOBODY,
    ("POST", "/agents/activites/structures/<id:structure_id>/supprimer/"): DECIDED_BY_OFFICE,
    ("GET", "/agents/activites/structures/<id:structure_id>/contacts/ajouter/"): IN_CHARGE,
    ("POST", "/agents/activites/structures/<id:structure_id>/contacts/ajouter/"): IN_CHARGE,
    ("GET", "/agents/activites/structures/contacts/<id:place_contact_id>/"): IN_CHARGE,
    ("POST", "/agents/activites/structures/contacts/<id:place_contact_id>/"): IN_CHARGE,
    ("GET", "/agents/activites/structures/contacts/<id:place_contact_id>/supprimer/"): NOBODY,
    ("POST", "/agents/activites/structures/contacts/<id:place_contact_id>/supprimer/"): DONE_IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/delais/"): IN_CHARGE,
    ("POST", "/agents/activites/<id:activity_id>/delais/"): IN_CHARGE,
    ("GET", "/agents/activites/<id:activity_id>/delais/fin/"): NOBODY,
    ("POST", "/agents/activites/<id:activity_id>/delais/fin/"): DONE_IN_CHARGE,
    ("GET", "/agents/courriels/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/courriels/"): NOBODY,
    ("GET", "/agents/courriels/signature/<id:authority_id>/"): BY_OFFICE,
    ("POST", "/agents/courriels/signature/<id:authority_id>/"): DECIDED_BY_OFFICE,
    ("GET", "/agents/courriels/mots/<id:authority_id>/<str:app>/<str:name>/"): BY_OFFICE,
    ("POST", "/agents/courriels/mots/<id:authority_id>/<str:app>/<str:name>/"): DECIDED_BY_OFFICE,
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
    ("GET", "/agents/documentation/<id:publication_id>/corriger/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/documentation/<id:publication_id>/corriger/"): "in 403 403 403 200 404 200 404 200",
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
    ("GET", "/agents/familles/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/familles/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/familles/<id:family_id>/"): "in 403 403 403 200 404 200 200 200",
    ("POST", "/agents/familles/<id:family_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/familles/<id:family_id>/responsables/<id:person_id>/"): NAMED,
    ("POST", "/agents/familles/<id:family_id>/responsables/<id:person_id>/"): NAMED,
    ("GET", "/agents/familles/nouvelle/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/familles/nouvelle/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/agents/familles/<id:family_id>/notes/"): NOBODY,
    ("POST", "/agents/familles/<id:family_id>/notes/"): "in 403 403 403 200 404 200 200 200",
    ("GET", "/agents/familles/<id:family_id>/notes/<id:note_id>/epingler/"): NOBODY,
    ("POST", "/agents/familles/<id:family_id>/notes/<id:note_id>/epingler/"): NOTED,
    ("GET", "/agents/familles/<id:family_id>/notes/<id:note_id>/retirer/"): NOBODY,
    ("POST", "/agents/familles/<id:family_id>/notes/<id:note_id>/retirer/"): NOTED,
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
    ("GET", "/agents/familles/importer/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/importer/"): KEPT_BY_OFFICE,
    ("GET", "/agents/familles/importer/<id:import_id>/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/importer/<id:import_id>/"): "in 403 403 403 403 403 302 404 302",
    ("GET", "/agents/familles/importer/<id:import_id>/colonnes/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/importer/<id:import_id>/colonnes/"): KEPT_BY_OFFICE,
    ("GET", "/agents/familles/importer/<id:import_id>/rapport/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/importer/<id:import_id>/rapport/"): NOBODY,
    ("GET", "/agents/familles/importer/<id:import_id>/oublier/"): NOBODY,
    ("POST", "/agents/familles/importer/<id:import_id>/oublier/"): "in 403 403 403 403 403 302 404 302",
    ("GET", "/agents/familles/<id:kept_id>/reunir/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/<id:kept_id>/reunir/"): NOBODY,
    ("GET", "/agents/familles/<id:kept_id>/reunir/<id:left_id>/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/<id:kept_id>/reunir/<id:left_id>/"): NOBODY,
    ("GET", "/agents/familles/<id:kept_id>/reunir/<id:left_id>/verifier/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/<id:kept_id>/reunir/<id:left_id>/verifier/"): KEPT_BY_OFFICE,
    ("GET", "/agents/familles/<id:kept_id>/separer/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/<id:kept_id>/separer/"): KEPT_BY_OFFICE,
    ("GET", "/agents/familles/<id:family_id>/agir/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/familles/<id:family_id>/agir/"): "in 403 403 403 403 403 302 302 302",
    ("GET", "/agents/familles/<id:family_id>/inviter/<id:adult_id>/retirer/"): (
        "in 405 405 405 405 405 405 405 405"
    ),
    ("POST", "/agents/familles/<id:family_id>/inviter/<id:adult_id>/retirer/"): (
        "in 403 403 403 403 403 302 302 302"
    ),
    ("GET", "/agents/familles/<id:family_id>/inviter/<id:adult_id>/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/familles/<id:family_id>/inviter/<id:adult_id>/"): "in 403 403 403 403 403 302 302 302",
    ("GET", "/agents/familles/terminer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/familles/terminer/"): "in 403 403 403 403 403 302 302 302",
    ("GET", "/agents/inscriptions/<id:accepted_id>/groupe/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/inscriptions/<id:accepted_id>/groupe/"): "in 403 403 403 200 404 200 404 200",
    ("GET", "/agents/inscriptions/nouvelle/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/inscriptions/nouvelle/"): "in 403 403 403 200 200 200 200 200",
    ("GET", "/agents/inscriptions/<id:enrolment_id>/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/inscriptions/<id:enrolment_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/demandes/<id:case_id>/piece/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/demandes/<id:case_id>/piece/"): "in 403 403 403 200 404 200 404 200",
    ("GET", "/agents/inscriptions/<id:enrolment_id>/accepter/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/inscriptions/<id:enrolment_id>/accepter/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/inscriptions/<id:enrolment_id>/refuser/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/inscriptions/<id:enrolment_id>/refuser/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/agents/reglages/documents/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/reglages/documents/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reglages/documents/<id:type_id>/"): "in 403 403 403 200 200 200 404 200",
    ("POST", "/agents/reglages/documents/<id:type_id>/"): "in 403 403 403 404 404 200 404 200",
    ("GET", "/agents/reglages/documents/<id:type_id>/activites/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/reglages/documents/<id:type_id>/activites/"): "in 403 403 403 200 302 200 404 200",
    ("GET", "/agents/reglages/documents/<id:type_id>/supprimer/"): NOBODY,
    ("POST", "/agents/reglages/documents/<id:type_id>/supprimer/"): DECIDED_BY_OFFICE,
    ("GET", "/agents/reglages/documents/nouveau/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/reglages/documents/nouveau/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/calendrier/<str:token>.ics"): "404 404 404 404 404 404 404 404 404",
    ("POST", "/calendrier/<str:token>.ics"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reservations/places/<id:waited_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/reservations/places/<id:waited_id>/"): "in 403 403 403 200 404 200 404 200",
    ("GET", "/agents/ecarts/<id:mismatch_id>/"): "in 403 403 404 200 404 200 404 200",
    ("POST", "/agents/ecarts/<id:mismatch_id>/"): "in 403 403 404 302 404 302 404 302",
    ("GET", "/reservations/pointage/"): "in 200 200 404 404 404 404 404 404",
    ("POST", "/reservations/pointage/"): NOBODY,
    ("GET", "/reservations/pointage/<id:mismatch_id>/"): NOBODY,
    ("POST", "/reservations/pointage/<id:mismatch_id>/"): SENT_BY_PARENT,
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
    ("GET", "/agents/reglages/autorisations/<id:consent_type_id>/supprimer/"): NOBODY,
    ("POST", "/agents/reglages/autorisations/<id:consent_type_id>/supprimer/"): DECIDED_BY_OFFICE,
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
    ("GET", "/agents/reglages/journal/"): "in 403 403 403 403 403 200 200 200",
    ("POST", "/agents/reglages/journal/"): NOBODY,
    ("GET", "/agents/reglages/journal/export/"): NOBODY,
    ("POST", "/agents/reglages/journal/export/"): "in 403 403 403 403 403 200 200 200",
    ("GET", "/agents/reglages/conservation/"): "in 403 403 403 403 403 200 403 200",
    ("POST", "/agents/reglages/conservation/"): "in 403 403 403 403 403 200 403 200",
    ("GET", "/agents/reglages/apparence/"): "in 403 403 403 403 403 200 403 200",
    ("POST", "/agents/reglages/apparence/"): "in 403 403 403 403 403 200 403 200",
    ("GET", "/agents/reglages/textes/"): "in 403 403 403 403 403 200 403 200",
    ("POST", "/agents/reglages/textes/"): "in 403 403 403 403 403 200 403 200",
    ("GET", "/theme/couleurs-<int:revision>.css"): "200 200 200 200 200 200 200 200 200",
    ("POST", "/theme/couleurs-<int:revision>.css"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/theme/logo-<int:revision>.png"): "404 404 404 404 404 404 404 404 404",
    ("POST", "/theme/logo-<int:revision>.png"): "405 405 405 405 405 405 405 405 405",
    ("GET", "/agents/reglages/agents/"): DECIDERS_ALL,
    ("POST", "/agents/reglages/agents/"): NOBODY,
    ("GET", "/agents/reglages/agents/inviter/"): DECIDERS_ALL,
    ("POST", "/agents/reglages/agents/inviter/"): DECIDERS_ALL,
    ("GET", "/agents/reglages/agents/<id:colleague_id>/"): IN_CHARGE,
    ("POST", "/agents/reglages/agents/<id:colleague_id>/"): IN_CHARGE,
    ("GET", "/agents/reglages/agents/<id:colleague_id>/suspendre/"): NOBODY,
    ("POST", "/agents/reglages/agents/<id:colleague_id>/suspendre/"): DONE_IN_CHARGE,
    ("GET", "/agents/reglages/agents/<id:colleague_id>/rendre/"): NOBODY,
    ("POST", "/agents/reglages/agents/<id:colleague_id>/rendre/"): DONE_IN_CHARGE,
    ("GET", "/agents/reglages/agents/<id:colleague_id>/inviter/"): NOBODY,
    ("POST", "/agents/reglages/agents/<id:colleague_id>/inviter/"): DONE_IN_CHARGE,
    ("GET", "/agents/reglages/collectivite/"): "in 403 403 403 403 403 302 302 200",
    ("POST", "/agents/reglages/collectivite/"): NOBODY,
    ("GET", "/agents/reglages/collectivite/<id:authority_id>/"): "in 403 403 403 403 403 200 404 200",
    ("POST", "/agents/reglages/collectivite/<id:authority_id>/"): "in 403 403 403 403 403 200 404 200",
    ("GET", "/agents/reglages/champs/"): "in 403 403 403 403 403 200 403 200",
    ("POST", "/agents/reglages/champs/"): "in 403 403 403 403 403 200 403 200",
    ("GET", "/agents/places/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/places/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/places/jour/"): "in 403 403 200 200 200 200 200 200",
    ("POST", "/agents/places/jour/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/places/personnel/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/places/personnel/"): "in 403 403 403 302 302 302 200 302",
    ("GET", "/agents/places/attente/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/places/attente/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/places/attente/<id:waited_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/places/attente/<id:waited_id>/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/places/attente/<id:waited_id>/<id:waiting_id>/"): ("in 405 405 405 405 405 405 405 405"),
    ("POST", "/agents/places/attente/<id:waited_id>/<id:waiting_id>/"): (
        "in 403 403 403 200 404 200 404 200"
    ),
    ("GET", "/agents/places/attente/<id:waited_id>/proposer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/places/attente/<id:waited_id>/proposer/"): "in 403 403 403 302 404 302 404 302",
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
    ("GET", "/agents/documents/manquants/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/documents/manquants/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/documents/manquants/relancer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/documents/manquants/relancer/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/documents/manquants/relances/<id:reminder_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/documents/manquants/relances/<id:reminder_id>/"): (
        "in 405 405 405 405 405 405 405 405"
    ),
    ("GET", "/agents/actualites/<id:news_id>/envoyer/"): "in 403 403 403 302 404 302 404 302",
    ("POST", "/agents/actualites/<id:news_id>/envoyer/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/actualites/<id:news_id>/envoi/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/actualites/<id:news_id>/envoi/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/actualites/<id:news_id>/retirer/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/actualites/<id:news_id>/retirer/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/messages/"): "in 403 403 403 200 200 200 200 200",
    ("POST", "/agents/messages/"): "in 405 405 405 405 405 405 405 405",
    ("GET", "/agents/messages/modeles/"): DECIDERS_ALL,
    ("POST", "/agents/messages/modeles/"): NOBODY,
    ("GET", "/agents/messages/modeles/nouveau/"): DECIDERS_ALL,
    ("POST", "/agents/messages/modeles/nouveau/"): DECIDERS_ALL,
    ("GET", "/agents/messages/modeles/<id:reply_id>/"): IN_CHARGE,
    ("POST", "/agents/messages/modeles/<id:reply_id>/"): IN_CHARGE,
    ("GET", "/agents/messages/modeles/<id:reply_id>/supprimer/"): NOBODY,
    ("POST", "/agents/messages/modeles/<id:reply_id>/supprimer/"): DONE_IN_CHARGE,
    ("GET", "/agents/messages/<id:thread_id>/"): "in 403 403 403 200 404 200 404 200",
    ("POST", "/agents/messages/<id:thread_id>/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/messages/<id:thread_id>/confier/"): "in 405 405 405 405 405 405 405 405",
    ("POST", "/agents/messages/<id:thread_id>/confier/"): "in 403 403 403 302 404 302 404 302",
    ("GET", "/agents/messages/<id:thread_id>/passer/"): IN_CHARGE,
    ("POST", "/agents/messages/<id:thread_id>/passer/"): IN_CHARGE,
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
    ("GET", "/agents/chiffres/"): DECIDERS_ALL,
    ("POST", "/agents/chiffres/"): NOBODY,
    ("GET", "/agents/chiffres/csv/"): "in 403 403 403 200 200 200 404 200",
    ("POST", "/agents/chiffres/csv/"): NOBODY,
    ("GET", "/agents/chiffres/xlsx/"): "in 403 403 403 200 200 200 404 200",
    ("POST", "/agents/chiffres/xlsx/"): NOBODY,
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
            "section": "qui",
            "shared_kind": "ecoles",
            "shared_id": self.the_school.pk,
            "place_contact_id": self.the_structure.contacts.get().pk,
            "group_id": self.group(self.holidays, "6–8 ans", (6, 8)).pk,
            "dated_id": self.opening(self.slot(self.holidays, "Soir"), date(2026, 12, 2)).pk,
            "bundle_id": Bundle.objects.create(activity=self.holidays, name="Semaine").pk,
            "question_id": Question.objects.create(activity=self.holidays, text="Sait-il nager ?").pk,
            "slot_id": self.slot(self.holidays, "Atelier", weekdays=[1]).pk,
            "structure_id": self.the_structure.pk,
            "gauge_id": self.gauge("Bâtiment", 84).pk,
            "closure_id": Closure.objects.create(
                structure=self.the_structure, reason="Neige", first_day=NOW.date(), last_day=NOW.date()
            ).pk,
            "change_id": self.change_asked(durand).pk,
            **self.papers(durand),
            "reminder_id": PaperReminder.objects.create(
                structure=self.the_structure, homes=1, asked_at=NOW, asked_by="Line"
            ).pk,
            "case_id": Case.objects.get(kind="enrolment", subject_id=self.request.pk).pk,
            "person_id": self.child_asked.pk,
            "activity_id": self.holidays.pk,
            "calendar_id": self.the_calendar.pk,
            "enrolment_id": self.request.pk,
            "family_id": durand.family.pk,
            "import_id": import_prepare(
                actor=actor_for(self.staff("imports", Role.OFFICE)),
                upload=SimpleUploadedFile("familles.csv", b"Prenom parent 1;Nom parent 1\nAnne;Petit\n"),
                now=NOW,
            ).pk,
            "kept_id": self.home("Haddad", "Rachid").family.pk,
            "left_id": self.home("Haddad", "Amina").family.pk,
            "message_id": Message.objects.earliest("pk").pk,
            "adult_id": durand.adult.pk,
            "note_id": FamilyNote.objects.create(family=durand.family, text="a", at=NOW, by="Guichet").pk,
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
            "revision": 0,
            "colleague_id": self.users["animator"].pk,
            "app": "accounts",
            "name": "invitation",
            **decided_rows(self, durand, self.child_asked, self.users["administrator"]),
            **exchange_rows(durand, self.the_structure, NOW),
            **booked_rows(self, durand, self.child_asked),
            "child_id": self.child_asked.pk,
            **care_rows(durand, self.child_asked, self.the_authority),
            **billing_rows(durand),
            **relay_rows(self, durand, self.child_asked, NOW),
            **unsettled_rows(self.the_structure, self.child_asked, NOW),
        }
        served = self.activity("Garderie", kind="after_school")
        served.schools.add(self.the_school)
        self.ids["school_id"] = self.the_school.pk
        self.ids["tablet_id"] = Tablet.objects.create(
            structure=self.the_structure, name="Entrée", secret_digest="0" * 64, enrolled_at=NOW
        ).pk
        self.ids["mate_id"] = self.users["animator"].pk
        self.ids["promotion_id"] = Promotion.objects.create(
            school=self.the_school, school_year=2027, children=1, made_at=NOW, made_by="Line"
        ).pk
        self.ids["noted_id"] = self.ids["decided_id"] = Case.objects.get(
            kind="enrolment", subject_id=self.request.pk
        ).pk

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
    "/agents/ecarts/<id:mismatch_id>/": {"answer": "refuse", "reason": "L’équipe l’a cherché."},
    "/agents/reservations/demandes/<id:request_id>/": {"answer": "refuse", "reason": "Complet."},
    "/famille/<id:person_id>/retirer/": {"leaving": "2026-11-30"},
    "/agents/appels/<id:refused_id>/": {"outcome": "reached"},
    "/agents/fermetures/jour/": {"reason": "Neige"},
    "/agents/fermetures/capacites/<id:gauge_id>/": {
        "since": "2026-12-03",
        "capacity": "60",
        "then": "keep",
        "confirme": "1",
    },
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
    "/agents/activites/<id:activity_id>/delais/fin/": "?creneau=<id:slot_id>",
    "/agents/activites/annee/copier/": "?a=<id:activity_id>",
    "/agents/documents/manquants/relancer/": "?ou=<id:structure_id>",
    "/agents/presences/pointer/": "?structure=<id:structure_id>",
    "/agents/presences/pointages/": "?structure=<id:structure_id>",
    "/agents/presences/enfant/<id:child_id>/": "?structure=<id:structure_id>&jour=2026-11-26",
    "/agents/fermetures/jour/": "?structure=<id:structure_id>&jour=2026-12-03",
    "/agents/fermetures/ouvrir/": "?structure=<id:structure_id>&jour=2026-12-03",
    "/agents/fermetures/places/": "?structure=<id:structure_id>&jour=2026-12-03",
    "/agents/presences/listes/fichier/": "?format=csv",
    "/agents/presences/repas/fichier/": "?format=csv",
    "/inscriptions/recu/": "?d=<id:enrolment_id>",
    "/reservations/": WEEK,
    "/reservations/repeter/": WEEK,
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[World]:
    """One for the whole table: each request is undone."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def sessions(world: World) -> list[str | None]:
    """One a role, None for nobody's."""
    users = (world.users[role] for role in ROLES)
    return [user and session_of(user) for user in users]


def answers(world: World, sessions: list[str | None], address: str, method: str) -> str:
    """The row of the table as it is: each role starts from the same rows and the same session."""
    found = []
    path = filled(address + QUERY.get(address, ""), world.ids)
    for session in sessions:
        with transaction.atomic():
            client = visitor(session)
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
def test_each_role_gets_its_answer(world, sessions, address, method):
    assert (method, address) in TABLE, f"a new route: give it a row in {__name__}"
    assert answers(world, sessions, address, method) == TABLE[method, address]


def test_the_table_names_no_route_that_is_gone():
    assert {address for _method, address in TABLE} <= set(ADDRESSES)


def test_the_administration_is_for_accounts_marked_so(world):
    for role, user in world.users.items():
        client = Client()
        if user is not None:
            client.force_login(user)
        assert client.get("/administration/").status_code == 302, role
