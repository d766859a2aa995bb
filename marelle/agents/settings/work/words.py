"""The background work, in French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.core.actor import Actor
from marelle.core.french import instant_long, join_and, number_text
from marelle.files.holding import held_long
from marelle.flows.upkeep.rounds import Seen, jobs_seen
from marelle.flows.upkeep.worker import CODES
from marelle.mail.selectors import overdue

JOBS: Final[Mapping[str, Promise]] = {
    "offers": gettext_lazy("Places proposées sans réponse"),
    "kept": gettext_lazy("Places gardées, à rendre à tous"),
    "places": gettext_lazy("Places libérées, à donner"),
    "offer_cases": gettext_lazy("Places à proposer par un agent"),
    "alone_cases": gettext_lazy("Réservations seules qui ne le sont plus"),
    "papers": gettext_lazy("Rappels de documents"),
    "leasts": gettext_lazy("Minimums jugés, une fois le délai passé"),
    "deadlines": gettext_lazy("Rappels de la veille d’une limite"),
    "imports": gettext_lazy("Import des familles"),
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
    "caf": gettext_lazy("Quotients à demander à la CAF ou à la MSA"),
    "caf_unheard": gettext_lazy("CAF ou MSA sans réponse, dit au guichet"),
    "mails": gettext_lazy("Envoi des courriels"),
    "scans": gettext_lazy("Virus recherchés dans les fichiers qui attendent"),
    "tidying": gettext_lazy("Effacement de ce qui a fait son temps"),
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


def work_late(actor: Actor, now: datetime) -> str:
    """What an administrator is told on its start page; two queries, three where viruses are looked for,
    none for others."""
    if not actor.is_administrator:
        return ""
    return late_told(jobs_seen(CODES, now=now), now)


def late_told(jobs: Sequence[Seen], now: datetime) -> str:
    """Reads what waits, where something may wait."""
    held = 0 if settings.CLAMD is None else held_long(now=now)
    return late_text(jobs, overdue(now=now).count(), held)


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


def late_text(jobs: Sequence[Seen], mails: int, held: int = 0) -> str:
    """What an administrator must know at once; "" when all goes well."""
    late = [str(JOBS[seen.job]) for seen in jobs if seen.is_late]
    said = []
    if late and all(seen.last is None for seen in jobs):
        said.append(_("Le travail de fond n’a jamais tourné : rien ne part, et rien n’est rangé."))
    elif late:
        said.append(_("En retard : %s.") % join_and(late))
    if mails:
        text = ngettext(
            "%s courriel attend depuis plus de deux jours.",
            "%s courriels attendent depuis plus de deux jours.",
            mails,
        )
        said.append(text % number_text(mails))
    if held:
        text = ngettext(
            "%s fichier envoyé attend depuis plus de dix minutes qu’un virus y soit cherché, et personne ne "
            "peut l’ouvrir : le journal du serveur dit pourquoi.",
            "%s fichiers envoyés attendent depuis plus de dix minutes qu’un virus y soit cherché, et "
            "personne ne peut les ouvrir : le journal du serveur dit pourquoi.",
            held,
        )
        said.append(text % number_text(held))
    return " ".join(said)
