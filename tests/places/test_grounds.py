"""What an authority was on a day, whatever was changed since and in whatever order."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from marelle.places.grounds import Ties, incomes_count_follow, ties_follow
from marelle.places.models import Authority, GroundBefore
from marelle.places.rules import ground_on
from marelle.places.selectors import grounds
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

FIRST = date(2026, 9, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(12)]


@pytest.mark.parametrize("seed", range(6))
def test_each_change_holds_from_its_day_on_and_no_day_before(seed: int):
    """Beside a table of days, in which each change is written from its day on."""
    random, world = Random(seed), Scenario()
    here, there = world.authority("Arelle"), world.authority("Brisecombe")
    communes = [world.commune(name) for name in ("Un", "Deux")]
    kinds = ("residents", "agreement")
    ties = {(day, pk, kind): frozenset[int]() for day in DAYS for pk in (here.pk, there.pk) for kind in kinds}
    counts = dict.fromkeys(DAYS, "next_month")
    for _change in range(9):
        since = random.choice([None, *DAYS])
        after = [day for day in DAYS if since is None or day >= since]
        if random.random() < 0.3:
            said = random.choice(["next_month", "its_date"])
            before = Authority.objects.get(pk=here.pk).incomes_count
            Authority.objects.filter(pk=here.pk).update(incomes_count=said)
            incomes_count_follow(authority_id=here.pk, before=before, after=said, since=since)
            counts |= dict.fromkeys(after, said)
            continue
        commune, was = random.choice(communes), Ties()
        was = Ties.of(commune)
        commune.authorities.set(random.sample([here, there], random.randint(0, 2)))
        commune.agreements.set(random.sample([here, there], random.randint(0, 2)))
        now = Ties.of(commune)
        changed = ties_follow(commune_id=commune.pk, before=was, after=now, since=since)
        for pk in changed:
            for kind in kinds:
                for day in after:
                    held = ties[day, pk, kind] - {commune.pk}
                    ties[day, pk, kind] = held | {commune.pk} if pk in getattr(now, kind) else held
    for day in DAYS:
        for pk in (here.pk, there.pk):
            found = ground_on(grounds()[pk], day)
            assert (found.residents, found.agreement) == tuple(ties[day, pk, kind] for kind in kinds)
        assert ground_on(grounds()[here.pk], day).incomes_count == counts[day]
    assert ground_on(grounds()[here.pk], FIRST + timedelta(days=400)).residents == {
        one.pk for one in communes if one.authorities.filter(pk=here.pk).exists()
    }


def test_what_changes_nothing_keeps_nothing():
    world = Scenario()
    commune = world.commune("Un", world.the_authority)
    assert (
        ties_follow(commune_id=commune.pk, before=Ties.of(commune), after=Ties.of(commune), since=FIRST)
        == set()
    )
    assert not GroundBefore.objects.exists()
