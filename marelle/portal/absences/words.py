"""Absences in French: one booked place, the days of a span."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.bookings.absence_pages import AbsencePage, SpanLine
from marelle.bookings.absence_rules import AbsenceNo
from marelle.bookings.absences import Declared
from marelle.bookings.labels import ABSENCE_REASONS, PROOF_TONES, denial_text, meaning, proof_text
from marelle.bookings.rules import Opening, Place
from marelle.core.clock import local
from marelle.core.french import day_long, hours_text, instant_long


@dataclass(frozen=True, slots=True)
class ProofLine:
    text: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class Box:
    """One booking of a span: to tick, or why not; `url` leads to what else can be done."""

    booking_id: int
    label: str
    checked: bool
    why: str
    url: str
    url_label: str


def place_text(opening: Opening, place: Place) -> str:
    """ "Mercredi 2 décembre · Matin, 8 h – 12 h · Mercredis"."""
    day = day_long(opening.day)
    hours = hours_text(local(place.starts_at).time(), local(place.ends_at).time())
    return f"{day[:1].upper()}{day[1:]} · {opening.slot.name}, {hours} · {opening.activity.name}"


def pairs(page: AbsencePage) -> list[tuple[str, str]]:
    """What it means; first who told it, once it is told."""
    rule = page.opening.activity.rule_for(page.opening.slot.id, page.opening.day)
    rows = meaning(page.terms, rule.absence_proof_hours if rule else None)
    absence = page.absence
    if absence is None:
        return rows
    told = {"who": absence.declared_by, "at": instant_long(absence.declared_at)}
    known = [(_("Déclarée"), _("le %(at)s, par %(who)s") % told)]
    if absence.reason:
        known.append((_("Raison"), str(ABSENCE_REASONS[absence.reason])))
    return known + rows


def proof_line(page: AbsencePage) -> ProofLine | None:
    proof = page.absence.proof if page.absence else None
    if proof is None:
        return None
    url = reverse("absences:proof", args=[page.place.id]) if page.reads_proof else ""
    return ProofLine(proof_text(proof), PROOF_TONES[proof.state], url)  # type: ignore[index]


def why_not(page: AbsencePage) -> str:
    """Why it cannot be declared; nothing when it may, or is."""
    denial = page.why_not_declare
    return denial_text(denial) if denial is not None and page.absence is None else ""


def planning_url(child_id: int, opening: Opening) -> str:
    return f"{reverse('planning')}?enfant={child_id}&date={opening.day.isoformat()}&vue=semaine"


def boxes(lines: Iterable[SpanLine], child_id: int, ticked: frozenset[int] | None) -> list[Box]:
    """`ticked` is what was chosen; None ticks all that may be."""
    found = []
    for line in lines:
        denial, booking_id = line.denial, line.place.id
        url, label = reverse("absences:absence", args=[booking_id]), _("Voir")
        if denial is not None and denial.why is AbsenceNo.CAN_CANCEL:
            url, label = planning_url(child_id, line.opening), _("Annuler dans le planning")
        found.append(
            Box(
                booking_id=booking_id,
                label=place_text(line.opening, line.place),
                checked=denial is None and (ticked is None or booking_id in ticked),
                why=denial_text(denial) if denial else "",
                url=url if denial else "",
                url_label=label,
            )
        )
    return found


def span_meaning(lines: Iterable[SpanLine]) -> list[tuple[str, str]]:
    """What it means, for the bookings that may be told absent; the nearest end of a proof counts."""
    may = [line for line in lines if line.denial is None]
    if not may:
        return []
    proofs = [line for line in may if line.terms.proof_until is not None]
    first = min(proofs, key=lambda line: str(line.terms.proof_until), default=may[0])
    rule = first.opening.activity.rule_for(first.opening.slot.id, first.opening.day)
    rows = meaning(first.terms, rule.absence_proof_hours if rule else None)
    if any(line.terms.has_meal for line in may) and not first.terms.has_meal:
        rows.insert(1, (_("Le repas"), _("Il est déjà commandé.")))
    return rows


def declared_text(declared: Iterable[Declared]) -> str:
    n = sum(one.denial is None for one in declared)
    return (
        ngettext("Absence notée : la structure est prévenue.", "%(n)d absences notées.", n) % {"n": n}
        if n
        else ""
    )
