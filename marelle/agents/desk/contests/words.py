"""A contest in French, for who decides: what the home says; of each day what was booked, seen, billed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.desk.facts import Fact, home_facts, pair_facts, told
from marelle.attendance.mismatch_labels import TICKS
from marelle.attendance.models import Tick
from marelle.billing.labels import line_cells
from marelle.billing.models import Contest
from marelle.bookings.labels import ABSENCE_REASONS, STATES
from marelle.bookings.models import Attendance, Booking
from marelle.core.clock import local
from marelle.core.french import day_long, days_text, euros_text, instant_long, time_text
from marelle.core.refusals import Refusal
from marelle.enrolments.labels import already_decided_text
from marelle.flows.bills.contested import ContestToDecide, DayContested
from marelle.flows.office.home_file import HomeFile
from marelle.pricing.explained import LineTold, line_told

OF_REASON: Final = frozenset({"reason"})
REFUSALS: Final[dict[str, Promise]] = {
    "reason": gettext_lazy("Dites pourquoi\u00a0: la famille le lira."),
    "changed": gettext_lazy("Cette contestation n’est plus acceptée\u00a0: un collègue est passé depuis."),
    "own_file": gettext_lazy(
        "C’est le dossier de votre propre famille\u00a0: un autre agent doit le traiter."
    ),
}


@dataclass(frozen=True, slots=True)
class DayShown:
    """`booked`, `seen` and `ticks`, a line each; `billed`: for how much so far, `why` each of its lines."""

    title: str
    booked: tuple[str, ...]
    seen: tuple[str, ...]
    ticks: tuple[str, ...]
    billed: str
    why: tuple[LineTold, ...]


def refusal_text(refusal: Refusal) -> str:
    if refusal.code == "already_decided":
        return already_decided_text(refusal.data)
    return str(REFUSALS[refusal.code])


def facts(found: ContestToDecide, home: HomeFile | None) -> list[Fact]:
    row, line = found.row, found.row.line
    what, quantity, price, amount = line_cells(line)
    asked = {"at": instant_long(row.asked_at), "who": row.asked_by}
    pairs = [
        (_("Jours contestés"), days_text(row.dates)),
        (_("Ligne"), what),
        (_("Montant de la ligne"), f"{quantity} × {price} = {amount}"),
        (_("La famille écrit"), row.words),
        (_("Envoyé"), _("le %(at)s, par %(who)s") % asked),
        (_("Famille"), "" if home else str(line.invoice.family)),
        (_("Votre réponse"), row.reason),
    ]
    bill = Fact(
        _("Facture"),
        line.invoice.number,
        url=reverse("agents_bills:months", args=[line.invoice.family_id]),
    )
    return told([bill, *pair_facts(pairs), *home_facts(home)])


def day_shown(found: ContestToDecide, day: DayContested) -> DayShown:
    lines = day.billed.lines if day.billed else ()
    authority = found.row.line.invoice.authority.name
    return DayShown(
        day_long(day.day).capitalize(),
        tuple(map(_booked, day.bookings)),
        tuple(map(_seen, day.seen)),
        tuple(map(_tick, day.ticks)),
        euros_text(day.amount) if day.billed else "",
        tuple(
            line_told(one, found.book, found.slots, to_home=False, shows_health=False, authority=authority)
            for one in lines
        ),
    )


def tools(found: ContestToDecide) -> list[tuple[str, str]]:
    """Where a fact is put right, from which the difference comes by itself: each a label and an address."""
    line = found.row.line
    ways = []
    if line.of_activity is not None and line.child_id is not None:
        day = urlencode({"jour": str(found.row.dates[0]), "structure": str(line.of_activity.structure_id)})
        ways = [
            (_("Corriger un pointage"), f"{reverse('agents_attendance:sheet')}?{day}"),
        ]
    family_id = line.invoice.family_id
    return [
        *ways,
        (
            _("Réservations et absences, sur le dossier"),
            reverse("agents_families:family", args=[family_id]),
        ),
        (_("Revenus du foyer"), reverse("agents_families:incomes", args=[family_id])),
    ]


def after(found: ContestToDecide) -> tuple[str, str] | None:
    """Once it is accepted, where the difference may be sent at once."""
    row, bill = found.row, found.row.line.invoice
    if row.state != Contest.State.ACCEPTED:
        return None
    if all(day.replace(day=1) == bill.month for day in row.dates):
        return _("Corriger la facture tout de suite"), reverse("agents_bills:correct", args=[bill.pk])
    return _("Corriger tout de suite, sur « Factures du foyer »"), reverse(
        "agents_bills:months", args=[bill.family_id]
    )


def _booked(row: Booking) -> str:
    said = {
        "slot": row.opening.slot.name,
        "state": str(STATES[row.state]),
        "at": instant_long(row.created_at),
        "who": row.created_by,
    }
    text = _("%(slot)s\u00a0: %(state)s, demandé le %(at)s par %(who)s") % said
    return " ; ".join([text, *_ended(row), *_absence(row)])


def _ended(row: Booking) -> Iterator[str]:
    if row.ended_at is not None:
        yield _("terminé le %(at)s par %(who)s") % {"at": instant_long(row.ended_at), "who": row.ended_by}


def _absence(row: Booking) -> Iterator[str]:
    absence = getattr(row, "absence", None)
    if absence is None:
        return
    told = {
        "at": instant_long(absence.declared_at),
        "who": absence.declared_by,
        "why": str(ABSENCE_REASONS[absence.reason]) if absence.reason else _("sans raison donnée"),
    }
    yield _("absence déclarée le %(at)s par %(who)s (%(why)s)") % told
    if absence.justified:
        yield _("justifiée")


def _seen(row: Attendance) -> str:
    told = {"slot": row.opening.slot.name, "who": row.noted_by}
    said = _("%(slot)s\u00a0: présence, notée par %(who)s") if row.present else _(
        "%(slot)s\u00a0: absence, notée par %(who)s"
    )  # fmt: skip
    hours = [
        _("arrivée à %(time)s") % {"time": time_text(local(row.arrived_at).time())} if row.arrived_at else "",
        _("départ à %(time)s") % {"time": time_text(local(row.left_at).time())} if row.left_at else "",
    ]
    return ", ".join([said % told, *filter(None, hours)])


def _tick(row: Tick) -> str:
    slot = row.opening.slot.name if row.opening else ""
    said = _("%(what)s, le %(at)s") % {"what": str(TICKS[row.kind]), "at": instant_long(row.at)}
    device = row.tablet.name if row.tablet else ""
    return " · ".join(filter(None, (slot, said, row.by, device)))
