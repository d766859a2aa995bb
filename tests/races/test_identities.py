"""Identities that are linked, and first visits that are answered, at the very same moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from marelle.accounts.models import Identity, User
from marelle.accounts.refusals import IdentityTaken
from marelle.accounts.services import identity_link
from marelle.cases.models import Case, CaseState
from marelle.cases.services import AlreadyDecided
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from marelle.flows.identities.arrivals import arrival_ask, arrival_link, arrival_refuse
from marelle.flows.identities.arriving import family_arrive
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from tests.accounts.people import someone
from tests.flows.identities.test_arrivals import ANGELA, FRANCECONNECT, LETTER, MARRIED, NOW
from tests.races.together import together, together_or_errors
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_identity_opens_one_of_the_accounts_that_link_it() -> None:
    users = [someone(), someone("sacha")]
    link = partial(identity_link, told=ANGELA, provider="FranceConnect", now=NOW)
    answers = together_or_errors([partial(link, user=user) for user in users])
    assert sorted(type(one) for one in answers if isinstance(one, Exception)) == [IdentityTaken]
    assert Identity.objects.count() == 1


def test_who_comes_by_two_browsers_has_one_account() -> None:
    world = Scenario()
    adult = world.home("Dubois", "Angela").adult
    Person.objects.filter(pk=adult.pk).update(birth_date=date(1982, 8, 24), account=None)
    comes = partial(family_arrive, told=ANGELA, provider=FRANCECONNECT, origin=Origin(), now=NOW)
    first, second, third = together([comes] * 3)
    assert first == second == third == Identity.objects.get().user
    assert User.objects.filter(person=adult).count() == 1
    assert Entry.objects.filter(verb="account.activated").count() == 1
    assert Entry.objects.filter(verb="identity.linked").count() == 1


def test_of_several_who_answer_a_first_visit_one_does() -> None:
    world = Scenario()
    agents = [actor_for(world.staff(name, Role.OFFICE)) for name in ("un", "deux", "trois")]
    homes = [world.home("Dubois", "Angela"), world.home("Dubois", "Angela")]
    row = arrival_ask(told=replace(MARRIED), letter=LETTER, origin=Origin(), now=NOW)
    answers = together_or_errors(
        [
            partial(arrival_link, actor=agents[0], arrival_id=row.pk, person_id=homes[0].adult.pk, now=NOW),
            partial(arrival_link, actor=agents[1], arrival_id=row.pk, person_id=homes[1].adult.pk, now=NOW),
            partial(arrival_refuse, actor=agents[2], arrival_id=row.pk, reason="Non.", now=NOW),
        ]
    )
    refused = [one for one in answers if isinstance(one, Exception)]
    assert len(refused) == 2
    assert all(isinstance(one, AlreadyDecided | NotYours) for one in refused), refused
    linked = Case.objects.get().state == CaseState.ACCEPTED
    assert Identity.objects.count() == linked
