"""What an authority says of itself: who may write it, what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction

from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.places.models import Authority
from marelle.places.rules import Conformity, conformity
from marelle.places.selectors import publisher
from marelle.places.services import AuthoritySheet, authority_describe
from tests.scenario import Scenario

NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
SHEET = AuthoritySheet(
    email="contact@arelle.example",
    phone="03 53 01 20 00",
    address="2 place du Lavoir",
    siret="",
    publication_director="Mme la présidente",
    host_name="",
    host_address="",
    host_phone="",
    dpo_name="",
    dpo_email="",
    accessibility_email="",
    accessibility_rate=None,
    accessibility_audited_on=None,
    incomes_count="next_month",
    teen_age=11,
)


@pytest.mark.parametrize(
    ("rate", "word"),
    [
        (None, Conformity.NONE),
        (0, Conformity.NONE),
        (49, Conformity.NONE),
        (50, Conformity.PARTIAL),
        (99, Conformity.PARTIAL),
        (100, Conformity.FULL),
    ],
)
def test_what_may_be_declared(rate: int | None, word: Conformity) -> None:
    assert conformity(rate) is word


def describe(actor: Actor, authority: Authority, sheet: AuthoritySheet = SHEET) -> tuple[str, ...]:
    return authority_describe(actor=actor, authority_id=authority.pk, sheet=sheet, now=NOW)


@pytest.mark.django_db
def test_its_office_writes_it_and_the_journal_names_the_fields() -> None:
    world = Scenario()
    actor = actor_for(world.staff("guichet", Role.OFFICE))
    assert describe(actor, world.the_authority) == ("phone", "address", "publication_director")
    entry = Entry.objects.get(verb="authority.described")
    assert entry.data == {"fields": ["phone", "address", "publication_director"]}
    assert describe(actor, world.the_authority) == ()
    assert Entry.objects.filter(verb="authority.described").count() == 1


@pytest.mark.django_db
def test_nobody_else_does() -> None:
    world = Scenario()
    other = world.authority("Mairie d’Arelle")
    others = [
        world.staff("mairie", Role.OFFICE, authority=other),
        world.staff("direction", Role.DIRECTOR),
        world.home("Durand").user,
    ]
    for user in others:
        with pytest.raises(NotYours):
            describe(actor_for(user), world.the_authority)
    assert describe(actor_for(world.staff("admin", Role.ADMINISTRATOR)), other)


@pytest.mark.django_db
def test_a_rate_goes_with_its_date() -> None:
    authority = Scenario().the_authority
    for wrong in ({"accessibility_rate": 60}, {"accessibility_audited_on": date(2026, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Authority.objects.filter(pk=authority.pk).update(**wrong)


@pytest.mark.django_db
def test_every_page_follows_without_a_query(count_queries) -> None:
    world = Scenario()
    actor = actor_for(world.staff("guichet", Role.OFFICE))
    assert publisher().name == world.the_authority.name
    with count_queries(0):
        assert publisher().rate is None
    audited = replace(SHEET, accessibility_rate=72, accessibility_audited_on=date(2026, 10, 1))
    describe(actor, world.the_authority, audited)
    assert publisher().rate == 72
