"""A month is issued while a day of it is closed, or two of its homes are made one: each home is billed of
what was previewed, or left out; what is left is the next run's."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from marelle.billing.models import Assessment, BillingRun, Invoice
from marelle.billing.runs.services import run_confirm
from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import FormerFile
from marelle.flows.actor.actors import actor_for
from marelle.flows.bills import pacing
from marelle.flows.catalogue.closing.closing import closing_make
from marelle.flows.catalogue.closing.targets import Target
from marelle.flows.home.merging.preview import merge_preview
from marelle.flows.home.merging.services import family_merge
from tests.flows.bills.billed import FIRST, NOW, Billed
from tests.pricing.sheets import MORNING
from tests.races import victim
from tests.races.together import together

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = datetime(2026, 11, 2, 9, tzinfo=PARIS)
NAMES = ("Blanc", "Gris", "Noir", "Roux")


@pytest.fixture(autouse=True)
def _one_home_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MOST_AT_ONCE", 1)


class Month(Billed):
    """Homes that come once each, ready to be issued."""

    def __init__(self) -> None:
        super().__init__("wednesdays")
        self.homes = {name: self.home(name) for name in NAMES}
        for name, home in self.homes.items():
            self.quotient(home, "400")
            self.books(self.enrols(home, f"Zoé {name}"), FIRST, MORNING)

    def ready(self) -> BillingRun:
        run = self.previews()
        return run_confirm(actor=self.bursar, run_id=run.pk, now=NOW)


def billed() -> Decimal:
    """Of all that was issued, whatever has waited."""
    settled = Assessment.objects.filter(state="settled")
    return sum((one.total for one in settled), Decimal(0))


def test_while_a_day_is_closed() -> None:
    world = Month()
    director = actor_for(world.staff("dir", Role.DIRECTOR))
    target = Target(world.the_structure.pk, FIRST, FIRST)
    run = world.ready()
    together(
        [
            lambda: victim.bills(run.pk, NOW),
            lambda: closing_make(actor=director, target=target, reason="Neige", now=BEFORE),
        ]
    )
    run.refresh_from_db()
    assert run.state == "issued"
    assert not Booking.objects.live().exists()
    assert run.assessments.exclude(state__in=("settled", "left_out")).count() == 0
    bills = Invoice.objects.count()
    assert run.assessments.filter(state="settled").count() == bills
    assert billed() == bills * Decimal("5.50")
    if bills:
        world.bills()
    assert billed() == 0, "what was billed is due no more, and nothing else is"


def test_while_two_homes_are_made_one() -> None:
    world = Month()
    office = actor_for(world.staff("guichet", Role.OFFICE))
    kept, left = (world.homes[name].family.pk for name in ("Noir", "Roux"))
    files = {"kept_id": kept, "left_id": left}
    run = world.ready()
    read = merge_preview(actor=office, **files, pairs=None, now=NOW)
    together(
        [
            lambda: victim.bills(run.pk, NOW),
            lambda: family_merge(
                actor=office, **files, pairs=read.pairs, chosen={}, fingerprint=read.fingerprint, now=NOW
            ),
        ]
    )
    run.refresh_from_db()
    assert run.state == "issued"
    assert FormerFile.objects.get().family_id == kept
    assert not Invoice.objects.filter(family_id=left).exists()
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [f"2026-{rank:06}" for rank in range(1, len(numbers) + 1)]
    world.bills()
    days = Invoice.objects.filter(lines__days__isnull=False).values_list("lines__child", "lines__days")
    assert len(days) == len({(child, tuple(told)) for child, told in days}) == len(NAMES)
    assert billed() == len(NAMES) * Decimal("5.50")
