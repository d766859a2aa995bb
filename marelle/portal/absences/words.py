"""Absences in French: one booked place, the days of a span."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from marelle.bookings.absence_rules import AbsenceTerms, Fate, absence_terms
from marelle.bookings.absences.not_coming import Done, NotComing, TakenBack
from marelle.bookings.absences.pages import AbsencePage
from marelle.bookings.labels import (
    ABSENCE_REASONS,
    PROOF_TONES,
    STATES,
    denial_text,
    grade_text,
    meaning,
    proof_text,
)
from marelle.bookings.rules import Opening, Place
from marelle.bookings.states import BookingState, ProofState
from marelle.core.clock import local
from marelle.core.french import day_long, hours_text, instant_long, until_long
from marelle.files.labels import held_text
from marelle.flows.prices.changes import PriceChange
from marelle.planning.outcomes import outcome_lines
from marelle.planning.price_words import WhyLine, change_text, why_lines
from marelle.ui.components import OutcomeKind, OutcomeLine


@dataclass(frozen=True, slots=True)
class ProofLine:
    """`held`: why nobody opens the file, "" where it is opened."""

    text: str
    tone: str
    url: str
    held: str


@dataclass(frozen=True, slots=True)
class Box:
    """One booking of a span: to tick, with what becomes of it; or, without `fate`, why nothing does, and
    `url` to what else can be done."""

    label: str
    detail: str
    booking_id: int = 0
    fate: str = ""
    checked: bool = False
    word: str = ""
    tone: str = ""
    url: str = ""
    url_label: str = ""


_TO_COME: Final = {
    Fate.CANCEL: (lazy("sera annulé"), "ok"),
    Fate.DECLARE: (lazy("absence à déclarer"), "warn"),
}


def place_text(opening: Opening, place: Place) -> str:
    """ "Mercredi 2 décembre · Matin, 8 h – 12 h · Mercredis"."""
    day = day_long(opening.day)
    hours = hours_text(local(place.starts_at).time(), local(place.ends_at).time())
    return f"{day[:1].upper()}{day[1:]} · {opening.slot.name}, {hours} · {opening.activity.name}"


def pairs(page: AbsencePage) -> list[tuple[str, str]]:
    """What it means; first who told it, once it is told."""
    rows = meaning(page.terms)
    absence = page.absence
    if absence is None:
        return rows
    told = {"who": absence.declared_by, "at": instant_long(absence.declared_at)}
    known = [(_("Déclarée"), _("le %(at)s, par %(who)s") % told)]
    if absence.reason:
        known.append((_("Raison"), str(ABSENCE_REASONS[absence.reason])))
    if page.grade:
        known.append((_("Cette absence est"), grade_text(page.grade, len(page.terms.proofs))))
    return known + rows


def prices(without: PriceChange, proved: PriceChange | None) -> list[tuple[str, str]]:
    """What telling it changes of what the home pays; nothing where nothing has a price."""
    rows = [(name, change_text(change)) for name, change in _cases(without, proved)]
    return [(name, text[:1].upper() + text[1:]) for name, text in rows if text]


def whys(
    without: PriceChange, proved: PriceChange | None, *, shows_health: bool
) -> list[tuple[str, list[WhyLine]]]:
    """The same, line by line."""
    return [(name, why_lines(change, shows_health=shows_health)) for name, change in _cases(without, proved)]


def _cases(without: PriceChange, proved: PriceChange | None) -> list[tuple[str, PriceChange]]:
    if proved is None:
        return [(_("Prix"), without)]
    return [(_("Prix sans justificatif"), without), (_("Prix une fois le justificatif accepté"), proved)]


def proof_line(page: AbsencePage) -> ProofLine | None:
    proof = page.absence.proof if page.absence else None
    if proof is None:
        return None
    url = reverse("absences:proof", args=[page.place.id]) if page.reads_proof else ""
    held = held_text(proof.file, to_sender=True)
    if proof.is_lost:
        return ProofLine(_("fichier détruit, à renvoyer"), "error", url, held)
    return ProofLine(proof_text(proof), PROOF_TONES[ProofState(proof.state)], url, held)


def too_late_to_justify(page: AbsencePage) -> str:
    """Why no other proof can be sent once one was refused, or destroyed; nothing while it can."""
    proof = page.absence.proof if page.absence else None
    if proof is None or proof.stands or page.why_not_justify is None:
        return ""
    return denial_text(page.why_not_justify)


def why_not(page: AbsencePage) -> str:
    """Why it cannot be declared; nothing when it may, or is."""
    denial = page.why_not_declare
    return denial_text(denial) if denial is not None and page.absence is None else ""


def planning_url(child_id: int, day: date) -> str:
    return f"{reverse('planning')}?enfant={child_id}&date={day.isoformat()}&vue=semaine"


def span_url(child_id: int, first: date, last: date) -> str:
    """The page of what is booked between two days, to tell that the child will not come."""
    query = {"enfant": child_id, "du": first.isoformat(), "au": last.isoformat()}
    return f"{reverse('absences:span')}?{urlencode(query)}"


def boxes(lines: Iterable[NotComing], child_id: int, ticked: frozenset[int] | None) -> list[Box]:
    """`ticked` is what was chosen; None ticks all that may be."""
    return [_box(line, child_id, ticked) for line in lines]


def _box(line: NotComing, child_id: int, ticked: frozenset[int] | None) -> Box:
    booking_id = line.place.id
    label = place_text(line.opening, line.place)
    if line.denial is None:
        word, tone = _TO_COME[line.fate]
        detail = becomes(line.fate, line.terms)
        is_ticked = ticked is None or booking_id in ticked
        return Box(label, detail, booking_id, line.fate.value, is_ticked, str(word), tone)
    text, url, link = denial_text(line.denial), reverse("absences:absence", args=[booking_id]), _("Voir")
    if line.place.state is BookingState.OFFERED:
        text, url, link = str(STATES[line.place.state]), reverse("offer", args=[booking_id]), _("Répondre")
    elif line.place.state is not BookingState.BOOKED:
        text, url = str(STATES[line.place.state]), planning_url(child_id, line.opening.day)
    return Box(label, text, url=url, url_label=link)


def becomes(fate: Fate, terms: AbsenceTerms) -> str:
    """What it comes to for the meal, the place and the bill, by the rule as it is known today."""
    if fate is Fate.CANCEL:
        meal = _("Le repas n’est pas commandé, rien n’est facturé.")
        return meal if terms.has_meal else _("La place est rendue, rien n’est facturé.")
    kept = _("Le repas est déjà commandé.") if terms.has_meal else _("La place reste réservée.")
    told = [kept, _bill(terms)]
    if terms.told_by_rule:
        until = _("Dite à temps %(until)s.")
        told.append(until % {"until": until_long(terms.told_until)})
    return " ".join(told)


def _bill(terms: AbsenceTerms) -> str:
    if terms.waiting:
        return _("C’est un jour de carence, facturé même avec un justificatif.")
    if terms.proof_until is None:
        return _("Facturé selon le règlement de la structure.")
    bill = _("Peut ne pas être facturé, avec un justificatif reçu %(until)s.")
    return bill % {"until": until_long(terms.proof_until)}


def done_lines(done: Done | None) -> list[OutcomeLine]:
    """What one act did, booking by booking."""
    if done is None:
        return []
    cancelled = [
        OutcomeLine(
            OutcomeKind.OK,
            place_text(*row),
            f"{_('Annulé.')} {becomes(Fate.CANCEL, absence_terms(*row))}",
        )
        for row in done.cancelled
    ]
    declared = [
        OutcomeLine(
            OutcomeKind.OK,
            place_text(row.opening, row.place),
            f"{_('Absence déclarée.')} {becomes(Fate.DECLARE, row.terms)}",
            action_url=reverse("absences:absence", args=[row.place.id]),
            action_label=_("Voir"),
        )
        for row in done.declared
    ]
    return cancelled + declared


def back_lines(back: TakenBack, name: str) -> list[OutcomeLine]:
    """What taking it all back came to: what could not be comes first, and says why."""
    denied = [
        OutcomeLine(OutcomeKind.REFUSED, _slot_of(opening, name), denial_text(denial))
        for opening, denial in back.denied
    ]
    awaited = _("Absence retirée : l’équipe attend de nouveau %(name)s.") % {"name": name}
    return [
        *denied,
        *outcome_lines(back.outcomes),
        *(OutcomeLine(OutcomeKind.OK, _slot_of(opening, name), awaited) for opening in back.back),
    ]


def _slot_of(opening: Opening, name: str) -> str:
    day = day_long(opening.day)
    return f"{day[:1].upper()}{day[1:]} · {opening.slot.name} · {name}"
