"""The journal's codes in French. A code without a sentence is a mistake that a test finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marelle.bookings.labels import PASSED as BOOKING_PASSED
from marelle.bookings.rules import Why
from marelle.campaigns.acts import CAMPAIGNS
from marelle.core.french import day_long, until_long
from marelle.enrolments.labels import PASSED as ENROLMENT_PASSED
from marelle.flows.journal.enrolment_sentences import OF_ENROLMENTS
from marelle.flows.journal.file_sentences import OF_FILES
from marelle.flows.journal.guest_sentences import OF_GUESTS

SENTENCES: dict[str, str | Promise] = {
    "connection.opened": _("Connexion"),
    "connection.failed": _("Connexion refusée : mot de passe incorrect"),
    "connection.limited": _("Connexion refusée : trop d’essais"),
    "connection.closed": _("Déconnexion"),
    "account.invited": _("Invitation envoyée à {label}"),
    "account.invitation_revoked": _("Invitation retirée à {label}"),
    "account.activated": _("Première connexion : {label}"),
    "account.identifier_changed": _("Identifiant modifié"),
    "account.email_asked": _("Changement d’adresse de courriel demandé"),
    "account.email_changed": _("Adresse de courriel modifiée"),
    "account.exported": _("Copie de toutes les données du compte téléchargée"),
    "account.notices_chosen": _("Choix des courriels modifié"),
    "account.device_new": _("Connexion sur un nouvel appareil"),
    "account.devices_closed": _("Appareils déconnectés"),
    "password.asked": _("Nouveau mot de passe demandé"),
    "password.changed": _("Mot de passe modifié"),
    "second.added": _("Double authentification : un moyen ajouté"),
    "second.removed": _("Double authentification : un moyen retiré"),
    "second.passkey_named": _("Clé d’accès renommée"),
    "second.browser_remembered": _("Appareil de confiance ajouté, pour trente jours"),
    "second.browser_forgotten": _("Appareil de confiance retiré"),
    "second.let_in": _("Entrée une fois sans le second facteur, permise par un agent"),
    "let_in.given": _("Entrée permise une fois sans le second facteur : {label}"),
    "watching.told": _("Consultations inhabituelles signalées\u00a0: {label}"),
    "second_rule.set": _("Double authentification exigée : dates modifiées"),
    "second.reminded": _("Double authentification : rappel envoyé"),
    "session_life.set": _("Durées de connexion modifiées"),
    "second.failed": _("Connexion refusée : la double authentification a échoué"),
    "second.codes_made": _("Double authentification : nouveaux codes de secours"),
    "second.code_used": _("Double authentification : un code de secours a servi"),
    "identity.linked": _("Compte relié à une identité : {label}"),
    "identity.unlinked": _("Compte qui n’est plus relié à une identité : {label}"),
    "arrival.asked": _("Première visite, le guichet doit dire qui c’est : {label}"),
    "arrival.linked": _("Première visite reliée à un dossier : {label}"),
    "arrival.refused": _("Première visite reliée à personne : {label}"),
    "arrival.purged": _("Première visite effacée après son délai"),
    "calendar.renewed": _("Adresse du calendrier renouvelée"),
    "acting.started": _("Un agent a ouvert votre espace pour agir en votre nom"),
    "door.call_closed": _("Appel clos : {label}"),
    "door.call_reopened": _("Appel rouvert : {label}"),
    "door.settled": _("Pointage réglé : {label}"),
    "mismatch.told": _("Présence et réservation différentes, signalé : {label}"),
    "mismatch.lifted": _("Présence et réservation s’accordent depuis : {label}"),
    "mismatch.answered": _("Réponse donnée sur la présence : {label}"),
    "mismatch.corrected": _("Présence corrigée par la structure : {label}"),
    "mismatch.left": _("Réponse sur la présence lue par la structure, rien n’est changé : {label}"),
    "mismatch.undone": _("Décision reprise, la réponse sur la présence attend : {label}"),
    "no_show.asked": _("Absences sans prévenir, un agent doit en décider\u00a0: {label}"),
    "no_show.warned": _("Famille avertie après des absences sans prévenir\u00a0: {label}"),
    "no_show.left": _("Absences sans prévenir laissées sans suite\u00a0: {label}"),
    "no_show.undone": _("Décision reprise, les absences sans prévenir attendent\u00a0: {label}"),
    "tablet.enrolled": _("Tablette autorisée : {label}"),
    "tablet.revoked": _("Tablette retirée : {label}"),
    "pin.set": _("Code de la tablette choisi : {label}"),
    "pin.forgotten": _("Code de la tablette effacé : {label}"),
    "pin.locked": _("Tablette : cinq codes faux pour {label}"),
    "case.passed": _("Demande passée à un autre service : {label}"),
    "reasons.saved": _("Motifs de refus modifiés : {label}"),
    "letter.printed": _("Lettre imprimée : {label}"),
    "paper.sent": _("Document envoyé : {label}"),
    "paper.pages_added": _("Pages ajoutées à un document : {label}"),
    "paper.page_removed": _("Page retirée d’un document : {label}"),
    "paper.decision_undone": _("Décision reprise, le document attend d’être vérifié : {label}"),
    "paper.withdrawn": _("Document retiré : {label}"),
    "paper.requested": _("Document demandé à la famille : {label}"),
    "paper.accepted": _("Document accepté : {label}"),
    "paper.refused": _("Document refusé : {label}"),
    "stored_file.destroyed": _("Fichier détruit : un virus y a été trouvé"),
    "paper.purged": _("Document effacé, il ne comptait plus : {label}"),
    "paper.read": _("Document de santé lu par la direction : {label}"),
    "paper.reminded": _("Familles relancées pour leurs documents : {label}"),
    "paper_type.created": _("Document demandé ajouté : {label}"),
    "paper_type.removed": _("Document demandé supprimé : {label}"),
    "paper_type.changed": _("Document demandé modifié : {label}"),
    "paper_need.set": _("Document demandé par une activité : {label}"),
    "paper_need.removed": _("Document qui n’est plus demandé par une activité : {label}"),
    "publication.published": _("Document publié : {label}"),
    "publication.replaced": _("Nouvelle version publiée : {label}"),
    "publication.corrected": _("Document publié corrigé : {label}"),
    "publication.withdrawn": _("Document publié retiré : {label}"),
    "publication.accepted": _("Lu et accepté : {label}"),
    "health.saved": _("Fiche sanitaire modifiée : {label}"),
    "health.file_sent": _("Fichier du PAI envoyé : {label}"),
    "health.file_removed": _("Fichier du PAI retiré : {label}"),
    "health.read": _("Fiche sanitaire lue : {label}"),
    "health.signs_read": _("Signes de santé lus dans une demande : {label}"),
    "health.listed": _("Liste des enfants et de leurs signes de santé lue : {label}"),
    "health.file_read": _("Fichier du PAI lu : {label}"),
    "health.purged": _("Fiche sanitaire effacée, à la fin de la dernière inscription : {label}"),
    "vaccination.added": _("Vaccination ajoutée : {label}"),
    "vaccination.removed": _("Vaccination retirée : {label}"),
    "pickup_contact.added": _("Personne à prévenir ou autorisée à venir ajoutée : {label}"),
    "pickup_contact.changed": _("Personne à prévenir ou autorisée à venir modifiée : {label}"),
    "pickup_contact.removed": _("Personne à prévenir ou autorisée à venir retirée : {label}"),
    "pickup_contact.ordered": _("Ordre des personnes à prévenir modifié : {label}"),
    "pickup_permission.given": _("Permission d’un jour donnée : {label}"),
    "pickup_permission.taken_back": _("Permission d’un jour reprise : {label}"),
    "pickup_ban.set": _("Interdiction de venir chercher notée, d’après un jugement"),
    "pickup_ban.lifted": _("Interdiction de venir chercher levée"),
    "restriction.written": _("Restriction d’un juge écrite"),
    "restriction.confirmed": _("Restriction d’un juge confirmée"),
    "restriction.refused": _("Restriction d’un juge refusée"),
    "restriction.end_proposed": _("Fin d’une restriction d’un juge proposée"),
    "restriction.end_agreed": _("Fin d’une restriction d’un juge confirmée"),
    "restriction.end_dropped": _("Fin d’une restriction d’un juge écartée"),
    "consent.answered": _("Autorisations répondues : {label}"),
    "consent_type.saved": _("Autorisation de la liste modifiée : {label}"),
    "consent_type.retired": _("Autorisation retirée de la liste : {label}"),
    "consent_type.removed": _("Autorisation supprimée de la liste : {label}"),
    "consent_type.asked_again": _("Autorisation remise dans la liste : {label}"),
    "caf_agreement.given": _("Accord donné pour interroger la CAF ou la MSA : {label}"),
    "caf_agreement.ended": _("Accord retiré pour interroger la CAF ou la MSA : {label}"),
    "family.dormant_told": _("Foyer sans nouvelles prévenu : {label}"),
    "family.dormant_confirmed": _("Effacement d’un foyer sans nouvelles confirmé : {label}"),
    "family.dormant_kept": _("Foyer sans nouvelles gardé par un agent : {label}"),
    "family.reduced": _("Foyer effacé, sauf ce que la CAF peut contrôler : {label}"),
    "dormant.visa_set": _("Visa des archives avant effacement : choix modifié"),
    "evening.set": _("Envoi de la liste de la veille réglé : {label}"),
    "evening.sent": _("Liste de la veille envoyée : {label}"),
    "evening.password_read": _("Mot de passe des listes de la veille lu : {label}"),
    "evening.password_renewed": _("Mot de passe des listes de la veille changé : {label}"),
    "caf.unheard": _("CAF ou MSA sans réponse, signalé au guichet et à l’administration"),
    "caf.asked": _("CAF ou MSA interrogée : {label}"),
    "file.saved": _("Dossier modifié : {label}"),
    "file.change_asked": _("Modification du dossier proposée : {label}"),
    "file.change_accepted": _("Modification du dossier acceptée : {label}"),
    "file.change_refused": _("Modification du dossier refusée : {label}"),
    "file.change_undone": _("Décision reprise, la modification du dossier attend : {label}"),
    "file.change_withdrawn": _("Modification du dossier reprise : {label}"),
    "file.add_asked": _("Ajout d’une personne demandé"),
    "file.removal_asked": _("Départ demandé : {label}"),
    "file.confirmed": _("Dossier confirmé"),
    "family.erasure_asked": _("Effacement des données du foyer demandé"),
    "family.erasure_withdrawn": _("Demande d’effacement retirée"),
    "family.erasure_refused": _("Demande d’effacement refusée"),
    "family.erased": _("Données du foyer effacées : {label}"),
    "family.merged": _("Dossiers réunis : {label}"),
    "family.separated": _("Foyer séparé : des personnes ont désormais leur propre dossier"),
    "family.begun": _("Dossier ouvert à la séparation d’un foyer"),
    "moving.done": _("Fichier repris d’un autre logiciel : {label}"),
    "family.imported": _("Familles importées : {label}"),
    "family.exported": _("Copie de toutes les données du foyer téléchargée"),
    "family.left": _("Foyer noté parti"),
    "family.back": _("Foyer noté revenu"),
    "policy.set": _("Règles des données du dossier modifiées"),
    "booking.enrolment_ended": _("Réservations annulées avec la fin de l’inscription : {label}"),
    "booking.gone_along": _("Réservations annulées avec celles dont elles dépendent : {label}"),
    "booking.left_alone": _("Réservation laissée sans celle dont elle dépend : {label}"),
    "booking.left_alone_undone": _("Réservation seule à revoir : {label}"),
    "booking.closed": _("Réservations annulées par la structure : {label}"),
    "booking.restored": _("Réservations rétablies par la structure : {label}"),
    "booking.moved_in": _("Réservations reprises d’un autre logiciel : {label}"),
    "booking.saved": _("Réservations modifiées : {label}"),
    "message.sent": _("Message envoyé : {label}"),
    "message.answered": _("Réponse reçue : {label}"),
    "message.assigned": _("Échange confié à un agent : {label}"),
    "reply_template.saved": _("Modèle de réponse enregistré : {label}"),
    "reply_template.removed": _("Modèle de réponse supprimé : {label}"),
    "message.passed": _("Échange passé à un autre service : {label}"),
    "message.closed": _("Échange clos par la structure : {label}"),
    "message.purged": _("Échange effacé, à la fin du délai de conservation : {label}"),
    "message.reopened": _("Échange rouvert par la structure : {label}"),
    "news.published": _("Actualité publiée : {label}"),
    "news.sent": _("Actualité envoyée aux familles : {label}"),
    "news.withdrawn": _("Actualité retirée : {label}"),
    "invoices.imported": _("Factures importées : {label}"),
    "stray_payment.given": _("Encaissement rattaché à la facture {label}"),
    "stray_payment.aside": _("Encaissement écarté\u00a0: {label}"),
    "exported_bill.settled": _("Facture soldée au Trésor, notée payée\u00a0: {label}"),
    "exported_bill.taken_back": _("Facture rejetée par le Trésor, paiement repris\u00a0: {label}"),
    "exported_bill.freed": _("Facture rejetée par le Trésor, à renvoyer\u00a0: {label}"),
    "invoice.issued": _("Facture reçue : {label}"),
    "invoice.recounted": _("Facture recomptée d’après ses paiements\u00a0: {label}"),
    "payer.set": _("Payeur enregistré\u00a0: {label}"),
    "teen_access.given": _("Planning ouvert à l’enfant, par un compte à lui\u00a0: {label}"),
    "teen_access.allowed": _("Ce que l’enfant réserve lui-même est changé\u00a0: {label}"),
    "teen_access.ended": _("Compte de l’enfant fermé\u00a0: {label}"),
    **OF_ENROLMENTS,
    **OF_GUESTS,
    **OF_FILES,
    **CAMPAIGNS,
    "contest.asked": _("Ligne contestée sur la facture {label}"),
    "contest.withdrawn": _("Contestation retirée, facture {label}"),
    "contest.accepted": _("Contestation acceptée, facture {label}\u00a0: les jours ne sont plus dus"),
    "contest.refused": _("Contestation refusée, facture {label}"),
    "contest.taken_back": _("Contestation acceptée puis reprise, facture {label}\u00a0: les jours sont dus"),
    "contest.undone": _("Réponse à une contestation reprise, elle attend\u00a0: facture {label}"),
    "coverage.taken": _("Prise en charge notée\u00a0: {label}"),
    "coverage.ended": _("Prise en charge arrêtée\u00a0: {label}"),
    "coverage.withdrawn": _("Prise en charge retirée, notée par erreur\u00a0: {label}"),
    "reminder.sent": _("Relance envoyée\u00a0: {label}"),
    "reminders.sent": _("Relances de factures envoyées\u00a0: {label}"),
    "reminder_step.set": _("Étape de relance, réglée\u00a0: {label}"),
    "reminder_step.removed": _("Étape de relance retirée\u00a0: {label}"),
    "deferral.granted": _("Délai accordé pour des factures, jusqu’au {label}"),
    "deferral.ended": _("Délai accordé pour des factures arrêté, il allait jusqu’au {label}"),
    "mandate.accepted": _("Mandat de prélèvement accepté\u00a0: {label}"),
    "mandate.noted": _("Mandat de prélèvement papier enregistré\u00a0: {label}"),
    "mandate.checked": _("Mandat de prélèvement vérifié\u00a0: {label}"),
    "mandate.refused": _("Mandat de prélèvement refusé\u00a0: {label}"),
    "mandate.ended": _("Mandat de prélèvement arrêté\u00a0: {label}"),
    "billing_terms.set": _("Façon de facturer, modifiée : {label}"),
    "tresor_terms.set": _("Envoi au Trésor, réglages modifiés\u00a0: {label}"),
    "tresor_export.made": _("Fichier pour le Trésor demandé\u00a0: {label}"),
    "tresor_export.cancelled": _("Fichier pour le Trésor annulé\u00a0: {label}"),
    "addressee.completed": _("Destinataire complété pour le Trésor\u00a0: {label}"),
    "billing_run.started": _("Facturation d’un mois préparée : {label}"),
    "billing_run.paused": _("Facturation d’un mois arrêtée pour l’instant : {label}"),
    "billing_run.resumed": _("Facturation d’un mois reprise : {label}"),
    "billing_run.cancelled": _("Facturation d’un mois abandonnée : {label}"),
    "billing_run.confirmed": _("Facturation d’un mois confirmée : {label}"),
    "billing_run.issued": _("Factures d’un mois émises : {label}"),
    "exercise.closed": _("Exercice clos\u00a0: {label}"),
    "exercise.reopened": _("Exercice rouvert\u00a0: {label}"),
    "treasury.changed": _("Comment payer et contester, modifié : {label}"),
    "booking.placed": _("Place obtenue grâce à la liste d’attente : {label}"),
    "booking.waits_together": _("Places attendues ensemble ou pas du tout : {label}"),
    "booking.waits_for_one": _("Places attendues, une seule suffit : {label}"),
    "booking.waits_apart": _("Places attendues chacune pour elle-même : {label}"),
    "booking.waits_no_more": _("Liste d’attente quittée : {label}"),
    "booking.prioritised": _("Ordre de la liste d’attente modifié par la structure : {label}"),
    "booking.waiting_removed": _("Retiré de la liste d’attente par la structure : {label}"),
    "booking.offered": _("Place proposée par la structure : {label}"),
    "booking.offer_undone": _("Place proposée reprise par la structure : {label}"),
    "booking.place_left": _("Place laissée libre par la structure : {label}"),
    "booking.place_left_undone": _("Place laissée libre, de nouveau à proposer : {label}"),
    "booking.offer_accepted": _("Place proposée acceptée : {label}"),
    "booking.offer_declined": _("Place proposée refusée : {label}"),
    "booking.least_missed": _("Minimum non atteint, réservations annulées : {label}"),
    "booking.least_seen": _("Minimum non atteint, vu : {label}"),
    "booking.offer_expired": _("Place proposée restée sans réponse : {label}"),
    "booking.answer_undone": _("Réponse reprise, les réservations demandées attendent : {label}"),
    "booking.answered": _("Réponse de la structure aux réservations demandées : {label}"),
    "absence.declared": _("Absence déclarée : {label}"),
    "absence.withdrawn": _("Absence retirée : {label}"),
    "absence.proof_sent": _("Justificatif d’absence envoyé : {label}"),
    "absence.proof_read": _("Justificatif d’absence lu\u00a0: {label}"),
    "absence.justified": _("Absence justifiée : {label}"),
    "family.created": _("Dossier famille ouvert : {label}"),
    "note.added": _("Note ajoutée au dossier : {label}"),
    "note.pinned": _("Note épinglée : {label}"),
    "note.unpinned": _("Note qui n’est plus épinglée : {label}"),
    "note.removed": _("Note retirée du dossier : {label}"),
    "residence.added": _("Adresse du foyer notée"),
    "quotient.added": _("Quotient familial noté"),
    "income.noted": _("Revenu noté : {label}"),
    "income.read": _("Revenus du foyer lus : {label}"),
    "income.corrected": _("Revenu corrigé : {label}"),
    "guardians.set": _("Droits d’un responsable notés : {label}"),
    "custody.set": _("Semaines de garde notées"),
    "schooling.set": _("École et classe notées"),
    "schooling.listed": _("Classe notée d’après la liste de l’école"),
    "schooling.ended": _("Départ de l’école noté"),
    "pupils.listed": _("Liste des élèves prise en compte : {label}"),
    "schooling.promoted": _("Classe de l’année prochaine notée"),
    "schooling.promotion_undone": _("Classe de l’année prochaine retirée"),
    "promotion.made": _("Passage de classe : {label}"),
    "promotion.undone": _("Passage de classe annulé : {label}"),
    "care.asked": _("Demande de mode de garde envoyée : {label}"),
    "care.contacted": _("Le relais a noté un contact : {label}"),
    "care.filed": _("Demande de mode de garde rattachée au dossier\u00a0: {label}"),
    "care.undone": _("Demande de mode de garde rouverte : {label}"),
    "care.closed": _("Demande de mode de garde close : {label}"),
    "care.purged": _("Demande de mode de garde effacée, à la fin du délai de conservation : {label}"),
    "care.withdrawn": _("Demande de mode de garde retirée : {label}"),
    "visit.booked": _("Matinée du relais réservée : {label}"),
    "visit.changed": _("Matinée du relais modifiée : {label}"),
    "visit.cancelled": _("Matinée du relais annulée : {label}"),
    "visit.closed": _("Matinée du relais annulée par la structure : {label}"),
    "visit.restored": _("Matinée du relais rétablie : {label}"),
    "visit.entered": _("Matinée du relais notée par un agent : {label}"),
    "activity.openings_generated": _("Ouvertures d’une activité calculées : {label}"),
    "structure.closed": _("Fermeture : {label}"),
    "structure.closing_undone": _("Fermeture annulée : {label}"),
    "structure.places_reduced": _("Moins de places : {label}"),
    "structure.added": _("Structure ajoutée : {label}"),
    "structure.changed": _("Structure modifiée : {label}"),
    "structure.removed": _("Structure supprimée : {label}"),
    "meal.typed": _("Adultes et pique-niques notés pour les repas : {label}"),
    "meal.ordered": _("Repas commandés : {label}"),
    "staff_member.added": _("Personne ajoutée au registre du personnel : {label}"),
    "staff_member.changed": _("Personne modifiée dans le registre du personnel : {label}"),
    "staff_member.removed": _("Personne retirée du registre du personnel : {label}"),
    "staff_member.purged": _(
        "Personne effacée du registre du personnel, à la fin du délai de conservation : {label}"
    ),
    "staff_member.carried": _("Registre du personnel repris pour une année : {label}"),
    "staff.planned": _("Personnel prévu, modifié : {label}"),
    "activity.added": _("Activité ajoutée : {label}"),
    "activity.copied": _("Activité copiée vers l’année suivante : {label}"),
    "activity.changed": _("Activité modifiée : {label}"),
    "activity.removed": _("Activité supprimée : {label}"),
    "age_group.added": _("Groupe d’âge ajouté : {label}"),
    "age_group.changed": _("Groupe d’âge modifié : {label}"),
    "age_group.removed": _("Groupe d’âge supprimé : {label}"),
    "booking_condition.added": _("Condition de réservation ajoutée : {label}"),
    "booking_condition.changed": _("Condition de réservation modifiée : {label}"),
    "booking_condition.removed": _("Condition de réservation supprimée : {label}"),
    "booking_bound.added": _("Plafond de réservation ajouté : {label}"),
    "booking_bound.changed": _("Plafond de réservation modifié : {label}"),
    "booking_bound.removed": _("Plafond de réservation supprimé : {label}"),
    "awaited_opening.added": _("Salle d’attente prévue : {label}"),
    "awaited_opening.changed": _("Salle d’attente déplacée : {label}"),
    "awaited_opening.removed": _("Salle d’attente supprimée : {label}"),
    "kept_places.added": _("Places gardées : {label}"),
    "kept_places.changed": _("Places gardées modifiées : {label}"),
    "kept_places.removed": _("Places gardées supprimées : {label}"),
    "kept_places.named": _("Des places sont gardées pour {label}"),
    "kept_places.unnamed": _("Plus de place gardée pour {label}"),
    "card.given": _("Carte d’entrées donnée : {label}"),
    "card.ended": _("Carte d’entrées terminée : {label}"),
    "bundle.added": _("Lot créé : {label}"),
    "bundle.changed": _("Lot modifié : {label}"),
    "bundle.removed": _("Lot supprimé : {label}"),
    "opening.changed": _("Ouverture corrigée à la main : {label}"),
    "question.added": _("Question ajoutée : {label}"),
    "question.changed": _("Question modifiée : {label}"),
    "question.removed": _("Question supprimée : {label}"),
    "slot.added": _("Créneau ajouté : {label}"),
    "slot.changed": _("Créneau modifié : {label}"),
    "slot.gauges_set": _("Jauges d’un créneau modifiées : {label}"),
    "slot.removed": _("Créneau supprimé : {label}"),
    "gauge.added": _("Jauge ajoutée : {label}"),
    "gauge.changed": _("Jauge modifiée : {label}"),
    "gauge.removed": _("Jauge supprimée : {label}"),
    "structure.contact_added": _("Contact d’une structure ajouté : {label}"),
    "structure.contact_changed": _("Contact d’une structure modifié : {label}"),
    "structure.contact_removed": _("Contact d’une structure supprimé : {label}"),
    "booking_rules.set": _("Délais de réservation modifiés : {label}"),
    "booking_rules.ended": _("Délais propres à un créneau arrêtés : {label}"),
    "absence_rules.set": _("Règles d’absence modifiées : {label}"),
    "absence_rules.ended": _("Règles d’absence arrêtées : {label}"),
    "price_trait.noted": _("Situation particulière pour les prix notée"),
    "price_trait.ended": _("Situation particulière pour les prix arrêtée"),
    "subscription.taken": _("Abonnement, carte ou cotisation pris : {label}"),
    "subscription.ended": _("Abonnement, carte ou cotisation arrêté : {label}"),
    "tariff.set": _("Tarif ajouté : {label}"),
    "tariff.ended": _("Tarif arrêté : {label}"),
    "tariff.product_added": _("Abonnement, carte ou cotisation ajouté : {label}"),
    "tariff.product_changed": _("Abonnement, carte ou cotisation modifié : {label}"),
    "tariff.product_removed": _("Abonnement, carte ou cotisation retiré : {label}"),
    "tariff.bound_set": _("Plancher et plafond de ressources fixés : {label}"),
    "opening.outing_added": _("Sortie ajoutée : {label}"),
    "opening.closed": _("Créneau fermé : {label}"),
    "opening.reopened": _("Créneau rouvert : {label}"),
    "opening.added": _("Jour ouvert exceptionnellement : {label}"),
    "gauge.confirmed": _("Nombre de places confirmé : {label}"),
    "gauge.capacity_set": _("Capacité modifiée : {label}"),
    "authority.described": _("Informations de la collectivité modifiées : {label}"),
    "authority.look_set": _("Nom, couleurs ou logo du portail modifiés : {label}"),
    "authority.mail_worded": _("Mots d’un courriel modifiés : {label}"),
    "authority.mails_signed": _("Signature des courriels modifiée : {label}"),
    "authority.texts_set": _("Textes du portail modifiés : {label}"),
    "outbox.settled": _("Courriels retenus d’une sauvegarde : envoyés ou abandonnés"),
    "delay.set": _("Délais de conservation modifiés"),
    "authority.added": _("Collectivité ajoutée : {label}"),
    "authority.changed": _("Collectivité renommée : {label}"),
    "commune.added": _("Commune ajoutée : {label}"),
    "commune.changed": _("Commune modifiée : {label}"),
    "commune.residents_found": _("Adresses rattachées à une commune : {label}"),
    "commune.removed": _("Commune supprimée : {label}"),
    "school.added": _("École ajoutée : {label}"),
    "school.changed": _("École modifiée : {label}"),
    "school.removed": _("École supprimée : {label}"),
    "calendar.added": _("Calendrier ajouté : {label}"),
    "calendar.changed": _("Calendrier modifié : {label}"),
    "calendar.removed": _("Calendrier supprimé : {label}"),
    "calendar.span_added": _("Jours ajoutés à un calendrier : {label}"),
    "calendar.span_changed": _("Jours d’un calendrier modifiés : {label}"),
    "calendar.span_removed": _("Jours retirés d’un calendrier : {label}"),
    "calendar.refreshed": _("Calendrier scolaire mis à jour : {label}"),
    "staff_journal.exported": _("Journal des agents exporté"),
    "consulted.read": _("Consultations des agents lues"),
    "consulted.exported": _("Consultations des agents exportées"),
    "consulted.summed": _("Consultations de la semaine envoyées au délégué : {label}"),
    "reading_bound.set": _("Seuils des consultations inhabituelles modifiés"),
    "post.given": _("Poste donné : {label}"),
    "absence.proof_undone": _("Décision reprise, le justificatif attend d’être vérifié : {label}"),
    "post.incomes": _("Lecture des revenus changée : {label}"),
    "post.taken": _("Poste retiré : {label}"),
    "post.suspended": _("Poste suspendu : {label}"),
    "post.resumed": _("Poste rendu : {label}"),
    "absence.proof_refused": _("Justificatif d’absence non accepté : {label}"),
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

OTHER: str | Promise = _("Modification enregistrée : {label}")


def sentence(verb: str, label: str) -> str:
    """What was done, in one short line."""
    return str(SENTENCES.get(verb, OTHER)).format(label=label)


def sentence_alone(verb: str) -> str:
    """What was done, without about whom."""
    return str(SENTENCES.get(verb, OTHER)).partition("{label}")[0].rstrip(" \u00a0:")


def without_reasons(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an act holds, but why it passed a limit."""
    cells = [{**cell, "derogation": ""} for cell in data.get("cells", [])]
    return {**data, "derogation": "", "cells": cells}


def detail(data: Mapping[str, Any]) -> str:
    """What a line says more than its sentence: the cells of a save, the days of an absence."""
    days = data.get("days", [])
    told = [day_long(date.fromisoformat(day)) for day in days[:CELLS_TOLD]]
    passed = [_derogation(data)] if data.get("derogation") else []
    return cells(data) or " ; ".join([*told, *_beyond(len(days) - len(told)), *passed, *_allowed(data)])


def _allowed(data: Mapping[str, Any]) -> list[str]:
    """What a child may book for itself from then on, and no more."""
    told = (
        (gettext("réserve\u00a0: %s"), data.get("given", ())),
        (gettext("ne réserve plus\u00a0: %s"), data.get("taken", ())),
    )
    return [text % ", ".join(names) for text, names in told if names]


PASSED: Final = {**ENROLMENT_PASSED, **BOOKING_PASSED}
LIMITED: Final = {Why.TOO_LATE, Why.QUEUE_ONLY, Why.TOO_LATE_TO_CANCEL}


def derogation_text(reason: str, passed: Iterable[str], limit: datetime | None = None) -> str:
    """ "dérogation (capacité) : dossier social": the rules passed, where they are known, and why.

    `limit` is the last minute of the one that has one.
    """
    names = ", ".join(dict.fromkeys(_rule(code, limit) for code in passed))
    if not names:
        return gettext("dérogation : %(reason)s") % {"reason": reason}
    return gettext("dérogation (%(rules)s) : %(reason)s") % {"rules": names, "reason": reason}


def _rule(code: str, limit: datetime | None) -> str:
    name = str(PASSED[code])
    return f"{name}, {until_long(limit)}" if limit is not None and code in LIMITED else name


def _derogation(data: Mapping[str, Any]) -> str:
    limit = datetime.fromisoformat(data["limit"]) if data.get("limit") else None
    return derogation_text(data["derogation"], data.get("passed", ()), limit)


def cells(data: Mapping[str, Any]) -> str:
    """The cells of a save, the first `CELLS_TOLD` one by one; "" for acts that have none."""
    found = data.get("cells", [])
    told = [cell_text(cell) for cell in found[:CELLS_TOLD]]
    return " ; ".join([*told, *_beyond(len(found) - len(told))])


def cell_text(cell: Mapping[str, Any]) -> str:
    """ "mercredi 2 décembre, Matin : réservé"."""
    told = f"{day_long(date.fromisoformat(cell['day']))}, {cell['slot']} : {RESULTS[cell['result']]}"
    return f"{told} ({_derogation(cell)})" if cell.get("derogation") else told


def _beyond(count: int) -> list[str]:
    return [ngettext("et %d autre", "et %d autres", count) % count] if count else []
