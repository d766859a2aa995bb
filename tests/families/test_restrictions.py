"""A judge's restriction on one child: two agents write it and end it, and nothing of the child is seen."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.billing import covering
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.enrolments.direct import candidates
from marelle.families.care.emergency import emergency_facts
from marelle.families.care.safety import safety_facts
from marelle.families.file.newcomers import Newcomer, NewcomerKind, comes_back, likely_twins
from marelle.families.models import Consent, Guardianship, Member, Person, Restriction
from marelle.families.refusals import NotAllowed, RestrictionRefused
from marelle.families.restrictions import (
    Judgment,
    kept_apart,
    mails_withheld,
    restrictable,
    restriction_confirm,
    restriction_end_answer,
    restriction_end_propose,
    restriction_refuse,
    restriction_write,
    restrictions_read,
)
from marelle.families.scope import other_homes
from marelle.families.selectors import bookable_people, children, homes_away, members
from marelle.families.telling import addressees, addressees_of_children, tell_home
from marelle.flows.actor.acting import on_behalf_of
from marelle.flows.actor.actors import actor_for
from marelle.flows.bills.coverages import _but
from marelle.flows.enrolling.stay_planning import stay_planning, stays_kept
from marelle.flows.prices.held import HeldSlot
from marelle.flows.prices.homes import situations_of
from marelle.flows.prices.reading import NO_SLOTS, slots_held
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from marelle.places.models import Post
from tests.care import asked, contact, permission
from tests.scenario import Home, Scenario
from tests.standing import built_once

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=PARIS)
DAY = NOW.date()
TOMORROW = DAY + timedelta(days=1)


class Parted(Scenario):
    """Zoé lives at Camille's and at Alex's, who has Noé as well and lives with Sam."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = self.home("Durand", "Camille")
        self.zoe = self.child(self.kept, "Zoé", born=date(2019, 3, 4))
        self.away = self.home("Petit", "Alex")
        self.shared(self.zoe, self.kept, self.away)
        self.noe = self.child(self.away, "Noé", born=date(2020, 3, 4))
        self.sam = self.adult(self.away, "Sam", identifier="sam")
        self.first_user = self.staff("guichet", Role.OFFICE)
        self.second_user = self.staff("collegue", Role.OFFICE)
        self.first, self.second = actor_for(self.first_user), actor_for(self.second_user)

    def judged(self, *adults: Person, since: date = DAY, until: date | None = None) -> Restriction:
        rows = restriction_write(
            actor=self.first,
            child_id=self.zoe.pk,
            adult_ids=[one.pk for one in adults or (self.away.adult,)],
            judgment=Judgment(since, until, "Juge de Dijon, 20/11/2026"),
            now=NOW,
        )
        return rows[0]

    def at_the_office(self, home: Home) -> Actor:
        """The adult of a home, who works there."""
        Post.objects.create(user=home.user, role=Role.OFFICE.value, authority=self.the_authority)
        return actor_for(User.objects.get(pk=home.user.pk))

    def seen(self, home: Home, day: date = DAY) -> list[str]:
        return [child.first_name for child in children(home.actor, day=day)]


built = built_once(Parted, now=NOW)


@pytest.fixture
def world(built: Parted, db: None, time_machine: Any) -> Parted:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_it_holds_as_soon_as_it_is_written_and_for_the_whole_home(world: Parted) -> None:
    assert world.seen(world.away) == ["Zoé", "Noé"]
    world.guardian(world.sam, world.zoe, link="step_parent")
    world.judged(world.away.adult, world.sam)
    sam = actor_for(world.sam.account)
    for actor in (world.away.actor, sam):
        assert "Zoé" not in [child.first_name for child in children(actor, day=DAY)]
        assert not members(actor, day=DAY).filter(person=world.zoe).exists()
        assert world.zoe not in bookable_people(actor, day=DAY)
    assert world.seen(world.kept) == ["Zoé"]


def test_who_comes_to_live_with_who_is_named_sees_nothing_either(world: Parted) -> None:
    world.judged()
    world.guardian(world.sam, world.zoe, link="step_parent")
    sam = actor_for(world.sam.account)
    assert children(sam, day=DAY) == ()
    assert not addressees(family_id=world.away.family.pk, child_id=world.zoe.pk, now=NOW)
    gone = Member.objects.filter(person=world.away.adult)
    gone.update(until=DAY - timedelta(days=1))
    assert [child.first_name for child in children(sam, day=DAY)] == ["Zoé"], "who is named lives elsewhere"


def test_it_holds_from_its_first_day_to_its_last(world: Parted) -> None:
    world.judged(since=DAY + timedelta(days=2), until=DAY + timedelta(days=4))
    seen = ["Zoé" in world.seen(world.away, DAY + timedelta(days=number)) for number in range(6)]
    assert seen == [True, True, False, False, False, True]


def test_the_home_that_is_left_shares_the_child_with_nobody(world: Parted) -> None:
    """Its weeks are all its own: the custody of before says nothing any more."""
    assert children(world.kept.actor, day=DAY)[0].is_shared
    world.judged()
    assert not children(world.kept.actor, day=DAY)[0].is_shared


def test_an_agent_in_its_name_sees_what_it_sees_and_a_desk_sees_all(world: Parted) -> None:
    world.judged()
    acting = actor_for(world.first_user, acting_for=world.away.family.pk)
    assert acting.on_behalf_of
    assert [child.first_name for child in children(acting, day=DAY)] == ["Noé"]
    desk = on_behalf_of(world.first, world.away.family.pk)
    assert [child.first_name for child in children(desk, day=DAY)] == ["Zoé", "Noé"]


def test_two_agents_are_needed_to_confirm_it(world: Parted) -> None:
    row = world.judged()
    with pytest.raises(RestrictionRefused, match="same"):
        restriction_confirm(actor=world.first, restriction_id=row.pk, now=NOW)
    with pytest.raises(RestrictionRefused, match="same"):
        restriction_refuse(actor=world.first, restriction_id=row.pk, now=NOW)
    assert restriction_confirm(actor=world.second, restriction_id=row.pk, now=NOW).confirmed_by == "Collegue"
    with pytest.raises(RestrictionRefused, match="answered"):
        restriction_refuse(actor=world.second, restriction_id=row.pk, now=NOW)


def test_one_that_is_refused_hides_nothing(world: Parted) -> None:
    row = world.judged()
    restriction_refuse(actor=world.second, restriction_id=row.pk, now=NOW)
    assert world.seen(world.away) == ["Zoé", "Noé"]
    assert world.judged().pk != row.pk


def test_two_agents_are_needed_to_end_it(world: Parted) -> None:
    row = world.judged()
    with pytest.raises(RestrictionRefused, match="unconfirmed"):
        restriction_end_propose(actor=world.first, restriction_id=row.pk, last_day=DAY, now=NOW)
    restriction_confirm(actor=world.second, restriction_id=row.pk, now=NOW)
    restriction_end_propose(actor=world.second, restriction_id=row.pk, last_day=DAY, now=NOW)
    assert "Zoé" not in world.seen(world.away, TOMORROW)
    with pytest.raises(RestrictionRefused, match="end_waits"):
        restriction_end_propose(actor=world.first, restriction_id=row.pk, last_day=TOMORROW, now=NOW)
    with pytest.raises(RestrictionRefused, match="same"):
        restriction_end_answer(actor=world.second, restriction_id=row.pk, agreed=True, now=NOW)
    restriction_end_answer(actor=world.first, restriction_id=row.pk, agreed=True, now=NOW)
    assert "Zoé" not in world.seen(world.away, DAY)
    assert "Zoé" in world.seen(world.away, TOMORROW)


def test_an_end_that_is_dropped_changes_nothing(world: Parted) -> None:
    row = world.judged()
    restriction_confirm(actor=world.second, restriction_id=row.pk, now=NOW)
    restriction_end_propose(actor=world.second, restriction_id=row.pk, last_day=DAY, now=NOW)
    restriction_end_answer(actor=world.second, restriction_id=row.pk, agreed=False, now=NOW)
    assert "Zoé" not in world.seen(world.away, DAY + timedelta(days=900))
    with pytest.raises(RestrictionRefused, match="answered"):
        restriction_end_answer(actor=world.first, restriction_id=row.pk, agreed=True, now=NOW)


@pytest.mark.parametrize("last_day", [DAY - timedelta(days=1), DAY + timedelta(days=9)])
def test_a_last_day_is_between_today_and_the_end_that_was_written(world: Parted, last_day: date) -> None:
    row = world.judged(until=DAY + timedelta(days=8))
    restriction_confirm(actor=world.second, restriction_id=row.pk, now=NOW)
    with pytest.raises(RestrictionRefused, match="last_day"):
        restriction_end_propose(actor=world.first, restriction_id=row.pk, last_day=last_day, now=NOW)


def test_who_shares_its_file_with_who_sees_the_child_is_not_restricted(world: Parted) -> None:
    """Of one file nothing can be hidden from one of its adults."""
    world.guardian(world.sam, world.zoe, link="step_parent")
    with pytest.raises(RestrictionRefused, match="one_file"):
        world.judged()


def test_it_is_not_written_twice_for_the_same_days(world: Parted) -> None:
    world.judged(until=TOMORROW)
    with pytest.raises(RestrictionRefused, match="already"):
        world.judged(since=TOMORROW)
    world.judged(since=TOMORROW + timedelta(days=1))


def test_only_adults_of_the_child_are_restricted(world: Parted) -> None:
    stranger = world.home("Bernard", "Thomas").adult
    assert set(restrictable(world.zoe.pk, day=DAY)) == {world.kept.adult, world.away.adult, world.sam}
    with pytest.raises(NotYours):
        world.judged(stranger)


@pytest.mark.parametrize("who", ["kept", "away"])
def test_nobody_writes_nor_answers_one_of_its_own_child(world: Parted, who: str) -> None:
    """Whoever it works for: who is protected decides it no more than who is kept away."""
    home: Home = getattr(world, who)
    row = world.judged()
    own = world.at_the_office(home)
    assert not restrictions_read(own, day=DAY).exists()
    with pytest.raises(NotYours):
        restriction_confirm(actor=own, restriction_id=row.pk, now=NOW)
    with pytest.raises(NotAllowed):
        restriction_write(
            actor=own,
            child_id=world.zoe.pk,
            adult_ids=[world.sam.pk],
            judgment=Judgment(DAY, None, "Juge"),
            now=NOW,
        )


def test_an_agent_who_is_kept_away_opens_nothing_of_the_other_home(world: Parted) -> None:
    """Even once it is no guardian any more."""
    world.judged()
    Guardianship.objects.filter(adult=world.away.adult, child=world.zoe).delete()
    Member.objects.filter(person=world.zoe, family=world.away.family).delete()
    own = world.at_the_office(world.away)
    assert other_homes(own, DAY) == {world.kept.family.pk}


def test_no_director_writes_one(world: Parted) -> None:
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    with pytest.raises(NotAllowed):
        restriction_write(
            actor=director,
            child_id=world.zoe.pk,
            adult_ids=[world.away.adult.pk],
            judgment=Judgment(DAY, None, "Juge"),
            now=NOW,
        )


def test_no_mail_about_the_child_goes_to_the_home(world: Parted) -> None:
    pairs = [(home.family.pk, world.zoe.pk) for home in (world.kept, world.away)]
    world.judged()
    assert [one.name for one in addressees(family_id=pairs[0][0], child_id=world.zoe.pk, now=NOW)]
    assert not addressees(family_id=pairs[1][0], child_id=world.zoe.pk, now=NOW)
    told = addressees_of_children(pairs, now=NOW)
    assert [bool(told[pair]) for pair in pairs] == [True, False]


def test_mails_that_waited_do_not_leave(world: Parted) -> None:
    """Nor those of a restriction that begins later, on its first day; those of another child do."""
    of_zoe, of_noe, of_kept = (
        tell_home(
            kind="bookings/answered", context=ANSWERED, family_id=home.family.pk, child_id=child.pk, now=NOW
        )[0]
        for home, child in ((world.away, world.zoe), (world.away, world.noe), (world.kept, world.zoe))
    )
    world.judged(since=TOMORROW)
    assert mails_withheld(now=NOW) == 0
    assert mails_withheld(now=NOW + timedelta(days=1)) == 1
    states = [Message.objects.get(pk=one.pk).state for one in (of_zoe, of_noe, of_kept)]
    assert states == [MessageState.REVOKED, MessageState.QUEUED, MessageState.QUEUED]


def test_those_that_wait_are_taken_back_as_soon_as_it_is_written(world: Parted) -> None:
    (waiting,) = tell_home(
        kind="bookings/answered",
        context=ANSWERED,
        family_id=world.away.family.pk,
        child_id=world.zoe.pk,
        now=NOW,
    )
    world.judged()
    assert Message.objects.get(pk=waiting.pk).state == MessageState.REVOKED


ANSWERED: Final = {
    "child": "Zoé", "activity": "Mercredis", "taken": ["mercredi"], "refused": [], "reason": "",
    "child_id": 1, "date": "2026-12-02", "structure": "Centre", "email": "", "phone": "",
}  # fmt: skip


def test_the_door_sees_it_as_a_ban_and_forgets_whom_that_home_named(world: Parted) -> None:
    for home, name in ((world.kept, "Line Roche"), (world.away, "Odile Petit")):
        contact(home, world.zoe, name)
        permission(home, world.zoe, DAY, name=f"{name} du jour")
    before = safety_facts([world.zoe.pk], day=DAY)[world.zoe.pk]
    assert before.banned == ()
    world.judged()
    found = safety_facts([world.zoe.pk], day=DAY)[world.zoe.pk]
    assert found.banned == ("Alex Petit",)
    assert {one.name for one in found.fetchers} == {"Camille Durand", "Line Roche", "Line Roche du jour"}
    called = emergency_facts([world.zoe.pk], day=DAY)[world.zoe.pk].called
    assert {one.name for one in called} == {"Camille Durand", "Line Roche"}


def test_an_answer_of_that_home_settles_nothing_any_more(world: Parted) -> None:
    kind = asked(world.the_authority)
    for home, given in ((world.kept, True), (world.away, False)):
        Consent.objects.create(
            child=world.zoe,
            family=home.family,
            type=kind,
            school_year=2026,
            given=given,
            answered_by=str(home.adult),
            answered_at=NOW,
        )
    assert safety_facts([world.zoe.pk], day=DAY)[world.zoe.pk].refused
    world.judged()
    assert not safety_facts([world.zoe.pk], day=DAY)[world.zoe.pk].refused


def test_a_child_does_not_come_back_as_a_newcomer(world: Parted) -> None:
    again = Newcomer(NewcomerKind.CHILD, "zoé", "Petit", birth_date=world.zoe.birth_date)
    assert not comes_back(world.away.family.pk, again, day=DAY)
    world.judged()
    assert comes_back(world.away.family.pk, again, day=DAY)
    assert likely_twins(world.away.family.pk, again, day=DAY) == ()


def test_the_two_homes_are_not_made_one(world: Parted) -> None:
    homes = (world.kept.family.pk, world.away.family.pk)
    assert not kept_apart(*homes, day=DAY)
    world.judged(until=TOMORROW)
    assert kept_apart(*homes, day=DAY)
    assert kept_apart(*reversed(homes), day=DAY)
    assert not kept_apart(*homes, day=TOMORROW + timedelta(days=1))


def test_an_agent_enrols_the_child_for_the_home_that_is_left_alone(world: Parted) -> None:
    asked = {"name": "Zoé", "birth": world.zoe.birth_date, "day": DAY}
    assert {one.family_id for one in candidates(world.first, **asked)} == {
        world.kept.family.pk,
        world.away.family.pk,
    }
    world.judged()
    assert [one.family_id for one in candidates(world.first, **asked)] == [world.kept.family.pk]


def held(world: Parted, home: Home) -> list[HeldSlot]:
    pk = home.family.pk
    return slots_held(situations_of([pk]), (DAY, DAY + timedelta(days=20)), NO_SLOTS)[pk]


def test_what_the_home_had_booked_is_not_billed_to_it_from_the_first_day(world: Parted) -> None:
    activity = world.activity("Mercredis")
    slot = world.slot(activity, "Matin", "09:00", "12:00", weekdays=[2])
    stay = world.enrolment(world.zoe, activity, world.away)
    days = [DAY + timedelta(days=number) for number in (1, 8)]
    for day in days:
        world.booking(world.zoe, world.opening(slot, day))
    assert [row.day for row in held(world, world.away)] == days
    row = world.judged(since=days[1])
    assert [one.day for one in held(world, world.away)] == days[:1]
    assert held(world, world.kept) == []
    assert [one.pk for one in stays_kept(world.first, row, day=DAY)] == [stay.pk]
    found = stay_planning(world.first, stay.pk, first=days[1], last=days[1], now=NOW + timedelta(days=8))
    assert found is not None
    assert found.planning.shown, "an agent still cancels there what is booked"


@pytest.mark.parametrize(
    ("spans", "left"),
    [
        ([], [(1, None)]),
        ([(5, None)], [(1, 4)]),
        ([(1, 3)], [(4, None)]),
        ([(8, 9), (3, 4)], [(1, 2), (5, 7), (10, None)]),
        ([(1, None)], []),
    ],
)
def test_a_home_pays_nothing_of_a_child_from_whom_it_is_kept_away(
    spans: list[tuple[int, int | None]], left: list[tuple[int, int | None]]
) -> None:
    def on(number: int | None) -> Any:
        return None if number is None else date(2026, 12, number)

    whole = covering.Coverage(1, on(1), covering.Way.PERCENT, Decimal(50))
    found = list(_but(whole, [(on(first), on(last)) for first, last in spans]))
    assert [(one.since, one.until) for one in found] == [(on(first), on(last)) for first, last in left]


def test_spans_say_what_each_day_says(world: Parted) -> None:
    world.judged(until=TOMORROW)
    away = homes_away([world.zoe.pk])
    for number in range(4):
        day = DAY + timedelta(days=number)
        hidden = "Zoé" not in world.seen(world.away, day)
        assert away.holds(world.zoe.pk, world.away.family.pk, day) == hidden
        assert not away.holds(world.zoe.pk, world.kept.family.pk, day)


def test_the_journal_says_it_to_no_home_and_without_why(world: Parted) -> None:
    world.judged()
    entry = Entry.objects.get(verb="restriction.written")
    assert (entry.family_id, entry.subject_label, entry.data) == (None, "", {})


def test_agents_write_and_answer_it_on_their_pages(world: Parted, client: Client) -> None:
    client.force_login(world.first_user)
    page = f"/agents/familles/{world.away.family.pk}/restriction/{world.zoe.pk}/"
    typed = {"adults": [world.away.adult.pk], "since": "2026-11-24", "until": "2026-11-20", "reason": "Juge"}
    wrong = client.post(page, typed).content.decode()
    assert "La fin vient avant le début." in wrong
    assert 'value="2026-11-20"' in wrong
    assert not Restriction.objects.exists()
    client.post(page, {**typed, "until": ""})
    row = Restriction.objects.get()
    shown = client.get(f"/agents/familles/{world.away.family.pk}/").content.decode()
    assert "est à l’écart de l’enfant Zoé" in shown
    url = f"/agents/familles/restrictions/{row.pk}/"
    assert "une autre personne la confirme" in client.get(url).content.decode()
    client.force_login(world.second_user)
    assert "LE JUGEMENT LE DIT" in client.get(url).content.decode()
    client.post(url, {"act": "confirm"})
    client.post(f"/agents/familles/{world.away.family.pk}/agir/")
    acting = client.get("/tableau-de-bord/").content.decode()
    assert "Dossier sous restriction d’un juge" in acting
    assert "Zoé" not in acting


RIGHTS = re.compile(r"Guardianship\.objects\.filter\(\s*current\(")
NO_RIGHTS: Final = {
    "billing/runs/addressing.py": "to whom a bill of the home itself is addressed",
    "families/file/reading.py": "days of birth, to check another one",
    "families/pages.py": "who answers for the child, as the home that sees it reads",
    "families/selectors.py": "the rule itself, and whose own child it is",
    "flows/care/team.py": "whose own child it is, at the door",
    "flows/home/separating/preview.py": "an agent reads who is what to whom",
    "flows/office/family_page.py": "an agent reads who is what to whom",
}


def test_what_an_adult_may_do_is_asked_of_one_place() -> None:
    """Read beside `selectors.rights`, a guardianship would let in who is kept away."""
    package = Path(__file__).parents[2] / "marelle"
    found = {
        str(path.relative_to(package)) for path in package.rglob("*.py") if RIGHTS.search(path.read_text())
    }
    assert found == set(NO_RIGHTS)
