"""How long sessions live: chosen within bounds by an administrator, the shortest of one's posts."""

from __future__ import annotations

from itertools import pairwise

import pytest

from marelle.core.actor import Actor, Power, Role
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.journal.models import Entry
from marelle.places.lives import BOUNDS, FAMILY, Life, LifeRefused, life_of, lives, lives_set
from marelle.places.models import SessionLife
from tests.accounts.people import NOW

pytestmark = pytest.mark.django_db

PARENT = Actor(None, "P", family_id=1)
OFFICE = Actor(None, "O", powers=frozenset({Power(Role.OFFICE, authority_id=1)}))
ADMIN = Actor(None, "A", powers=frozenset({Power(Role.ADMINISTRATOR)}))


def test_parents_are_in_for_longest_and_administrators_for_shortest() -> None:
    assert life_of(PARENT) == BOUNDS[FAMILY].default
    agent, admin = life_of(OFFICE), life_of(ADMIN)
    for longer, shorter in pairwise((life_of(PARENT), agent, admin)):
        assert longer.idle > shorter.idle
        assert longer.whole > shorter.whole
    both = Actor(None, "B", family_id=1, powers=OFFICE.powers | ADMIN.powers)
    assert life_of(both) == admin


def test_of_several_posts_the_shortest_counts_in_each_number() -> None:
    chosen = {Role.OFFICE.value: Life(30, 20), Role.ADMINISTRATOR.value: Life(60, 2)}
    assert lives_set(actor=ADMIN, chosen=chosen, now=NOW) == 2
    both = Actor(None, "B", powers=OFFICE.powers | ADMIN.powers)
    assert life_of(both) == Life(30, 2)
    lives_set(actor=ADMIN, chosen={FAMILY: Life(20, 30 * 24)}, now=NOW)
    assert life_of(OFFICE) == Life(20, 20), "a parent's at the most"


def test_it_is_written_once_and_in_the_journal() -> None:
    chosen = {FAMILY: Life(60, 24), Role.OFFICE.value: BOUNDS["office"].default}
    assert lives_set(actor=ADMIN, chosen=chosen, now=NOW) == 1
    assert lives_set(actor=ADMIN, chosen=chosen, now=NOW) == 0
    assert lives()[FAMILY] == Life(60, 24)
    entry = Entry.objects.get(verb="session_life.set")
    assert entry.data == {"fields": {"family_idle_minutes": 60, "family_whole_hours": 24}}


@pytest.mark.parametrize("holder", [*BOUNDS])
def test_each_has_its_bounds(holder: str) -> None:
    bounds = BOUNDS[holder]
    for life in (bounds.least, bounds.most):
        lives_set(actor=ADMIN, chosen={holder: life}, now=NOW)
    for life in (
        bounds.least._replace(idle_minutes=bounds.least.idle_minutes - 1),
        bounds.least._replace(whole_hours=bounds.least.whole_hours - 1),
        bounds.most._replace(idle_minutes=bounds.most.idle_minutes + 1),
        bounds.most._replace(whole_hours=bounds.most.whole_hours + 1),
    ):
        with pytest.raises(LifeRefused):
            lives_set(actor=ADMIN, chosen={holder: life}, now=NOW)
    with pytest.raises(LifeRefused):
        lives_set(actor=ADMIN, chosen={"nobody": bounds.default}, now=NOW)
    assert SessionLife.objects.get().idle_minutes == bounds.most.idle_minutes


def test_an_administrator_alone_chooses_and_overwrites_nothing_unread() -> None:
    for actor in (OFFICE, PARENT):
        with pytest.raises(NotYours):
            lives_set(actor=actor, chosen={FAMILY: Life(60, 24)}, now=NOW)
    seen = {"family_idle_minutes": 60, "family_whole_hours": 24}
    with pytest.raises(ChangedMeanwhile):
        lives_set(actor=ADMIN, chosen={FAMILY: Life(90, 24)}, seen=seen, now=NOW)
