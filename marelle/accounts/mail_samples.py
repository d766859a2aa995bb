"""The mails of this package with invented data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marelle.mail.fields import AUTHORITY, INVITED
from marelle.mail.samples import Sample, register

LINK = "https://portail.example/lien-secret/"

register(
    Sample(
        "accounts/invitation",
        _("Un agent invite un adulte à sa première connexion"),
        _("l’adulte invité"),
        {"name": "Camille Durand", "url": LINK, "days": 14},
        (INVITED, AUTHORITY),
    ),
    Sample(
        "accounts/agent_invitation",
        _("Un agent est invité à sa première connexion"),
        _("l’agent invité"),
        {"name": "Inès Caron", "url": LINK, "days": 14},
    ),
    Sample(
        "accounts/payer_invitation",
        _("Une personne est invitée à lire les factures d’un payeur"),
        _("la personne invitée"),
        {
            "name": "Odile Bertin",
            "url": LINK,
            "days": 14,
            "payer": "Département de la Côte",
            "authority": "Communauté de communes du Val d’Arelle",
            "phone": "03 00 00 00 10",
            "email": "contact@arelle.example",
        },
    ),
    Sample(
        "accounts/teen_invitation",
        _("Un enfant est invité à ouvrir son propre compte"),
        _("l’enfant invité"),
        {"name": "Zoé Durand", "url": LINK, "days": 14, "by": "Camille Durand"},
    ),
    Sample(
        "accounts/new_password",
        _("Un nouveau mot de passe est demandé"),
        _("le titulaire du compte"),
        {
            "accounts": [{"name": "Camille Durand", "identifier": "camille.durand", "url": LINK}],
            "hours": 2,
        },
    ),
    Sample(
        "accounts/password_changed",
        _("Le mot de passe a été modifié"),
        _("le titulaire du compte"),
        {"name": "Camille Durand", "identifier": "camille.durand", "is_linked": True},
    ),
    Sample(
        "accounts/confirm_email",
        _("Une nouvelle adresse de courriel est à confirmer"),
        _("la nouvelle adresse"),
        {"name": "Camille Durand", "url": LINK, "days": 2},
    ),
    Sample(
        "accounts/email_changed",
        _("L’adresse de courriel a été modifiée ou retirée"),
        _("l’ancienne adresse"),
        {"name": "Camille Durand"},
    ),
    Sample(
        "accounts/second_added",
        _("Un moyen de double authentification est ajouté"),
        _("le titulaire du compte"),
        {"name": "Camille Durand", "what": _("une application d’authentification")},
    ),
    Sample(
        "accounts/second_removed",
        _("Un moyen de double authentification est retiré"),
        _("le titulaire du compte"),
        {"name": "Camille Durand", "what": _("une application d’authentification")},
    ),
    Sample(
        "accounts/let_in",
        _("Un agent laisse entrer une fois sans double authentification"),
        _("le titulaire du compte"),
        {"name": "Camille Durand", "by": "Inès Caron", "hours": 24},
    ),
    Sample(
        "accounts/recovery_code_used",
        _("Un code de secours a servi"),
        _("le titulaire du compte"),
        {"name": "Camille Durand", "left": 7},
    ),
    Sample(
        "accounts/identity_linked",
        _("Un compte est relié à FranceConnect, ProConnect ou un autre fournisseur d’identité"),
        _("le titulaire du compte"),
        {"name": "Camille Durand", "provider": "FranceConnect", "has_password": True},
    ),
    Sample(
        "accounts/identity_unlinked",
        _("Un compte n’est plus relié à un fournisseur d’identité"),
        _("le titulaire du compte"),
        {"name": "Camille Durand", "provider": "FranceConnect"},
    ),
    Sample(
        "accounts/new_device",
        _("Le compte est ouvert sur un appareil qu’il ne connaît pas"),
        _("le titulaire du compte"),
        {
            "name": "Camille Durand",
            "when": "mardi 8 septembre à 20 h 00",
            "device": "Firefox · Windows",
            "is_last": False,
        },
    ),
    Sample(
        "accounts/second_wanted",
        _("Un poste demande bientôt la double authentification, sept jours puis un jour avant"),
        _("l’agent dont le compte n’en a pas"),
        {"name": "Inès Caron", "day": "15 septembre 2026"},
    ),
    Sample(
        "accounts/unusual_readings",
        _("Un agent a lu bien plus de fiches d’enfants que d’habitude"),
        _("le délégué à la protection des données et les administrateurs"),
        {
            "agent": "Inès Caron",
            "count": "312",
            "what": _("fiches d’enfants différents en une heure"),
            "day": _("mardi 8 septembre"),
            "at": _("mardi 8 septembre à 14 h 20"),
        },
    ),
    Sample(
        "accounts/week_of_readings",
        _("Ce que les agents ont lu dans la semaine, chaque lundi"),
        _("le délégué à la protection des données et les administrateurs"),
        {
            "monday": _("lundi 7 septembre 2026"),
            "sunday": _("dimanche 13 septembre 2026"),
            "agents": "14",
            "sheets": "212",
            "homes": "38",
            "unusual": "",
            "link": "1204",
            "digest": "9f2c61b0",
            "query": "du=2026-09-07&au=2026-09-13",
        },
    ),
    Sample(
        "accounts/journal_broken",
        _("Le journal des actes a été modifié hors de Marelle"),
        _("le délégué à la protection des données et les administrateurs"),
        {
            "count": "1",
            "link": "1\u202f204",
            "batch": "1\u202f187",
            "why": _("des actes ont été supprimés sans purge"),
        },
    ),
)
