"""What the portal does by itself, in French."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.french import instant_long, number_text
from marelle.flows.upkeep.rounds import Seen

JOBS: Final[Mapping[str, Promise]] = {
    "offers": gettext_lazy("Places proposées sans réponse"),
    "kept": gettext_lazy("Places gardées, à rendre à tous"),
    "places": gettext_lazy("Places libérées, à donner"),
    "answers": gettext_lazy("Réponses aux vœux"),
    "campaign_runs": gettext_lazy("Simulations d’attribution demandées"),
    "offer_cases": gettext_lazy("Places à proposer par un agent"),
    "alone_cases": gettext_lazy("Réservations seules qui ne le sont plus"),
    "papers": gettext_lazy("Rappels de documents"),
    "leasts": gettext_lazy("Minimums jugés, une fois le délai passé"),
    "deadlines": gettext_lazy("Rappels de la veille d’une limite"),
    "imports": gettext_lazy("Import des familles"),
    "movings": gettext_lazy("Fichiers repris d’un autre logiciel"),
    "bills": gettext_lazy("Factures d’un mois, à préparer ou à émettre"),
    "bill_pdfs": gettext_lazy("PDF des factures émises, à faire"),
    "tresor_files": gettext_lazy("Fichiers pour le Trésor, à écrire"),
    "reminders": gettext_lazy("Relances demandées par les agents"),
    "mismatches": gettext_lazy("Écarts de présence, dits aux familles"),
    "no_shows": gettext_lazy("Absences sans prévenir, à voir par un agent"),
    "second_reminders": gettext_lazy("Rappels de la double authentification, aux agents"),
    "news": gettext_lazy("Actualités à envoyer"),
    "readings": gettext_lazy("Lectures inhabituelles, dites au délégué"),
    "week_of_readings": gettext_lazy("Consultations de la semaine, dites au délégué"),
    "journal": gettext_lazy("Journal scellé, et vérifié chaque nuit"),
    "evening_lists": gettext_lazy("Listes de la veille, à envoyer"),
    "caf": gettext_lazy("Quotients à demander à la CAF ou à la MSA"),
    "caf_unheard": gettext_lazy("CAF ou MSA sans réponse, dit au guichet"),
    "mails": gettext_lazy("Envoi des courriels"),
    "scans": gettext_lazy("Virus recherchés dans les fichiers qui attendent"),
    "dormants": gettext_lazy("Foyers sans nouvelles, à prévenir"),
    "tidying": gettext_lazy("Effacement de ce qui a fait son temps"),
    "backup": gettext_lazy("Sauvegarde de la base et des fichiers"),
    "drill": gettext_lazy("Essai de la dernière sauvegarde"),
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """One line of the table; `failure` and `did` are "" where there is none."""

    label: str
    last: str
    took: str
    did: str
    failure: str
    is_late: bool


def job_row(seen: Seen) -> JobRow:
    last = seen.last
    if last is None:
        return JobRow(str(JOBS[seen.job]), _("jamais"), "", "", "", seen.is_late)
    did = "" if last.did_at is None else f"{number_text(last.done)}, {instant_long(last.did_at)}"
    return JobRow(
        label=str(JOBS[seen.job]),
        last=instant_long(last.began_at),
        took=_took(last.took),
        did=did,
        failure=last.failure,
        is_late=seen.is_late,
    )


def _took(took: timedelta) -> str:
    seconds = round(took.total_seconds())
    return _("moins d’une seconde") if seconds < 1 else _("%d s") % seconds
