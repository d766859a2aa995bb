"""The journal's codes in French. A code without a sentence is a mistake that a test finds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from marelle.core.french import day_long

SENTENCES: dict[str, str | Promise] = {
    "connection.opened": _("Connexion"),
    "connection.failed": _("Connexion refusée : mot de passe incorrect"),
    "connection.limited": _("Connexion refusée : trop d’essais"),
    "connection.closed": _("Déconnexion"),
    "account.invited": _("Invitation envoyée à {label}"),
    "account.activated": _("Première connexion de {label}"),
    "account.identifier_changed": _("Identifiant modifié"),
    "account.email_asked": _("Changement d’adresse mail demandé"),
    "account.email_changed": _("Adresse mail modifiée"),
    "account.notices_chosen": _("Choix des courriels modifié"),
    "account.devices_closed": _("Autres appareils déconnectés"),
    "password.asked": _("Nouveau mot de passe demandé"),
    "password.changed": _("Mot de passe modifié"),
    "calendar.renewed": _("Adresse du calendrier renouvelée"),
    "acting.started": _("Un agent a ouvert votre espace pour agir en votre nom"),
    "letter.printed": _("Lettre imprimée : {label}"),
    "enrolment.requested": _("Demande d’inscription envoyée : {label}"),
    "enrolment.accepted": _("Inscription validée : {label}"),
    "enrolment.refused": _("Demande d’inscription refusée : {label}"),
    "enrolment.withdrawn": _("Demande d’inscription retirée : {label}"),
    "enrolment.created_by_structure": _("Inscription faite par la structure : {label}"),
    "paper.sent": _("Document envoyé : {label}"),
    "paper.pages_added": _("Pages ajoutées à un document : {label}"),
    "paper.page_removed": _("Page retirée d’un document : {label}"),
    "paper.withdrawn": _("Document retiré : {label}"),
    "paper.accepted": _("Document accepté : {label}"),
    "paper.refused": _("Document refusé : {label}"),
    "paper.read": _("Document de santé lu par la direction : {label}"),
    "paper_type.created": _("Document demandé ajouté : {label}"),
    "paper_type.changed": _("Document demandé modifié : {label}"),
    "paper_need.set": _("Document demandé par une activité : {label}"),
    "paper_need.removed": _("Document qui n’est plus demandé par une activité : {label}"),
    "publication.published": _("Document publié : {label}"),
    "publication.replaced": _("Nouvelle version publiée : {label}"),
    "publication.withdrawn": _("Document publié retiré : {label}"),
    "publication.accepted": _("Lu et accepté : {label}"),
    "health.saved": _("Fiche sanitaire modifiée : {label}"),
    "health.file_sent": _("Fichier du PAI envoyé : {label}"),
    "health.file_removed": _("Fichier du PAI retiré : {label}"),
    "health.read": _("Fiche sanitaire lue : {label}"),
    "health.listed": _("Liste des enfants et de leurs signes de santé lue : {label}"),
    "health.file_read": _("Fichier du PAI lu : {label}"),
    "health.purged": _("Fiche sanitaire effacée, à la fin de la dernière inscription : {label}"),
    "vaccination.added": _("Vaccination ajoutée : {label}"),
    "vaccination.removed": _("Vaccination retirée : {label}"),
    "pickup_contact.added": _("Personne à prévenir ou autorisée à venir ajoutée : {label}"),
    "pickup_contact.changed": _("Personne à prévenir ou autorisée à venir modifiée : {label}"),
    "pickup_contact.removed": _("Personne à prévenir ou autorisée à venir retirée : {label}"),
    "pickup_contact.ordered": _("Ordre des personnes à prévenir modifié : {label}"),
    "pickup_permission.given": _("Permission d’un jour donnée : {label}"),
    "pickup_permission.taken_back": _("Permission d’un jour reprise : {label}"),
    "pickup_ban.set": _("Interdiction de venir chercher notée, d’après un jugement"),
    "pickup_ban.lifted": _("Interdiction de venir chercher levée"),
    "consent.answered": _("Autorisations répondues : {label}"),
    "consent_type.saved": _("Autorisation de la liste modifiée : {label}"),
    "consent_type.retired": _("Autorisation retirée de la liste : {label}"),
    "consent_type.asked_again": _("Autorisation remise dans la liste : {label}"),
    "file.saved": _("Dossier modifié : {label}"),
    "file.change_asked": _("Modification du dossier proposée : {label}"),
    "file.change_accepted": _("Modification du dossier acceptée : {label}"),
    "file.change_refused": _("Modification du dossier refusée : {label}"),
    "file.change_withdrawn": _("Modification du dossier reprise : {label}"),
    "file.add_asked": _("Ajout d’une personne demandé"),
    "file.removal_asked": _("Départ demandé : {label}"),
    "file.confirmed": _("Dossier confirmé"),
    "family.erasure_asked": _("Effacement des données du foyer demandé"),
    "family.erasure_withdrawn": _("Demande d’effacement retirée"),
    "family.erasure_refused": _("Demande d’effacement refusée"),
    "family.erased": _("Données du foyer effacées : {label}"),
    "family.exported": _("Copie de toutes les données du foyer téléchargée"),
    "family.left": _("Foyer noté parti"),
    "family.back": _("Foyer noté revenu"),
    "policy.set": _("Règles des données du dossier modifiées"),
    "enrolment.end_asked": _("Fin d’inscription demandée : {label}"),
    "enrolment.end_withdrawn": _("Demande de fin d’inscription retirée : {label}"),
    "enrolment.end_accepted": _("Fin d’inscription acceptée : {label}"),
    "enrolment.end_refused": _("Demande de fin d’inscription refusée : {label}"),
    "enrolment.called": _("Le service vous a appelé : {label}"),
    "enrolment.called_in_vain": _("Le service a essayé de vous appeler : {label}"),
    "activity.requests_set": _("Demandes d’inscription, conditions modifiées : {label}"),
    "booking.enrolment_ended": _("Réservations annulées avec la fin de l’inscription : {label}"),
    "booking.closed": _("Réservations annulées par la structure : {label}"),
    "booking.saved": _("Réservations modifiées : {label}"),
    "message.sent": _("Message envoyé : {label}"),
    "message.answered": _("Réponse reçue : {label}"),
    "message.closed": _("Échange clos par la structure : {label}"),
    "message.reopened": _("Échange rouvert par la structure : {label}"),
    "news.published": _("Actualité publiée : {label}"),
    "news.withdrawn": _("Actualité retirée : {label}"),
    "invoices.imported": _("Factures importées : {label}"),
    "invoices.pdfs_imported": _("PDF de factures importés : {label}"),
    "invoices.payments_imported": _("Paiements importés : {label}"),
    "treasury.changed": _("Comment payer et contester, modifié : {label}"),
    "booking.placed": _("Place obtenue grâce à la liste d’attente : {label}"),
    "booking.offered": _("Place proposée par la structure : {label}"),
    "booking.offer_accepted": _("Place proposée acceptée : {label}"),
    "booking.offer_declined": _("Place proposée refusée : {label}"),
    "booking.offer_expired": _("Place proposée restée sans réponse : {label}"),
    "booking.answered": _("Réponse de la structure aux réservations demandées : {label}"),
    "absence.declared": _("Absence déclarée : {label}"),
    "absence.withdrawn": _("Absence retirée : {label}"),
    "absence.proof_sent": _("Justificatif d’absence envoyé : {label}"),
    "absence.justified": _("Absence justifiée : {label}"),
    "family.created": _("Dossier famille ouvert : {label}"),
    "residence.added": _("Adresse du foyer notée"),
    "quotient.added": _("Quotient familial noté"),
    "custody.set": _("Semaines de garde notées"),
    "schooling.set": _("École et classe notées"),
    "care.asked": _("Demande de mode de garde envoyée : {label}"),
    "care.contacted": _("Le relais a noté un contact : {label}"),
    "care.closed": _("Demande de mode de garde close : {label}"),
    "care.withdrawn": _("Demande de mode de garde retirée : {label}"),
    "visit.booked": _("Matinée du relais réservée : {label}"),
    "visit.changed": _("Matinée du relais modifiée : {label}"),
    "visit.cancelled": _("Matinée du relais annulée : {label}"),
    "visit.entered": _("Matinée du relais notée par un agent : {label}"),
    "childminder.added": _("Assistante maternelle ajoutée : {label}"),
    "childminder.changed": _("Assistante maternelle modifiée : {label}"),
    "childminder.stopped": _("Assistante maternelle retirée : {label}"),
    "activity.openings_generated": _("Ouvertures d’une activité calculées : {label}"),
    "structure.day_closed": _("Jour fermé : {label}"),
    "opening.closed": _("Créneau fermé : {label}"),
    "authority.described": _("Informations de la collectivité modifiées : {label}"),
    "calendar.refreshed": _("Calendrier scolaire mis à jour : {label}"),
    "post.given": _("Poste donné : {label}"),
    "absence.proof_refused": _("Justificatif d’absence non accepté : {label}"),
}

RESULTS: dict[str, str | Promise] = {
    "booked": _("réservé"),
    "requested": _("demandé"),
    "cancelled": _("annulé"),
    "changed": _("horaires modifiés"),
    "waiting": _("mis en liste d’attente"),
    "left_queue": _("retiré de la liste d’attente"),
    "validated": _("validé"),
    "refused": _("refusé"),
}

CELLS_TOLD: Final = 6

OTHER: str | Promise = _("Modification enregistrée : {label}")


def sentence(verb: str, label: str) -> str:
    """What was done, in one short line."""
    return str(SENTENCES.get(verb, OTHER)).format(label=label)


def detail(data: Mapping[str, Any]) -> str:
    """What a line says more than its sentence: the cells of a save, the days of an absence."""
    days = data.get("days", [])
    told = [day_long(date.fromisoformat(day)) for day in days[:CELLS_TOLD]]
    return cells(data) or " ; ".join([*told, *_beyond(len(days) - len(told))])


def cells(data: Mapping[str, Any]) -> str:
    """The cells of a save, the first `CELLS_TOLD` one by one; "" for acts that have none."""
    found = data.get("cells", [])
    told = [
        f"{day_long(date.fromisoformat(cell['day']))}, {cell['slot']} : {RESULTS[cell['result']]}"
        for cell in found[:CELLS_TOLD]
    ]
    return " ; ".join([*told, *_beyond(len(found) - len(told))])


def _beyond(count: int) -> list[str]:
    return [ngettext("et %d autre", "et %d autres", count) % count] if count else []
