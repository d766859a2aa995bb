"""Booked and not there, there and not booked: who is told, when, once; the answer, and what comes of it."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest

from marelle.accounts.models import User
from marelle.activities.models import Activity, Opening
from marelle.attendance.mismatch_rules import DELAY, Answer, may_answer, may_tell
from marelle.attendance.mismatches import mismatch_settle, mismatch_undo, mismatches_answer
from marelle.attendance.models import Call, Mismatch
from marelle.attendance.refusals import CannotAnswer, CannotCorrect, WordsMissing
from marelle.attendance.rules import Alert
from marelle.attendance.tablets import tablet_revoke
from marelle.bookings.absences.services import absences_declare
from marelle.bookings.models import Attendance
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.cases.services import DecidedElsewhere, OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours
from marelle.families.models import CustodyPeriod, Guardianship, Person
from marelle.families.rules import CustodyWeeks
from marelle.flows.actor.actors import actor_for
from marelle.flows.door.mismatches import mismatches_tell
from tests.attendance.door import (
    CLOSED,
    DAY,
    EIGHT,
    MINUTE,
    Door,
    call_close,
    call_reopen,
    close,
    mails,
    mixed_door,
)
from tests.standing import built_once

TOLD = EIGHT + 30 * MINUTE
LATER = EIGHT + 60 * MINUTE


def test_told_once_its_call_is_closed_and_known_to_be_for_ten_minutes() -> None:
    told = {"day": DAY, "closed_at": CLOSED, "received_at": CLOSED}
    assert may_tell(**told, now=TOLD)
    assert not may_tell(**told, now=TOLD - MINUTE)
    assert not may_tell(**told | {"received_at": CLOSED + MINUTE}, now=TOLD)
    assert not may_tell(**told | {"day": DAY + timedelta(days=1)}, now=TOLD)


def test_each_alert_has_its_answers_for_a_month() -> None:
    assert may_answer(Alert.ABSENT, Answer.FORGOTTEN, told_at=TOLD, now=TOLD + timedelta(days=30))
    assert not may_answer(Alert.ABSENT, Answer.FORGOTTEN, told_at=TOLD, now=TOLD + timedelta(days=31))
    assert not may_answer(Alert.ABSENT, Answer.REGULARISE, told_at=TOLD, now=TOLD)
    assert not may_answer(Alert.UNBOOKED, Answer.FORGOTTEN, told_at=TOLD, now=TOLD)


built = built_once(mixed_door)


@pytest.fixture
def door(built, db) -> Door:
    return deepcopy(built)


def told() -> list[tuple[str, str]]:
    return list(Mismatch.objects.order_by("kind").values_list("child__first_name", "kind"))


def the_state(row: Mismatch) -> str:
    return Mismatch.objects.get(pk=row.pk).settled


def the_answers(door: Door) -> list[str]:
    rows = Mismatch.objects.filter(child=door.tom).order_by("opening__starts_at")
    return list(rows.values_list("answer", flat=True))


def the(child: Person) -> Mismatch:
    return Mismatch.objects.get(child=child)


def answered(door: Door, child: Person, answer: Answer = Answer.ERROR) -> Mismatch:
    close(door)
    mismatches_tell(now=TOLD)
    return answer_all(door, the(child), answer=answer)


def answer_all(
    door: Door, *rows: Mismatch, answer: Answer = Answer.ERROR, by: Actor | None = None
) -> Mismatch:
    ids = [row.pk for row in rows]
    return mismatches_answer(actor=by or door.durand.actor, mismatch_ids=ids, answer=answer, now=LATER)[0]


def settle(door: Door, *rows: Mismatch, correct: bool, words: str = "", of: int | None = None) -> None:
    """Correct all of these, or none, of the answer about the first."""
    ids = [row.pk for row in rows] if correct else []
    mismatch_settle(
        actor=door.director, mismatch_id=of or rows[0].pk, correct=ids, words=words, now=LATER + MINUTE
    )


def absent_all_day(door: Door) -> tuple[Mismatch, Mismatch]:
    """Tom was seen neither in the morning nor at the meal, and his home is told of both at once."""
    door.made.booking(door.tom, door.midday)
    for opening in (door.morning, door.midday):
        call_close(actor=door.director, structure_id=door.structure_id, opening_id=opening.pk, now=CLOSED)
    mismatches_tell(now=TOLD)
    morning, midday = Mismatch.objects.filter(child=door.tom).order_by("opening__starts_at")
    return morning, midday


def seen(door: Door, child: Person) -> bool | None:
    row = door.seen(child)
    return row.present if row else None


def test_a_home_is_told_once_in_one_mail_for_all_its_children(door: Door) -> None:
    assert mismatches_tell(now=TOLD) == 0
    close(door)
    assert mismatches_tell(now=TOLD - MINUTE) == 0
    assert mismatches_tell(now=TOLD) == 2
    assert told() == [("Tom", "absent"), ("Léa", "unbooked")]
    (mail,) = mails()
    assert mail.to == door.durand.adult.email
    assert "- Tom : Matin" in mail.text
    assert "- Léa : Matin" in mail.text
    assert "Zoé" not in mail.text
    assert mismatches_tell(now=TOLD) == mismatches_tell(now=LATER) == 0
    assert len(mails()) == 1


def test_a_call_closed_too_soon_tells_nobody_before_the_child_is_due(door: Door) -> None:
    """Tom comes back in the evening, after school: that call is closed by a wrong touch in the morning."""
    slot = door.made.slot(door.morning.activity, "Soir", "16:30", "18:30")
    evening = door.made.opening(slot, DAY)
    door.made.booking(door.tom, evening)
    door.sends(door.raw("present", door.tom))
    call_close(actor=door.director, structure_id=door.structure_id, opening_id=evening.pk, now=CLOSED)
    due = evening.starts_at + DELAY
    assert mismatches_tell(now=TOLD) == 0
    assert mismatches_tell(now=due - MINUTE) == 0
    assert mismatches_tell(now=due) == 1


def test_a_call_opened_again_before_that_tells_nothing_until_it_is_closed(door: Door) -> None:
    close(door)
    call_reopen(
        actor=door.director, structure_id=door.structure_id, opening_id=door.morning.pk, now=CLOSED + MINUTE
    )
    assert mismatches_tell(now=LATER) == 0
    close(door, now=LATER)
    assert mismatches_tell(now=LATER + 9 * MINUTE) == 0
    assert mismatches_tell(now=LATER + 10 * MINUTE) == 2


def test_the_second_meal_missed_is_on_the_page_without_another_mail(door: Door) -> None:
    door.made.booking(door.tom, door.midday)
    close(door)
    mismatches_tell(now=TOLD)
    call_close(actor=door.director, structure_id=door.structure_id, opening_id=door.midday.pk, now=LATER)
    assert mismatches_tell(now=LATER + 10 * MINUTE) == 1
    assert len(mails()) == 1


def test_a_whole_day_is_told_answered_and_settled_at_once(door: Door) -> None:
    morning, midday = absent_all_day(door)
    (mail,) = mails()
    assert "- Tom : Matin, Repas" in mail.text
    answer_all(door, midday, morning)
    case = Case.objects.get(kind="mismatch")
    assert case.label == "Tom Durand · Matin, Repas, mercredi 25 novembre"
    with pytest.raises(WordsMissing):
        settle(door, morning, correct=True)
    assert seen(door, door.tom) is None
    settle(door, morning, correct=True, words="Le midi, personne ne l’a vu.")
    assert (the_state(morning), the_state(midday)) == ("corrected", "left")
    assert seen(door, door.tom) is True
    (told,) = mails("attendance/mismatch_settled")
    assert "maintenant notée :\n\n- Tom : Matin\n" in told.text
    assert "ne change pas :\n\n- Tom : Repas\n" in told.text
    at = LATER + MINUTE
    mismatch_undo(actor=door.director, mismatch_id=morning.pk, decided_at=at, now=at + timedelta(seconds=20))
    assert (the_state(morning), the_state(midday)) == ("", "")
    assert seen(door, door.tom) is None
    settle(door, morning, midday, correct=True)
    assert Attendance.objects.filter(child=door.tom, present=True).count() == 2


def test_a_day_spent_at_two_structures_is_two_mails_and_two_cases(door: Door) -> None:
    canteen = door.made.activity("Cantine", structure=door.made.structure("Cantine"))
    meal = door.made.opening(door.made.slot(canteen, "Repas", "08:00", "13:00"), DAY)
    door.made.enrolment(door.tom, canteen, door.durand)
    door.made.booking(door.tom, meal)
    close(door)
    Call.objects.create(opening=meal, state=Call.State.CLOSED, closed_at=CLOSED, closed_by="Cantine")
    mismatches_tell(now=TOLD)
    assert sorted("- Tom : Repas" in mail.text for mail in mails()) == [False, True]
    answer_all(door, *Mismatch.objects.filter(child=door.tom))
    cases = Case.objects.filter(kind="mismatch").values_list("structure_id", flat=True)
    assert set(cases) == {door.structure_id, canteen.structure_id}


def test_a_day_is_answered_in_part_and_lifted_in_part(door: Door) -> None:
    morning, midday = absent_all_day(door)
    answer_all(door, morning, answer=Answer.FORGOTTEN)
    answer_all(door, morning, midday)
    assert the_answers(door) == ["forgotten", "error"]
    cases = Case.objects.filter(kind="mismatch")
    assert [case.subject_id for case in cases] == [morning.pk, midday.pk]
    with pytest.raises(CannotCorrect):
        settle(door, midday, correct=True, of=morning.pk)
    cases.delete()
    Mismatch.objects.update(answer="")
    answer_all(door, morning, midday)
    door.sends(door.raw("present", door.tom, minutes=5), now=LATER)
    mismatches_tell(now=LATER)
    assert cases.get().state == "open"
    settle(door, midday, correct=True, of=morning.pk)
    assert the_state(morning) == ""


def test_several_lifted_at_once_are_told_in_one_mail_even_weeks_after(door: Door) -> None:
    morning, midday = absent_all_day(door)
    answer_all(door, morning, midday)
    came = [door.raw("present", door.tom, opening=one.pk, minutes=9) for one in (door.morning, door.midday)]
    weeks_after = LATER + timedelta(days=30)
    door.sends(*came, actor=door.director, now=weeks_after)
    mismatches_tell(now=weeks_after)
    (mail,) = mails("attendance/mismatch_settled")
    assert "- Tom : Matin, Repas" in mail.text
    assert Case.objects.get(kind="mismatch").state == "withdrawn"


def test_one_lifted_by_a_tick_that_is_taken_back_is_told_again(door: Door) -> None:
    morning, midday = absent_all_day(door)
    answer_all(door, morning, midday)
    wrong = door.raw("present", door.tom, minutes=31)
    door.sends(wrong, now=LATER)
    mismatches_tell(now=LATER)
    door.sends(door.raw("undone", door.tom, minutes=32, undoes=wrong["id"], after=wrong["id"]), now=LATER)
    assert mismatches_tell(now=LATER + MINUTE) == 1
    assert mismatches_tell(now=LATER + 2 * MINUTE) == 0
    first, again = mails()
    assert "- Tom : Matin, Repas" in first.text
    assert "- Tom : Matin\n" in again.text
    answer_all(door, morning, answer=Answer.FORGOTTEN)
    settle(door, midday, correct=True, of=morning.pk)
    assert (the_state(morning), the_state(midday)) == ("left", "corrected")


def test_nothing_is_lifted_while_two_tablets_disagree(door: Door) -> None:
    close(door)
    mismatches_tell(now=TOLD)
    cour = door.another_tablet()
    door.sends(door.raw("absent", door.tom, minutes=31), now=LATER)
    door.sends(door.raw("present", door.tom, minutes=32), tablet=cour, now=LATER)
    door.sends(door.raw("absent", door.lea, minutes=32), tablet=cour, now=LATER)
    mismatches_tell(now=LATER)
    assert the(door.tom).withdrawn_at is the(door.lea).withdrawn_at is None


@pytest.mark.parametrize("answered", [False, True])
def test_a_booking_gone_or_made_since_lifts_it_without_a_word_unless_it_was_answered(
    door: Door, answered: bool
) -> None:
    close(door)
    mismatches_tell(now=TOLD)
    if answered:
        answer_all(door, the(door.tom))
        answer_all(door, the(door.lea), answer=Answer.REGULARISE)
    door.tom.bookings.update(state="cancelled", end_cause="structure")
    door.made.booking(door.lea, door.morning)
    assert mismatches_tell(now=LATER) == mismatches_tell(now=LATER + MINUTE) == 0
    assert {row.withdrawn_at is None for row in Mismatch.objects.all()} == {answered}
    assert mails("attendance/mismatch_settled") == []


def test_what_a_tablet_brings_before_is_counted_and_after_lifts_the_alert(door: Door) -> None:
    close(door)
    door.sends(door.raw("present", door.tom, minutes=5), now=CLOSED + MINUTE)
    assert mismatches_tell(now=TOLD) == 1
    door.sends(door.raw("absent", door.lea, minutes=15), now=LATER)
    assert mismatches_tell(now=LATER) == 0
    assert the(door.lea).withdrawn_at == LATER
    (mail,) = mails("attendance/mismatch_settled")
    assert "n’est plus notée" in mail.text
    mismatches_tell(now=LATER + MINUTE)
    assert len(mails("attendance/mismatch_settled")) == 1


def test_who_is_with_another_group_is_neither_missing_nor_one_too_many(door: Door) -> None:
    day = door.made.slot(door.morning.activity, "Journée", "08:00", "17:00")
    whole = door.made.opening(day, DAY)
    door.made.booking(door.lea, whole)
    close(door)
    assert mismatches_tell(now=TOLD) == 1
    assert told() == [("Tom", "absent")]
    call_close(actor=door.director, structure_id=door.structure_id, opening_id=whole.pk, now=LATER)
    assert mismatches_tell(now=LATER + 10 * MINUTE) == 0
    door.sends(door.raw("present", door.tom, minutes=5, opening=whole.pk), now=LATER + 11 * MINUTE)
    mismatches_tell(now=LATER + 11 * MINUTE)
    assert the(door.tom).withdrawn_at
    assert len(mails("attendance/mismatch_settled")) == 1


def test_a_tick_that_comes_late_adds_one(door: Door) -> None:
    door.sends(door.raw("absent", door.lea, minutes=2), door.raw("present", door.tom))
    close(door)
    assert mismatches_tell(now=TOLD) == 0
    door.sends(door.raw("present", door.lea, minutes=4), now=LATER)
    assert mismatches_tell(now=LATER) == 1


def test_a_tick_that_lifts_it_settles_what_the_home_answered(door: Door) -> None:
    row = answered(door, door.tom)
    door.sends(door.raw("present", door.tom, minutes=5), now=LATER)
    mismatches_tell(now=LATER)
    assert Case.objects.get(kind="mismatch").state == "withdrawn"
    with pytest.raises(CannotAnswer):
        answer_all(door, row)


def test_a_reason_given_by_the_team_is_no_alert_and_lifts_one_without_a_word(door: Door) -> None:
    close(door)
    mismatches_tell(now=TOLD)
    door.sends(door.raw("absent_excused", door.tom, reason="illness"), now=LATER)
    mismatches_tell(now=LATER)
    assert the(door.tom).withdrawn_at == LATER
    assert mails("attendance/mismatch_settled") == []


def test_who_is_told_absent_or_waits_at_the_desk_or_comes_freely_is_no_alert(door: Door) -> None:
    absences_declare(actor=door.durand.actor, booking_ids=[door.tom.bookings.get().pk], now=CLOSED)
    close(door)
    assert mismatches_tell(now=TOLD) == 1
    Mismatch.objects.all().delete()
    for mode in ("free", "accompanied"):
        Activity.objects.update(booking_mode=mode)
        assert mismatches_tell(now=TOLD) == 0


def test_a_call_that_a_tablet_hands_in_late_is_known_from_then_on(door: Door) -> None:
    door.sends(door.raw("call_closed", minutes=12), now=LATER)
    assert mismatches_tell(now=LATER + 9 * MINUTE) == 0
    assert mismatches_tell(now=LATER + 10 * MINUTE) == 2


def test_nobody_is_told_of_a_place_not_given_yet_nor_of_a_slot_closed_meanwhile(door: Door) -> None:
    close(door)
    Opening.objects.update(state=Opening.State.CLOSED)
    assert mismatches_tell(now=TOLD) == 0
    Opening.objects.update(state=Opening.State.OPEN)
    door.tom.bookings.update(state=BookingState.REQUESTED)
    door.made.booking(door.lea, door.morning, state=BookingState.REQUESTED)
    assert mismatches_tell(now=TOLD) == 0


@pytest.mark.parametrize("opening", [{}, {"opening": 999_999_999}])
def test_what_waits_at_the_desk_is_settled_before_anybody_is_told(
    door: Door, opening: dict[str, int]
) -> None:
    tablet = door.another_tablet()
    tablet_revoke(actor=door.director, tablet_id=tablet.pk, now=CLOSED)
    tablet.refresh_from_db()
    door.sends(door.raw("present", door.tom, **opening), tablet=tablet)
    close(door)
    assert mismatches_tell(now=TOLD) == 1
    assert told() == [("Léa", "unbooked")]


def test_homes_apart_only_the_one_that_booked_or_whose_week_it_is(door: Door) -> None:
    other = door.made.home("Petit", "Alex")
    for child in (door.tom, door.lea):
        door.made.shared(child, door.durand, other)
        door.made.enrolment(child, door.morning.activity, other)
    assert DAY.isocalendar().week % 2 == 0
    for home, weeks in ((door.durand, CustodyWeeks.ODD), (other, CustodyWeeks.EVEN)):
        CustodyPeriod.objects.filter(member__family=home.family, member__person=door.lea).update(weeks=weeks)
    close(door)
    mismatches_tell(now=TOLD)
    assert the(door.tom).family == door.durand.family
    assert the(door.lea).family == other.family
    assert {mail.to for mail in mails() if "Tom" in mail.text} == {door.durand.adult.email}
    with pytest.raises(NotYours):
        answer_all(door, the(door.tom), the(door.lea), by=other.actor)
    enrolment = door.tom.enrolments.get(family=other.family)
    door.made.booking(door.tom, door.midday, enrolment=enrolment)
    call_close(actor=door.director, structure_id=door.structure_id, opening_id=door.midday.pk, now=LATER)
    mismatches_tell(now=LATER + 10 * MINUTE)
    assert {mail.to for mail in mails() if "- Tom : Repas" in mail.text} == {other.adult.email}


@pytest.mark.parametrize("ended", [True, False])
def test_who_came_unbooked_is_told_to_the_home_that_enrols_it_there_still(door: Door, ended: bool) -> None:
    other = door.made.home("Petit", "Alex")
    door.made.enrolment(door.lea, door.morning.activity, other)
    first = door.lea.enrolments.filter(family=door.durand.family)
    if ended:
        first.update(ends_on=DAY - timedelta(days=1))
    else:
        first.update(activity=door.made.activity("Soirs", structure=door.morning.activity.structure))
    close(door)
    mismatches_tell(now=TOLD)
    assert the(door.lea).family == other.family


@pytest.mark.parametrize("right", ["is_told", "may_see"])
def test_a_guardian_who_is_not_told_or_does_not_see_the_child_has_no_mail(door: Door, right: str) -> None:
    Guardianship.objects.update(**{right: False})
    close(door)
    assert mismatches_tell(now=TOLD) == 2
    assert mails() == []


def test_an_error_is_corrected_by_a_tick_and_the_home_told_in_a_minute(door: Door) -> None:
    row = answered(door, door.tom)
    case = Case.objects.get(kind="mismatch")
    assert (case.structure_id, case.family_id) == (door.structure_id, door.durand.family.pk)
    settle(door, row, correct=True)
    assert seen(door, door.tom) is True
    (mail,) = mails("attendance/mismatch_settled")
    assert "La présence est maintenant notée :\n\n- Tom : Matin" in mail.text
    assert mail.not_before > LATER + MINUTE
    mismatches_tell(now=LATER + 2 * MINUTE)
    assert the(door.tom).withdrawn_at is None


def test_an_error_of_who_was_not_there_is_corrected_too(door: Door) -> None:
    settle(door, answered(door, door.lea), correct=True)
    assert seen(door, door.lea) is False


def test_a_correction_is_undone_within_its_minute(door: Door) -> None:
    row = answered(door, door.tom)
    settle(door, row, correct=True)
    at = LATER + MINUTE
    mismatch_undo(actor=door.director, mismatch_id=row.pk, decided_at=at, now=at + timedelta(seconds=20))
    assert seen(door, door.tom) is None
    assert Case.objects.get(kind="mismatch").state == "open"
    assert [mail.state for mail in mails("attendance/mismatch_settled")] in ([], ["revoked"])
    assert the(door.tom).settled == ""


def test_an_error_that_is_none_says_why_and_forgetting_is_read_not_corrected(door: Door) -> None:
    row = answered(door, door.tom)
    with pytest.raises(WordsMissing):
        settle(door, row, correct=False, words="  ")
    settle(door, row, correct=False, words="L’équipe l’a cherché.")
    assert (the(door.tom).settled, the(door.tom).words) == ("left", "L’équipe l’a cherché.")
    assert Case.objects.get(kind="mismatch").state == "refused"
    assert "cherché" not in mails("attendance/mismatch_settled")[0].text
    lea = answer_all(door, the(door.lea), answer=Answer.REGULARISE)
    with pytest.raises(CannotCorrect):
        settle(door, lea, correct=True)
    settle(door, lea, correct=False)
    assert Case.objects.get(subject_id=lea.pk, kind="mismatch").state == "accepted"


def test_a_home_answers_once_and_not_what_it_told_absent(door: Door) -> None:
    row = answered(door, door.lea)
    with pytest.raises(CannotAnswer):
        answer_all(door, row)
    absences_declare(actor=door.durand.actor, booking_ids=[door.tom.bookings.get().pk], now=LATER)
    with pytest.raises(CannotAnswer):
        answer_all(door, the(door.tom), answer=Answer.FORGOTTEN)


def test_nobody_else_settles_nor_who_is_the_family(door: Door) -> None:
    row = answered(door, door.tom)
    elsewhere = door.made.staff("ailleurs", Role.DIRECTOR, structure=door.made.structure("Ailleurs"))
    for actor in (actor_for(elsewhere), actor_for(door.animator), door.durand.actor):
        with pytest.raises(NotYours):
            mismatch_settle(actor=actor, mismatch_id=row.pk, correct=[row.pk], now=LATER)
    Case.objects.update(structure_id=None, authority_id=None)
    with pytest.raises(DecidedElsewhere):
        settle(door, row, correct=True)
    Person.objects.filter(pk=door.durand.adult.pk).update(account=door.director.user_id)
    with pytest.raises(OwnFile):
        mismatch_settle(
            actor=actor_for(User.objects.get(pk=door.director.user_id)),
            mismatch_id=row.pk,
            correct=[row.pk],
            now=LATER,
        )
