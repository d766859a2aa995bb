"""An office says how it bills, from a month on: never of a month that was billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from marelle.billing.models import BillingRun
from marelle.billing.runs.refusals import RunRefused
from marelle.billing.runs.services import terms_held
from marelle.billing.runs.terms import terms_set
from marelle.billing.terms import Terms
from marelle.core.refusals import NotYours
from marelle.journal.models import Entry
from tests.flows.bills.billed import NOW, Billed
from tests.pricing.sheets import MORNING

pytestmark = pytest.mark.django_db

DECEMBER = Terms(date(2026, 12, 1), True, Decimal("15.00"), 3, 30, by_regie=True)


def test_what_is_said_holds_and_is_said_again():
    world = Billed()
    sets = {"actor": world.bursar, "authority_id": world.the_authority.pk, "now": NOW}
    terms_set(terms=DECEMBER, **sets)
    assert terms_held(world.the_authority.pk)[-1] == DECEMBER
    terms_set(terms=replace(DECEMBER, made_here=False), **sets)
    assert [one.made_here for one in terms_held(world.the_authority.pk)] == [True, False]
    assert Entry.objects.filter(verb="billing_terms.set").count() == 2


def test_a_month_that_is_being_billed_is_not_told_otherwise():
    world = Billed("wednesdays")
    home = world.home("Roy")
    world.books(world.enrols(home, "Zoé"), date(2026, 12, 2), MORNING)
    run = world.previews(date(2026, 12, 1))
    sets = {"actor": world.bursar, "authority_id": world.the_authority.pk, "now": NOW}
    with pytest.raises(RunRefused, match="billed"):
        terms_set(terms=DECEMBER, **sets)
    terms_set(terms=replace(DECEMBER, since=date(2027, 1, 1)), **sets)
    BillingRun.objects.filter(pk=run.pk).update(state="cancelled")
    terms_set(terms=DECEMBER, **sets)


def test_only_the_office_of_the_authority_does():
    world = Billed()
    other = world.authority("Mairie")
    with pytest.raises(NotYours):
        terms_set(actor=world.bursar, authority_id=other.pk, terms=DECEMBER, now=NOW)
