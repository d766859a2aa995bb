"""Whatever writes a name, a mail or a telephone writes what is found by it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from marelle.core.actor import Role
from marelle.core.clock import PARIS, local
from marelle.families.fields import BY_CODE
from marelle.families.file.newcomers import Newcomer, NewcomerKind, newcomer_join
from marelle.families.file.writing import value_write
from marelle.families.finding.selectors import families_matching
from marelle.families.models import Family, SearchKey, SearchWord
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.erasure import erasure_ask, erasure_carry_out
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TODAY = local(NOW).date()


def found(query: str) -> list[int]:
    return [match.id for match in families_matching(query, limit=10)]


def test_a_name_written_is_found_in_every_home_of_the_person():
    world = Scenario()
    durand, martin = world.home("Durand"), world.home("Martin")
    zoe = world.child(durand, "Zoé")
    world.shared(zoe, durand, martin)
    world.searchable()
    value_write(BY_CODE["child.first_name"], durand.family, zoe, {"value": "Clothilde"}, source="", day=TODAY)
    assert sorted(found("clothilde")) == sorted([durand.family.pk, martin.family.pk])
    assert found("zoe") == []


def test_who_joins_is_found():
    world = Scenario()
    durand = world.home("Durand")
    newcomer = Newcomer(
        NewcomerKind.CHILD, "Basile", "Durand", date(2022, 1, 2), links={durand.adult.pk: "mother"}
    )
    newcomer_join(durand.family, newcomer, same_as=None, day=TODAY)
    assert found("basil") == [durand.family.pk]


def test_an_erased_home_is_found_by_no_name_of_its_own():
    world = Scenario()
    durand = world.home("Durand", "Camille")
    world.child(durand, "Zoé")
    world.searchable()
    erasure_ask(actor=durand.actor, now=NOW)
    erasure_carry_out(
        actor=actor_for(world.staff("chef", Role.ADMINISTRATOR)), family_id=durand.family.pk, now=NOW
    )
    assert [found(word) for word in ("durand", "camille", "zoe")] == [[], [], []]
    assert not SearchWord.objects.filter(word__in=("durand", "camille", "zoe")).exists()
    assert not SearchKey.objects.filter(word__in=("durand", "camille", "zoe")).exists()
    assert Family.objects.filter(pk=durand.family.pk).exists()
