"""What an actor answers for holds wherever the condition is put: alone, refused, or in an OR with another."""

from __future__ import annotations

import pytest
from django.db.models import Q

from marelle.core.actor import SYSTEM, Actor, Power, Role
from marelle.places.models import Authority, Structure
from marelle.places.scope import in_charge, in_office
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


def actor(role: Role, *, authority: int | None = None, structure: int | None = None) -> Actor:
    return Actor(user_id=1, label="A", powers=frozenset({Power(role, authority, structure)}))


NOTHING = Q(pk__in=())
CHIEF = actor(Role.ADMINISTRATOR)


@pytest.fixture
def structures() -> tuple[Structure, Structure]:
    world = Scenario()
    return (
        world.structure("Les Galets", authority=world.authority("Communauté du Val")),
        world.structure("Restaurant", authority=world.authority("Mairie")),
    )


@pytest.mark.parametrize("everywhere", [CHIEF, SYSTEM], ids=["administrator", "system"])
def test_who_answers_for_everything_does_so_in_an_or(structures, everywhere: Actor):
    first, second = structures
    for condition in (
        in_charge(everywhere),
        in_charge(everywhere) | NOTHING,
        NOTHING | in_charge(everywhere),
    ):
        assert set(Structure.objects.filter(condition)) == {first, second}
    assert not Structure.objects.filter(~in_charge(everywhere)).exists()
    assert Authority.objects.filter(in_office(everywhere) | NOTHING).count() == Authority.objects.count()


def test_a_post_answers_for_its_own_only(structures):
    first, second = structures
    office = actor(Role.OFFICE, authority=first.authority_id)
    director = actor(Role.DIRECTOR, structure=second.pk)
    animator = actor(Role.ANIMATOR, structure=second.pk)
    assert list(Structure.objects.filter(in_charge(office) | NOTHING)) == [first]
    assert list(Structure.objects.filter(in_charge(director))) == [second]
    assert not Structure.objects.filter(in_charge(animator)).exists()
    assert list(Authority.objects.filter(in_office(office))) == [first.authority]
    assert not Authority.objects.filter(in_office(director)).exists()
