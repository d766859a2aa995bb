"""« Absence ce jour » sent several times at the very same moment, and against the save of a planning."""

from __future__ import annotations

from datetime import datetime

import pytest

from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.absence_rules import Fate
from marelle.bookings.absences.not_coming import not_coming_lines, not_coming_tell, not_coming_undo
from marelle.bookings.models import Absence, Booking
from marelle.bookings.refusals import ShownOtherwise
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.core.clock import PARIS
from marelle.journal.models import Entry
from tests.races.together import together, together_or_errors
from tests.races.truth import counters_hold
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 7, tzinfo=PARIS)


@pytest.fixture
def ill():
    """A meal that can be cancelled no more, and an evening that still can."""
    world = Scenario()
    durand = world.home("Durand")
    zoe = world.child(durand, "Zoé")
    for name, hours, rule in (
        ("Repas", ("12:00", "13:30"), {}),
        ("Soir", ("16:30", "18:30"), {"book": Limit(LimitKind.START)}),
    ):
        activity = world.activity(name)
        slot = world.slot(activity, name, *hours, weekdays=[1], capacity=4)
        world.rule(activity, **rule)
        world.enrolment(zoe, activity, durand)
        world.booking(zoe, world.opening(slot, NOW.date()))
    return durand.actor, zoe


def telling(actor, child):
    lines = not_coming_lines(actor, child.pk, first=NOW.date(), last=NOW.date(), now=NOW)
    shown = {line.place.id: line.fate for line in lines}
    return lambda: not_coming_tell(
        actor=actor, child_id=child.pk, booking_ids=list(shown), shown=shown, now=NOW
    )


def test_sent_several_times_at_once_it_is_done_once(ill) -> None:
    answers = together([telling(*ill)] * 4)
    counters_hold()
    done = [[line.fate for line in lines] for lines in answers]
    assert done.count([Fate.DECLARE, Fate.CANCEL]) == 1
    assert done.count([Fate.NOTHING, Fate.NOTHING]) == 3
    assert Absence.objects.count() == 1
    assert sorted(Booking.objects.values_list("state", flat=True)) == ["booked", "cancelled"]
    assert Entry.objects.filter(verb__in=("absence.declared", "booking.saved")).count() == 2


def test_against_a_save_of_the_planning_nothing_is_half_done(ill) -> None:
    actor, child = ill
    evening = Booking.objects.get(opening__slot__name="Soir")
    change = Change(child.pk, evening.opening_id, seen=True, wanted=False)
    answers = together_or_errors(
        [telling(*ill), lambda: bookings_save(actor=actor, changes=[change], now=NOW)]
    )
    counters_hold()
    # Whoever came first gave the evening back; the meal is told absent unless something else was shown.
    assert Booking.objects.get(pk=evening.pk).state == "cancelled"
    assert Absence.objects.count() == (0 if isinstance(answers[0], ShownOtherwise) else 1)


def test_taken_back_several_times_at_once_it_is_back_once(ill) -> None:
    actor, child = ill
    telling(*ill)()
    together([lambda: not_coming_undo(actor=actor, child_id=child.pk, at=NOW, now=NOW)] * 3)
    counters_hold()
    assert not Absence.objects.exists()
    assert Booking.objects.filter(state="booked").count() == 2
