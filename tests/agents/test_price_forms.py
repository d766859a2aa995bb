"""That the form of a row shows all of it: sent back untouched, it makes the same row again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from marelle.activities.absences import Told
from marelle.pricing.amounts import ByNumber, Linear
from marelle.pricing.facts import SpanKind
from marelle.pricing.lines import Ledger
from marelle.pricing.models import ResourceBound
from marelle.pricing.tariffs import (
    Always,
    Becomes,
    By,
    Flat,
    Hours,
    Missed,
    Most,
    Nth,
    Percent,
    Plus,
    Product,
    Rank,
    Sets,
    SpanRule,
    Started,
    Tariff,
    Voted,
)
from tests.agents.prices import JANUARY, MEAL, TODAY, Desk, here, rows_of
from tests.agents.village import NOW, text
from tests.pricing.reglement import invented
from tests.pricing.sheets import BOOKS, adjustment, brackets, euros, fixed, traits
from tests.pricing.sheets import tariff as sheet
from tests.pricing.translated import book_of as book_said

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine) -> Desk:
    time_machine.move_to(NOW)
    return Desk()


def page_of(world: Desk, row) -> str:
    """The page of a form that changes this row, as a link leads there."""
    own = text(world.office.get(world.care_page))
    if isinstance(row, Tariff) and isinstance(row.what, Product):
        own = text(world.office.get(world.shared))
    kinds = {Tariff: "(?:prix|retard|ajouter|abonnements/[0-9]+)", SpanRule: "duree"}
    kind = kinds.get(type(row), "regles/[a-z-]+")
    links = re.findall(rf'href="([^"]*/{kind}/\?[^"]*)"', own)
    link = next(link for link in links if f"remplace={row.id}" in re.split("[?&]", link))
    if "ajouter" in link:
        return f"{world.care_page}prix/?remplace={row.id}"
    return link


def like(row):
    """But for what a form chooses itself: its number, its day, and its vote, which is another."""
    told = {"id": 0, "since": JANUARY}
    if not isinstance(row, Tariff):
        return replace(row, **told)
    what = row.what
    if isinstance(what, Sets):
        what = replace(what, sets=tuple(sorted(what.sets, key=sorted)))
    return replace(row, voted=None, what=what, **told)


def is_kept(world: Desk, row) -> None:
    world.stored(row)
    (old,) = rows_of(world.book)
    page = world.send(page_of(world, old), since=JANUARY.isoformat())
    assert "C’est enregistré" in page, re.findall(r'class="fault".*?</div>', page, re.DOTALL)
    (new,) = rows_of(world.book)
    assert like(new) == like(old)
    assert new.id != old.id


INVENTED = [row for seed in range(8) for row in rows_of(book_said(invented(Random(seed))))]
STATED = [row for name in sorted(BOOKS) for row in rows_of(BOOKS[name])]
SAID = Ledger("7067", "CANTINE", "Régie 2", Decimal("5.50"))
LINEAR = Linear(euros("0.36"), euros("2.60"), euros("4.50"))
WHOLE = [
    replace(
        sheet(1, (MEAL, frozenset({1, 3})), brackets(("0", "3.15"), ("600.50", "3.60"))),
        food=fixed("1.20"),
        ledger=SAID,
        weekdays=frozenset({0, 2}),
        who=traits("staff", "outside"),
        order=4,
        until=date(2027, 7, 2),
        voted=Voted("2026-80", date(2026, 11, 20)),
    ),
    replace(sheet(9, (MEAL,), fixed("9")), food=ByNumber((fixed("3"), LINEAR)), name="En deux parts"),
    replace(
        sheet(10, (MEAL,), fixed("59")),
        what=Product(1, ByNumber((fixed("3"), LINEAR)), (Missed(excused=True), Missed(excused=False))),
        name="Carte qui rend",
    ),
    sheet(2, (MEAL,), fixed("2"), started=Started(Hours.LONGER, 12, 60)),
    adjustment(
        3,
        45,
        Missed(frozenset({Told.LATE, Told.NEVER}), excused=False, within=1),
        Becomes(brackets(("0", "1"), ("500", "2"))),
        slots=MEAL,
        spared=2,
        whole=True,
        weekdays=frozenset({4}),
        who=traits("agreement"),
        order=3,
    ),
    adjustment(4, 20, Rank(2, 3, By.HOUSEHOLD), Plus(euros("-1.50")), slots=frozenset({1, 2})),
    adjustment(5, 10, Always(), Percent(Decimal(0)), who=traits("staff")),
    SpanRule(
        6,
        "Mois",
        TODAY,
        None,
        SpanKind.MONTH,
        3,
        Most(brackets(("0", "50"), ("900", "70"))),
        MEAL,
        ledger=SAID,
    ),
    SpanRule(
        7, "An", TODAY, None, SpanKind.YEAR, 1, Nth(30, Decimal("12.5")), who=traits("regular"), order=2
    ),
    SpanRule(8, "Semaine", TODAY, None, SpanKind.WEEK, 1, Flat(4, fixed("15")), weekdays=frozenset({0})),
]


@pytest.mark.parametrize("row", [*STATED, *WHOLE], ids=lambda row: row.name)
def test_a_form_shows_all_of_a_row(world, row):
    for bound in (bound for one in STATED for bound in getattr(getattr(one, "amount", None), "bounds", ())):
        ResourceBound.objects.get_or_create(
            authority=world.the_authority, since=bound.since, floor=bound.floor, ceiling=bound.ceiling
        )
    is_kept(world, replace(here(row, world), since=JANUARY))


@pytest.mark.parametrize("number", range(0, len(INVENTED), 7))
def test_a_form_shows_all_of_an_invented_row(world, number):
    is_kept(world, here(INVENTED[number], world))
