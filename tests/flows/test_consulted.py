"""What agents read, counted by agent over some days; a mail each week."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache

from marelle.accounts.models import User
from marelle.core.actor import SYSTEM, Role
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.families.incomes.reading import READ
from marelle.flows.actor.actors import actor_for
from marelle.flows.journal.bounds import (
    LEAST,
    MOST,
    BoundRefused,
    bounds_told,
    reading_bounds,
    reading_bounds_set,
)
from marelle.flows.journal.consulted import (
    EXPORTED,
    OPENED,
    PAPERS,
    SUMMED,
    Consulted,
    consulted,
    consulted_exported,
    consulted_opened,
    week_summed,
)
from marelle.flows.journal.staff import READINGS
from marelle.flows.journal.watching import LISTED, SHEETS, TOLD, readings_watched
from marelle.flows.journal.watching_rules import Bounds, Unusual
from marelle.journal.models import Entry
from marelle.journal.services import Act, record, record_many
from marelle.mail.models import Message
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
TUESDAY = date(2026, 11, 24)
MONDAY_MORNING = datetime(2026, 11, 30, 6, tzinfo=UTC)
"""Seven o'clock in Paris."""


class Read(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.the_authority.dpo_email = "donnees@x.example"
        self.the_authority.save()
        self.office, self.director = self.staff("guichet", Role.OFFICE), self.staff("dir", Role.DIRECTOR)
        self.elsewhere = self.staff("mairie", Role.OFFICE, authority=self.authority("Mairie"))
        self.admin = self.staff("admin", Role.ADMINISTRATOR)

    def reads(self, user: User, verb: str, *ids: int, kind: str = "person", at: datetime = NOON) -> None:
        acts = [Act(verb, Subject(kind, pk, "Zoé Durand")) for pk in ids]
        record_many(actor=actor_for(user), acts=acts, now=at)

    def seen_by(self, user: User, first: date = TUESDAY, last: date = TUESDAY) -> dict[str, Consulted]:
        return {one.name: one for one in consulted(actor_for(user), first, last)}


@pytest.fixture
def world() -> Read:
    cache.clear()
    return Read()


def test_each_child_and_home_counts_once_and_each_list_and_paper(world: Read) -> None:
    world.reads(world.director, "health.read", 1, 2)
    world.reads(world.director, "health.signs_read", 2, 3)
    world.reads(world.director, READ, 1, 1, 4, kind="family")
    world.reads(world.director, LISTED, 5, 5, kind="structure")
    world.reads(world.director, "paper.read", 1)
    world.reads(world.director, "absence.proof_read", 1)
    world.reads(world.director, "enrolment.accepted", 9)
    found = world.seen_by(world.admin)[str(world.director)]
    assert (found.sheets, found.homes, found.lists, found.papers, found.at_night) == (3, 2, 2, 2, 0)
    assert found.last_at == NOON
    assert {*SHEETS, READ, LISTED, *PAPERS} == READINGS


def test_the_night_is_that_of_paris(world: Read) -> None:
    """From 22 h to 6 h there: 21 h 30 and 4 h 30 by UTC, in winter."""
    world.reads(world.director, "health.read", 1, at=NIGHT - timedelta(minutes=31))
    world.reads(world.director, "health.read", 2, at=NIGHT)
    world.reads(world.director, READ, 2, kind="family", at=NIGHT)
    world.reads(world.director, "health.read", 3, at=datetime(2026, 11, 24, 4, 59, tzinfo=UTC))
    world.reads(world.director, "health.read", 4, at=datetime(2026, 11, 24, 5, 0, tzinfo=UTC))
    found = world.seen_by(world.admin)[str(world.director)]
    assert (found.sheets, found.homes, found.at_night) == (4, 1, 3)


def test_the_days_are_those_of_paris_both_included(world: Read) -> None:
    world.reads(world.director, "health.read", 1, at=datetime(2026, 11, 23, 22, 59, tzinfo=UTC))
    world.reads(world.director, "health.read", 2, at=datetime(2026, 11, 23, 23, 0, tzinfo=UTC))
    world.reads(world.director, "health.read", 3, at=datetime(2026, 11, 24, 22, 59, tzinfo=UTC))
    world.reads(world.director, "health.read", 4, at=datetime(2026, 11, 24, 23, 0, tzinfo=UTC))
    assert world.seen_by(world.admin)[str(world.director)].sheets == 2


def test_an_office_sees_its_agents_and_an_administrator_all(world: Read) -> None:
    for user in (world.director, world.elsewhere, world.office):
        world.reads(user, "health.read", 1)
    assert set(world.seen_by(world.office)) == {str(world.director), str(world.office)}
    assert set(world.seen_by(world.elsewhere)) == {str(world.elsewhere)}
    assert len(world.seen_by(world.admin)) == 3
    assert world.seen_by(world.director) == {}


def test_what_was_told_as_unusual_comes_first(world: Read, count_queries) -> None:
    world.reads(world.office, READ, *range(30), kind="family")
    world.reads(world.director, "health.read", *range(21))
    bounds = Bounds(many=20, incomes=30, at_night=20, lists=900)
    reading_bounds_set(actor=actor_for(world.admin), bounds=bounds, now=NOON)
    readings_watched(now=NOON + timedelta(minutes=1))
    admin = actor_for(world.admin)
    with count_queries(3):
        found = consulted(admin, TUESDAY, TUESDAY)
    assert [(one.name, one.told) for one in found] == [
        (str(world.director), (Unusual.MANY,)),
        (str(world.office), ()),
    ]


def test_who_reads_it_is_written_down(world: Read) -> None:
    world.reads(world.director, "health.read", 1)
    actor, days = actor_for(world.office), {"first": TUESDAY, "last": TUESDAY}
    assert consulted_opened(actor=actor, **days, now=NOON) == consulted_exported(
        actor=actor, **days, now=NOON
    )
    for verb in (OPENED, EXPORTED):
        entry = Entry.objects.get(verb=verb)
        assert entry.actor_user_id == world.office.pk
        assert entry.data == {"days": ["2026-11-24", "2026-11-24"], "count": 1}


def test_an_administrator_alone_chooses_the_bounds_within_theirs(world: Read) -> None:
    admin, default = actor_for(world.admin), Bounds()
    assert reading_bounds() == default
    with pytest.raises(NotYours):
        reading_bounds_set(actor=actor_for(world.office), bounds=MOST, now=NOON)
    for bounds in (LEAST, MOST):
        reading_bounds_set(actor=admin, bounds=bounds, now=NOON)
        assert reading_bounds() == bounds
    for kind in bounds_told(default):
        for bounds, step in ((LEAST, -1), (MOST, 1)):
            wrong = Bounds(**{**bounds_told(bounds), kind: bounds_told(bounds)[kind] + step})
            with pytest.raises(BoundRefused):
                reading_bounds_set(actor=admin, bounds=wrong, now=NOON)
    with pytest.raises(ChangedMeanwhile):
        reading_bounds_set(actor=admin, bounds=default, seen=bounds_told(LEAST), now=NOON)
    assert reading_bounds_set(actor=admin, bounds=MOST, now=NOON) == 0
    told = [entry.data["fields"] for entry in Entry.objects.filter(verb="reading_bound.set").order_by("pk")]
    assert told == [bounds_told(LEAST), bounds_told(MOST)]


def test_a_bound_chosen_is_that_which_is_watched(world: Read) -> None:
    world.reads(world.director, "health.read", *range(21))
    assert readings_watched(now=NOON + timedelta(minutes=1)) == 0
    reading_bounds_set(actor=actor_for(world.admin), bounds=LEAST, now=NOON)
    cache.clear()
    assert readings_watched(now=NOON + timedelta(minutes=2)) == 1


def summed(at: datetime = MONDAY_MORNING) -> int:
    cache.clear()
    return week_summed(now=at)


def test_the_week_before_is_told_once_from_seven_on_a_monday(world: Read) -> None:
    world.reads(world.director, "health.read", 1, 2)
    world.reads(world.office, READ, 7, kind="family")
    world.reads(world.office, "health.read", 9, at=datetime(2026, 11, 22, 22, 59, tzinfo=UTC))
    world.reads(world.office, "health.read", 9, at=datetime(2026, 11, 29, 23, 0, tzinfo=UTC))
    record(actor=SYSTEM, verb=TOLD, subject=Subject("account", 1), data={"kind": "many"}, now=NOON)
    assert summed(datetime(2026, 11, 30, 5, 59, tzinfo=UTC)) == 1, "that of the week before it"
    assert Message.objects.count() == 1
    assert summed() == 1
    assert summed() == summed(MONDAY_MORNING + timedelta(days=6)) == 0
    mail = Message.objects.latest("pk")
    assert mail.to == "donnees@x.example"
    text = mail.text.replace("\xa0", " ")
    assert "Du lundi 23 novembre 2026 au dimanche 29 novembre 2026, 2 agent(s)" in text
    assert "les fiches sanitaires de 2 enfant(s) et les revenus de 1 foyer(s)" in text
    assert "Consultations inhabituelles signalées : 1." in text
    assert "consultations/?du=2026-11-23&au=2026-11-29" in text
    assert "Zoé" not in mail.text + mail.html
    assert [entry.data["day"] for entry in Entry.objects.filter(verb=SUMMED).order_by("pk")] == [
        "2026-11-16",
        "2026-11-23",
    ]


def test_a_week_in_which_nothing_was_read_sends_and_writes_nothing(world: Read) -> None:
    assert summed() == 0
    assert not Message.objects.exists()
    assert not Entry.objects.filter(verb=SUMMED).exists()
