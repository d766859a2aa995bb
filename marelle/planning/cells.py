"""The words of each state of a cell, and the cell that `ui` draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from marelle.activities.bound_labels import bound_label
from marelle.activities.condition_labels import asked_text
from marelle.bookings.absence_rules import why_not_declare
from marelle.bookings.cells import Cell, CellState
from marelle.bookings.planning import PlannedCell
from marelle.bookings.rules import CONDITIONS, Opening, Place, Why
from marelle.bookings.saving.refusing import PASSED_BY_DEROGATION
from marelle.core.clock import local, named
from marelle.core.french import (
    SHORT_MONTHS,
    day_number,
    euros_text,
    hours_text,
    quoted_or,
    time_text,
    until_short,
)
from marelle.flows.prices.cells import NO_PRICES, CellPrice, CellPrices
from marelle.ui.grid import CellKind, GridCell, HoursCell

HALF_HOUR = timedelta(minutes=30)

PAPERS: Final = frozenset({Why.PAPERS_MISSING, Why.PAPER_NEEDED})
"""What a home may mend by sending a paper."""

LINKED: Final = frozenset({Cell.BOOKED, Cell.OFFERED, Cell.ABSENT, Cell.ABSENT_JUSTIFIED})

TICKED: Final = frozenset({Cell.BOOKED, Cell.REQUESTED, Cell.OFFERED, Cell.WAITING})


@dataclass
class Words:
    """The words of one page: the same limits come back in hundreds of cells, each is put in French once.

    `narrow`: an agent looks at one enrolment and may see nothing else of the home. Nothing leads to the
    home's own pages, and what the child has elsewhere is not named.
    """

    now: datetime
    on_behalf_of: bool = False
    narrow: bool = False
    prices: CellPrices = NO_PRICES
    _absences: str = ""
    _untils: dict[tuple[datetime, date], str] = field(default_factory=dict)
    _short: dict[datetime, str] = field(default_factory=dict)
    _choices: dict[tuple[datetime, datetime], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    _prices: dict[CellPrice, tuple[str, str]] = field(default_factory=dict)

    def absence_url(self, booking_id: int) -> str:
        self._absences = self._absences or reverse("absences:span")
        return f"{self._absences}{booking_id}/"

    def day_url(self, child_id: int, day: date) -> str:
        """Where it is told that the child will not come on a day."""
        self._absences = self._absences or reverse("absences:span")
        return f"{self._absences}?enfant={child_id}&du={day}&au={day}"

    def until(self, limit: datetime | None, day: date) -> str:
        """ "jusqu’à demain 12 h", in a cell of `day`; nothing without a limit."""
        if limit is None:
            return ""
        if (limit, day) not in self._untils:
            self._untils[limit, day] = until_short(limit, self.now, day)
        return self._untils[limit, day]

    def instant(self, instant: datetime) -> str:
        """ "le 8 sept. 23 h 59"."""
        if instant not in self._short:
            there = named(instant)
            self._short[instant] = _("le %(day)s %(month)s %(time)s") % {
                "day": day_number(there.day),
                "month": _(SHORT_MONTHS[there.month - 1]),
                "time": time_text(there.time()),
            }
        return self._short[instant]

    def price(self, key: str) -> tuple[str, str]:
        """What a cell adds to what the home pays, and what taking it back changes; nothing where nothing
        holds it: an agent is told so."""
        price = self.prices.by_key.get(key)
        if price is None:
            return "", ""
        if price not in self._prices:
            self._prices[price] = self._price(price)
        return self._prices[price]

    def _price(self, price: CellPrice) -> tuple[str, str]:
        if price.amount is None:
            return _("sans tarif") if self.on_behalf_of else "", ""
        if price.within:
            text = _("compris dans «\u00a0%(name)s\u00a0»") % {"name": price.within}
            return text, text
        return signed_text(price.amount), signed_text(-price.amount)

    def choices(self, opening: Opening) -> tuple[tuple[str, str], ...]:
        """Half-hours from the start of an opening to its end; one tuple for all that share their hours."""
        span = (opening.starts_at, opening.ends_at)
        if span not in self._choices:
            count = (opening.ends_at - opening.starts_at) // HALF_HOUR
            times = [local(opening.starts_at + step * HALF_HOUR).time() for step in range(count + 1)]
            self._choices[span] = tuple((f"{hour:%H:%M}", time_text(hour)) for hour in times)
        return self._choices[span]


MINUS: Final = "−\u00a0"


def signed_text(amount: Decimal) -> str:
    """ "6,50 €", "− 1,92 €", "sans supplément"."""
    if not amount:
        return _("sans supplément")
    return ("" if amount > 0 else MINUS) + euros_text(abs(amount))


def can_be_done(planned: PlannedCell, now: datetime) -> bool:
    """Whether a home can still do something about a cell before it is over: book, cancel, answer what is
    offered, tell the child absent."""
    state, place = planned.state, planned.place
    if planned.opening.ends_at <= now:
        return False
    if state.editable:
        return True
    return place is not None and place.mine and why_not_declare(planned.opening, place, None, now) is None


def can_be_absent(planned: PlannedCell, now: datetime) -> bool:
    """Whether the place can still be given back, or the child told absent from it."""
    place = planned.place
    return (
        place is not None
        and place.mine
        and not place.absent
        and planned.state.cell in {Cell.BOOKED, Cell.REQUESTED}
        and planned.opening.ends_at > now
    )


REASONS: Final[Mapping[Why, Promise]] = {
    Why.UNKNOWN: lazy("pas d’ouverture"),
    Why.NOT_ENROLLED: lazy("pas inscrit"),
    Why.OUTSIDE_ENROLMENT: lazy("hors des dates d’inscription"),
    Why.OTHER_GROUP: lazy("autre groupe d’âge"),
    Why.OTHER_HOME_DAY: lazy("jour de l’autre foyer"),
    Why.OTHER_HOME: lazy("réservé par l’autre foyer"),
    Why.BY_STRUCTURE: lazy("la structure réserve"),
    Why.FREE_ACCESS: lazy("accès libre, sans réservation"),
    Why.CLOSED: lazy("fermé"),
    Why.OTHER_AGE: lazy("autre âge"),
    Why.OTHER_LEVEL: lazy("autre classe"),
    Why.OTHER_SCHOOL: lazy("autre école"),
    Why.PAPER_NEEDED: lazy("document à fournir"),
    Why.PAPERS_MISSING: lazy("document manquant"),
    Why.UNPAID: lazy("facture en retard"),
    Why.SUSPENDED: lazy("réservations suspendues"),
    Why.NO_RULE: lazy("pas de réservation en ligne"),
    Why.OTHER_AUDIENCE: lazy("ouvert à d’autres familles"),
    Why.NOT_YET: lazy("pas encore ouvert"),
    Why.TOO_LATE: lazy("délai dépassé"),
    Why.TOO_LATE_TO_CANCEL: lazy("délai dépassé"),
    Why.CONFLICT: lazy("autre créneau réservé"),
    Why.ELSEWHERE: lazy("déjà réservé ailleurs"),
    Why.REQUIRES: lazy("à prendre avec un autre créneau"),
    Why.REQUIRED: lazy("demandé par un autre créneau"),
    Why.GOES_NOT: lazy("demandé par un autre créneau"),
    Why.WITHOUT: lazy("l’autre créneau est annulé"),
    Why.HALF_BUNDLE: lazy("à prendre en entier"),
    Why.TOGETHER: lazy("attendu ensemble"),
    Why.BAD_HOURS: lazy("horaires à revoir"),
    Why.AT_MOST: lazy("le plus que vous pouvez réserver"),
    Why.IN_A_RUN: lazy("des jours qui se suivent"),
    Why.NO_ENTRY: lazy("plus d’entrée sur la carte"),
    Why.FULL: lazy("complet"),
    Why.KEPT_PLACES: lazy("places gardées"),
    Why.QUEUE_ONLY: lazy("délai dépassé"),
    Why.KEPT: lazy("gardé"),
    Why.PARENTS: lazy("à voir avec vos parents"),
}


def asked_of(opening: Opening, why: Why | None) -> str:
    """What the rows of conditions ask of who books it, where that is what says no; "" elsewhere."""
    if why is None or why not in CONDITIONS:
        return ""
    return asked_text(opening.activity.conditions_of(opening.slot.id, opening.day), CONDITIONS[why])


def needs_text(needs: Sequence[str], *, may_take: bool) -> str:
    """ "avec « Matin »", what is to be taken with it; "demande « Matin »" where it cannot be."""
    return (_("avec %s") if may_take else _("demande %s")) % quoted_or(needs)


def reason_short(why: Why | None, other: str = "") -> str:
    """Why a cell is not offered, in a few words. `other` names the slot in the way."""
    if why in {Why.CONFLICT, Why.ELSEWHERE} and other:
        return _("« %s » est réservé") % other
    return str(REASONS[why]) if why is not None else ""


def rank_text(rank: int) -> str:
    """ "1ᵉʳ", "3ᵉ"."""
    return _("1ᵉʳ") if rank == 1 else _("%dᵉ") % rank


Said = tuple[str, str]
"""Word (empty: that of the kind) and detail."""


def _free(state: CellState, words: Words, day: date) -> Said:
    if state.why is Why.QUEUE_ONLY:
        return "", _joined(_with(state), _("délai dépassé : liste d’attente"))
    until = words.until(state.until, day) or _("jusqu’au début")
    return "", _joined(
        _with(state), _("%(until)s, en échange") % {"until": until} if state.reached else until
    )


def _with(state: CellState) -> str:
    """ "avec « Matin »": what is to be taken with it."""
    return _("avec %s") % quoted_or(state.needs) if state.needs else ""


def _booked(state: CellState, words: Words, day: date) -> Said:
    if state.why is Why.BY_STRUCTURE:
        return "", _("par la structure")
    if state.why is not None:
        return "", _("délai dépassé")
    return "", _("annulable %s") % words.until(state.until, day) if state.until else ""


def _requested(_state: CellState, _words: Words, _day: date) -> Said:
    return "", _("à valider par la structure")


def _waiting(state: CellState, _words: Words, _day: date) -> Said:
    return rank_text(state.rank) if state.rank else "", _("liste d’attente")


def _offered(state: CellState, words: Words, day: date) -> Said:
    return "", words.until(state.until, day)


def _full(state: CellState, words: Words, day: date) -> Said:
    word = reason_short(state.why) if state.why in {Why.QUEUE_ONLY, Why.KEPT_PLACES} else ""
    until = words.until(state.since, day) if state.why is Why.KEPT_PLACES else ""
    return word, _joined(until, _with(state), _("s’inscrire en attente")) if state.editable else until


def _locked(state: CellState, words: Words, _day: date) -> Said:
    if state.since is None:
        return "", _("délai dépassé")
    return "", _("délai dépassé %s") % words.instant(state.since)


def _not_yet(state: CellState, words: Words, _day: date) -> Said:
    return "", _("ouvre %s") % words.instant(state.since) if state.since else ""


def _closed(state: CellState, _words: Words, _day: date) -> Said:
    return "", state.reason or _("pas d’accueil ce jour-là")


def _cancelled(state: CellState, _words: Words, _day: date) -> Said:
    return "", f"{_('par la structure')} · {state.reason}" if state.reason else _("par la structure")


def _not_offered(state: CellState, words: Words, _day: date) -> Said:
    if state.reached is not None:
        return "", bound_label(state.reached.bound, {})
    if state.why is Why.REQUIRES and state.needs:
        return "", needs_text(state.needs, may_take=False)
    return "", reason_short(state.why, "" if words.narrow and state.why is Why.ELSEWHERE else state.reason)


def _other_home(_state: CellState, _words: Words, _day: date) -> Said:
    return "", _("par l’autre foyer")


def _justified(_state: CellState, _words: Words, _day: date) -> Said:
    return "", _("justifié")


def _refused(state: CellState, _words: Words, _day: date) -> Said:
    return "", state.reason or _("par la structure")


def _nothing(_state: CellState, _words: Words, _day: date) -> Said:
    return "", ""


SAID: Final[Mapping[Cell, Callable[[CellState, Words, date], Said]]] = {
    Cell.FREE: _free,
    Cell.BOOKED: _booked,
    Cell.REQUESTED: _requested,
    Cell.WAITING: _waiting,
    Cell.OFFERED: _offered,
    Cell.FULL: _full,
    Cell.LOCKED: _locked,
    Cell.NOT_YET: _not_yet,
    Cell.CLOSED: _closed,
    Cell.CANCELLED_BY_STRUCTURE: _cancelled,
    Cell.NOT_OFFERED: _not_offered,
    Cell.OTHER_HOME: _other_home,
    Cell.PRESENT: _nothing,
    Cell.ABSENT: _nothing,
    Cell.ABSENT_JUSTIFIED: _justified,
    Cell.REFUSED: _refused,
}


def grid_cell(planned: PlannedCell, words: Words, *, may_book: bool) -> GridCell:
    """`may_book` false: the cell is shown, and cannot be clicked."""
    state, opening = planned.state, planned.opening
    word, detail = SAID[state.cell](state, words, opening.day)
    detail = asked_of(opening, state.why) or detail
    price, back = words.price(planned.key)
    locked_booking = state.cell is Cell.BOOKED and state.why is not None
    answered_elsewhere = state.cell is Cell.OFFERED
    editable = (
        may_book
        and not answered_elsewhere
        and (state.editable or (words.on_behalf_of and state.why in PASSED_BY_DEROGATION))
    )
    if state.cell is Cell.LOCKED and not editable:
        price, back = "", ""
    before, after = ("", price) if state.cell in TICKED else (price, "")
    link_url, link_label = "", ""
    if not words.narrow and not editable and state.why in PAPERS:
        child_id = int(planned.key.split(".")[0])
        link_url, link_label = reverse("papers:folder", args=[child_id]), _("voir les documents")
    elif not words.narrow and not editable and state.why is Why.UNPAID:
        link_url, link_label = reverse("invoices:invoices"), _("voir les factures")
    elif planned.place is not None and (locked_booking or not editable):
        link_url, link_label = _link(planned, words, may_book=may_book)
    return GridCell(
        kind=CellKind.LOCKED if locked_booking else CellKind(state.cell.value),
        word=word,
        detail=_joined(
            opening.title,
            _own_hours(opening, planned.place),
            before,
            detail,
            _derogation(planned.place),
            after,
        ),
        back=back if editable and state.cell in TICKED else "",
        key=planned.key,
        editable=editable,
        checked=state.cell in TICKED,
        hours=_hours(planned, words) if opening.slot.by_hour and editable else None,
        closes_at=state.until,
        bundle=_bundle(planned, words),
        link_url=link_url,
        link_label=link_label,
    )


def _bundle(planned: PlannedCell, words: Words) -> str:
    """What the page ticks together: the same of all its cells."""
    bundle = planned.opening.bundle_at(words.now)
    return f"{planned.key.split('.')[0]}.{bundle}" if bundle is not None else ""


def _link(planned: PlannedCell, words: Words, *, may_book: bool) -> Said:
    """What else can be done with a place that the page does not change: where, and in which words."""
    place = planned.place
    if words.narrow or place is None or not place.mine or planned.state.cell not in LINKED:
        return "", ""
    if planned.state.cell is Cell.OFFERED:
        return (reverse("offer", args=[place.id]), _("répondre")) if may_book else ("", "")
    if place.absent:
        return words.absence_url(place.id), _("voir l’absence")
    if not may_book or why_not_declare(planned.opening, place, None, words.now) is not None:
        return "", ""
    return words.absence_url(place.id), _("déclarer une absence")


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _own_hours(opening: Opening, place: Place | None) -> str:
    """Hours that the column does not already tell: an opening's own, or those booked."""
    held = place if place is not None and place.holds else None
    start, end = (held.starts_at, held.ends_at) if held else (opening.starts_at, opening.ends_at)
    starts, ends = local(start).time(), local(end).time()
    if (starts, ends) == (opening.slot.starts, opening.slot.ends):
        return ""
    return hours_text(starts, ends)


def _derogation(place: Place | None) -> str:
    """That an agent passed a limit for it; why is in the history."""
    return (
        _("par dérogation") if place is not None and place.mine and place.holds and place.derogation else ""
    )


def _hours(planned: PlannedCell, words: Words) -> HoursCell:
    choices = words.choices(planned.opening)
    place = planned.place
    if place is None or planned.state.cell not in TICKED:
        return HoursCell("", "", choices)
    start, end = (f"{local(instant):%H:%M}" for instant in (place.starts_at, place.ends_at))
    return HoursCell(start, end, choices)
