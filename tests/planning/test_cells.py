from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from types import MappingProxyType

import pytest

from marelle.activities.facts import ActivityFacts, SlotFacts
from marelle.activities.kinds import ActivityKind, BookingMode, EnrolmentMode
from marelle.bookings.cells import Cell, CellState, Context
from marelle.bookings.planning import PlannedCell
from marelle.bookings.rules import Opening, Place, Why
from marelle.bookings.states import BookingState
from marelle.core.clock import PARIS, instant_at
from marelle.places.rules import CalendarFacts
from marelle.planning.cells import REASONS, SAID, Words, grid_cell, rank_text, reason_short
from marelle.ui.grid import CellKind

NOW = datetime(2026, 9, 7, 10, tzinfo=PARIS)
LIMIT = datetime(2026, 9, 8, 12, tzinfo=PARIS)
GONE = datetime(2026, 9, 6, 23, 59, tzinfo=PARIS)
DAY = date(2026, 9, 9)
SLOT = SlotFacts(
    id=3,
    name="Matin",
    starts=time(8),
    ends=time(12),
    order=1,
    by_hour=False,
    has_meal=False,
    one_off=False,
    conflicts=frozenset(),
    requires=frozenset(),
    provides=frozenset({3}),
)
ACTIVITY = ActivityFacts(
    id=1,
    name="Mercredis",
    kind=ActivityKind.WEDNESDAY,
    order=1,
    structure_id=1,
    structure_name="Accueil",
    authority_id=1,
    enrolment_mode=EnrolmentMode.ASKED,
    booking_mode=BookingMode.PARENT,
    first_day=date(2026, 9, 1),
    last_day=date(2027, 8, 31),
    slots=MappingProxyType({3: SLOT}),
    groups=MappingProxyType({}),
    calendar=CalendarFacts(frozenset({0, 1, 3, 4}), ()),
    residents=frozenset(),
    rules=(),
    slot_rules=MappingProxyType({}),
)
OPENING = Opening(
    7, ACTIVITY, SLOT, None, DAY, instant_at(DAY, time(8)), instant_at(DAY, time(12)), is_open=True
)
BY_HOUR = replace(OPENING, slot=replace(SLOT, by_hour=True))


def shown(state, *, opening=OPENING, place=None, agent=False, may_book=True, narrow=False):
    cell = PlannedCell(opening, state, place, "5.7", Context(None))
    return grid_cell(cell, Words(NOW, on_behalf_of=agent, narrow=narrow), may_book=may_book)


@pytest.mark.parametrize(
    ("state", "kind", "word", "detail"),
    [
        (CellState(Cell.FREE, editable=True, until=LIMIT), CellKind.FREE, "", "jusqu’à demain 12 h"),
        (CellState(Cell.FREE, editable=True), CellKind.FREE, "", "jusqu’au début"),
        (
            CellState(Cell.BOOKED, editable=True, until=LIMIT),
            CellKind.BOOKED,
            "",
            "annulable jusqu’à demain 12 h",
        ),
        (
            CellState(Cell.BOOKED, since=GONE, why=Why.TOO_LATE_TO_CANCEL),
            CellKind.LOCKED,
            "",
            "délai dépassé",
        ),
        (CellState(Cell.BOOKED, why=Why.BY_STRUCTURE), CellKind.LOCKED, "", "par la structure"),
        (CellState(Cell.REQUESTED, editable=True), CellKind.REQUESTED, "", "à valider par la structure"),
        (CellState(Cell.WAITING, editable=True, rank=3), CellKind.WAITING, "3ᵉ", "liste d’attente"),
        (CellState(Cell.OFFERED, editable=True, until=LIMIT), CellKind.OFFERED, "", "jusqu’à demain 12 h"),
        (CellState(Cell.FULL, editable=True), CellKind.FULL, "", "s’inscrire en attente"),
        (
            CellState(Cell.LOCKED, since=GONE, why=Why.TOO_LATE),
            CellKind.LOCKED,
            "",
            "délai dépassé le 6 sept. 23 h 59",
        ),
        (
            CellState(Cell.NOT_YET, since=LIMIT, why=Why.NOT_YET),
            CellKind.NOT_YET,
            "",
            "ouvre le 8 sept. 12 h",
        ),
        (CellState(Cell.CLOSED, reason="pont"), CellKind.CLOSED, "", "pont"),
        (CellState(Cell.CLOSED), CellKind.CLOSED, "", "pas d’accueil ce jour-là"),
        (
            CellState(Cell.CANCELLED_BY_STRUCTURE, reason="grève"),
            CellKind.CANCELLED_BY_STRUCTURE,
            "",
            "par la structure · grève",
        ),
        (
            CellState(Cell.NOT_OFFERED, why=Why.CONFLICT, reason="Journée"),
            CellKind.NOT_OFFERED,
            "",
            "« Journée » est réservé",
        ),
        (CellState(Cell.OTHER_HOME, why=Why.OTHER_HOME), CellKind.OTHER_HOME, "", "par l’autre foyer"),
        (CellState(Cell.PRESENT), CellKind.PRESENT, "", ""),
        (CellState(Cell.ABSENT), CellKind.ABSENT, "", ""),
        (CellState(Cell.ABSENT_JUSTIFIED), CellKind.ABSENT_JUSTIFIED, "", "justifié"),
        (CellState(Cell.REFUSED), CellKind.REFUSED, "", "par la structure"),
    ],
)
def test_each_state_has_its_words(state, kind, word, detail):
    cell = shown(state)
    assert (cell.kind, cell.word, cell.detail) == (kind, word, detail)
    # A place offered is answered by yes or no, on a page of its own.
    assert cell.editable is (state.editable and state.cell is not Cell.OFFERED)
    assert cell.closes_at == state.until


@pytest.mark.parametrize("cell", [Cell.FREE, Cell.BOOKED, Cell.OFFERED])
def test_a_limit_is_never_read_as_the_evening_of_the_cell_s_own_day(cell):
    """Hours of a crèche close on the Tuesday before: « jusqu’à mar. » in a Tuesday's row named another."""
    now = instant_at(date(2026, 11, 26), time(9))
    limit = instant_at(date(2026, 12, 1), time(23, 59))
    details = {
        day: grid_cell(
            PlannedCell(
                replace(OPENING, day=date(2026, 12, day)),
                CellState(cell, editable=True, until=limit),
                None,
                "5.7",
                Context(None),
            ),
            Words(now),
            may_book=True,
        ).detail
        for day in (7, 8, 9)
    }
    assert [detail.removeprefix("annulable ") for detail in details.values()] == [
        "jusqu’à mar. 23 h 59",
        "jusqu’au 1er déc. 23 h 59",
        "jusqu’au 1er déc. 23 h 59",
    ]


def test_every_state_and_every_reason_is_told():
    assert set(SAID) == set(Cell)
    assert set(REASONS) == set(Why)
    assert all(reason_short(why) for why in Why)


def test_ranks_are_ordinals():
    assert [rank_text(rank) for rank in (1, 2, 21)] == ["1ᵉʳ", "2ᵉ", "21ᵉ"]


@pytest.mark.parametrize("why", [Why.TOO_LATE, Why.BY_STRUCTURE, Why.NOT_YET])
def test_an_agent_may_click_what_a_reason_passes(why):
    state = CellState(Cell.LOCKED, why=why)
    assert not shown(state).editable
    assert shown(state, agent=True).editable


def test_an_agent_is_led_to_the_absence_of_a_place_whose_limit_is_past():
    """Taking it back by a derogation is another thing than saying that the child is ill."""
    place = Place(5, OPENING.id, BookingState.BOOKED, OPENING.starts_at, OPENING.ends_at)
    state = CellState(Cell.BOOKED, why=Why.TOO_LATE_TO_CANCEL)
    for agent in (True, False):
        cell = shown(state, agent=agent, place=place)
        assert (cell.editable, bool(cell.link_url)) == (agent, True)


def test_who_sees_one_enrolment_alone_is_led_nowhere_and_hears_of_no_other_place():
    place = Place(5, OPENING.id, BookingState.BOOKED, OPENING.starts_at, OPENING.ends_at)
    late = CellState(Cell.BOOKED, why=Why.TOO_LATE_TO_CANCEL)
    papers = CellState(Cell.NOT_OFFERED, why=Why.PAPERS_MISSING)
    for state, held in ((late, place), (papers, None)):
        for may_book in (True, False):
            assert not shown(state, place=held, agent=may_book, may_book=may_book, narrow=True).link_url
    assert shown(papers).link_url
    late_bill = CellState(Cell.NOT_OFFERED, why=Why.UNPAID)
    assert (shown(late_bill).word, shown(late_bill).link_label) == ("", "voir les factures")
    assert not shown(late_bill, narrow=True).link_url
    away = CellState(Cell.NOT_OFFERED, why=Why.ELSEWHERE, reason="Le dojo")
    assert shown(away).detail == "« Le dojo » est réservé"
    assert shown(away, narrow=True).detail == "déjà réservé ailleurs"


@pytest.mark.parametrize("why", [Why.CLOSED, Why.CONFLICT, Why.ELSEWHERE, Why.NOT_ENROLLED])
def test_an_agent_may_not_click_what_nothing_passes(why):
    assert not shown(CellState(Cell.NOT_OFFERED, why=why), agent=True).editable


def test_who_may_not_book_sees_and_does_not_click():
    cell = shown(CellState(Cell.FREE, editable=True, until=LIMIT), may_book=False)
    assert not cell.editable
    assert cell.detail == "jusqu’à demain 12 h"


def test_by_the_hour_the_choices_are_the_half_hours_of_the_opening():
    place = Place(1, 7, BookingState.BOOKED, instant_at(DAY, time(9)), instant_at(DAY, time(11, 30)))
    cell = shown(CellState(Cell.BOOKED, editable=True, until=LIMIT), opening=BY_HOUR, place=place)
    assert cell.hours is not None
    assert (cell.hours.start, cell.hours.end) == ("09:00", "11:30")
    assert [value for value, _label in cell.hours.choices] == [
        "08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00",
    ]  # fmt: skip
    assert cell.detail.startswith("9 h – 11 h 30 · annulable")


def test_an_opening_with_its_own_hours_or_title_says_so():
    opening = replace(OPENING, title="Sortie au lac", ends_at=instant_at(DAY, time(17)), bundle_id=4)
    cell = shown(CellState(Cell.FREE, editable=True, until=LIMIT), opening=opening)
    assert cell.detail == "Sortie au lac · 8 h – 17 h · jusqu’à demain 12 h"
    assert cell.bundle == "5.4"


@pytest.mark.parametrize(("mine", "said"), [(True, True), (False, False)])
def test_a_place_taken_by_derogation_says_so_to_its_own_home(mine, said):
    place = Place(
        1, 7, BookingState.BOOKED, OPENING.starts_at, OPENING.ends_at, mine=mine, derogation="social"
    )
    cell = shown(CellState(Cell.BOOKED), place=place)
    assert ("par dérogation" in cell.detail) is said
    assert "social" not in cell.detail
