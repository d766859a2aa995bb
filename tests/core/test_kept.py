"""What the authorities chose is on the next page of every machine, and costs a page no query of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from marelle.activities.services import part_change
from marelle.activities.services.shared import shared_change
from marelle.core import kept
from marelle.core.actor import Role
from marelle.core.kept import Kept, kept_changed, revision_once
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.actors import actor_for
from marelle.flows.journal.bounds import bounds_told, reading_bounds, reading_bounds_set
from marelle.flows.journal.watching_rules import Bounds
from marelle.flows.messages.wordings import wording_save
from marelle.mail.selectors import wordings
from marelle.mail.wording import EVERY, NO_WORDS, Words
from marelle.places.letterheads import authority_names
from marelle.places.lives import BOUNDS, FAMILY, lives, lives_set, lives_told
from marelle.places.look import look_set
from marelle.places.look_rules import ACCENT
from marelle.places.models import Authority, Commune, Structure, StructureContact
from marelle.places.selectors import publisher, structures_kept
from tests.races.together import together
from tests.roles.world import NOW
from tests.scenario import Scenario, session_of, visitor

MAIN = "#5a2a82"


class Chosen(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.structure_id = self.activity().structure_id
        self.contact = StructureContact.objects.create(
            structure_id=self.structure_id, label="Accueil", phone="+33380000000"
        )
        self.admin = actor_for(self.staff("admin", Role.ADMINISTRATOR))

    def change(self, model: type[Any], pk: int, **changes: object) -> None:
        if model in {Authority, Commune}:
            shared_change(actor=self.admin, model=model, pk=pk, changes=changes, seen=None, now=NOW)
        else:
            part_change(actor=self.admin, model=model, pk=pk, changes=changes, now=NOW)

    def look(self) -> None:
        look_set(actor=self.admin, name="Vallée", short_name="V", main=MAIN, accent=ACCENT, now=NOW)


def everything(world: Chosen) -> tuple[object, ...]:
    return publisher(), authority_names(), structures_kept([world.structure_id]), wordings()


class Machine:
    """Another process: what it keeps is its own."""

    def __init__(self) -> None:
        self.kept = [(one, copy(one)) for one in kept.ALL]

    @contextmanager
    def answers(self) -> Iterator[None]:
        """One request."""
        ours = [(one, one._held) for one, _own in self.kept]
        for one, own in self.kept:
            one._held = own._held
        try:
            with revision_once():
                yield
        finally:
            for one, own in self.kept:
                own._held = one._held
            for one, held in ours:
                one._held = held

    def reads(self, world: Chosen) -> tuple[object, ...]:
        with self.answers():
            return everything(world)


CHANGES: dict[str, Callable[[Chosen], object]] = {
    "the look": Chosen.look,
    "an authority": lambda world: world.change(Authority, world.the_authority.pk, name="Vallée"),
    "a commune": lambda world: world.change(Commune, world.the_commune.pk, name="Arelle-le-Haut"),
    "a structure": lambda world: world.change(Structure, world.structure_id, name="Les Tilleuls"),
    "a contact": lambda world: world.change(StructureContact, world.contact.pk, label="Bureau"),
    "the words of mails": lambda world: wording_save(
        actor=world.admin, authority_id=world.the_authority.pk, kind=EVERY, words=Words(after="À bientôt"),
        seen=NO_WORDS, now=NOW,
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("what", CHANGES)
def test_what_one_machine_changes_is_on_the_next_page_of_the_other(what: str) -> None:
    world, one, other = Chosen(), Machine(), Machine()
    before = one.reads(world)
    assert other.reads(world) == before
    with one.answers():
        CHANGES[what](world)
        own = everything(world)
    assert own != before
    assert other.reads(world) == one.reads(world) == own


def bounds_chosen(world: Chosen, many: int) -> None:
    bounds, seen = replace(Bounds(), many=many), bounds_told(Bounds())
    reading_bounds_set(actor=world.admin, bounds=bounds, seen=seen, now=NOW)


def life_chosen(world: Chosen, minutes: int) -> None:
    default = BOUNDS[FAMILY].default
    chosen, seen = {FAMILY: default._replace(idle_minutes=minutes)}, lives_told({FAMILY: default})
    lives_set(actor=world.admin, chosen=chosen, seen=seen, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("choose", [bounds_chosen, life_chosen])
def test_who_saves_after_another_is_told_also_if_its_request_began_before(
    choose: Callable[[Chosen, int], None],
) -> None:
    """It waits for the lock of the other, with what it had read at its beginning."""
    world, one, other = Chosen(), Machine(), Machine()
    with one.answers():
        reading_bounds(), lives()
        with other.answers():
            choose(world, 40)
        with pytest.raises(ChangedMeanwhile):
            choose(world, 50)


@pytest.mark.django_db
def test_a_page_that_the_office_reads_says_the_new_name() -> None:
    world, other = Chosen(), Machine()
    office = visitor(session_of(world.staff("guichet", Role.OFFICE)))
    with other.answers():
        assert "Vallée" not in office.get("/agents/").content.decode()
    world.look()
    with other.answers():
        assert "Vallée" in office.get("/agents/").content.decode()


@pytest.mark.django_db
def test_the_revision_costs_a_page_of_an_account_no_query(count_queries: Any) -> None:
    office = visitor(session_of(Chosen().staff("guichet", Role.OFFICE)))
    with count_queries() as seen:
        office.get("/agents/")
    assert [sql for sql in seen if "core_revision" in sql] == [seen[1]]
    assert '"accounts_user"' in seen[1]


@pytest.mark.django_db
def test_what_is_undone_is_kept_by_nobody() -> None:
    world, one, other = Chosen(), Machine(), Machine()
    before = one.reads(world)
    with one.answers():
        with transaction.atomic():
            world.look()
            assert publisher().name == "Vallée"
            transaction.set_rollback(True)
        assert everything(world) == before
    assert one.reads(world) == other.reads(world) == before


@pytest.mark.django_db
def test_within_a_request_the_revision_is_read_once(django_assert_num_queries: Any) -> None:
    read = Kept(object)
    kept.ALL.remove(read)
    kept_changed()
    with django_assert_num_queries(1), revision_once():
        assert read() is read()
    with django_assert_num_queries(2):
        assert read() is read()


@pytest.mark.django_db(transaction=True)
def test_who_reads_while_another_writes_has_it_on_the_page_after() -> None:
    world, other = Chosen(), Machine()
    before = other.reads(world)
    with transaction.atomic():
        world.look()
        assert together([lambda: other.reads(world)]) == [before]
    assert together([lambda: other.reads(world)]) != [before]


@pytest.mark.django_db(transaction=True)
def test_two_who_change_at_once_are_both_read() -> None:
    world, other = Chosen(), Machine()
    other.reads(world)
    calls = [lambda: CHANGES["a contact"](world), lambda: CHANGES["the words of mails"](world)]
    together(calls)
    _publisher, _names, structures, words = other.reads(world)
    assert "Bureau" in {line.label for line in structures[0].contacts}
    assert words
