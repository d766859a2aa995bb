"""Homes that a rule of prices is about, none of those whose story is told: one that the CCAS helps, one that
moved in the middle of a month, and one with a child who has an AEEH."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet

from marelle.accounts.models import User
from marelle.core.clock import instant_at
from marelle.core.french import day_long
from marelle.demo.accounts import FAMILIES
from marelle.demo.places import Places
from marelle.demo.stays import VACANCES
from marelle.demo.year import TUESDAY, SchoolYear
from marelle.enrolments.models import Enrolment
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, Told
from marelle.families.models import Income, Residence
from marelle.families.models.incomes import sealed_of
from marelle.flows.actor.actors import actor_for
from marelle.pricing.facts import TraitKind
from marelle.pricing.homes import NewTrait, home_trait_note
from marelle.pricing.tariffs import Percent

MOVED_ON: Final = 12
HELPED_FOR: Final = 5
"""Months, at most."""


def set_homes_apart(places: Places, year: SchoolYear) -> None:
    _help(places, year)
    _move(places, year)
    _note_aeeh(places, year)


def joined(places: Places, key: str) -> QuerySet[Enrolment]:
    """Who is in an activity, but for the homes whose story is told; always in the same order."""
    told = [one.identifier for one in FAMILIES]
    rows = Enrolment.objects.filter(state=Enrolment.State.ACCEPTED, activity=places.activities[key])
    return rows.exclude(family__members__person__account__identifier__in=told).order_by("family_id", "pk")


def youths(places: Places) -> QuerySet[Enrolment]:
    """Who goes out with the youth club and is in no holidays of children, the first enrolled first."""
    elsewhere = [places.activities[key] for key in VACANCES]
    rows = joined(places, "sorties").exclude(person__enrolments__activity__in=elsewhere)
    return rows.order_by("starts_on", "family_id", "pk")


def months_before(day: date, number: int) -> date:
    """The first day of that month; of one to come where `number` is below 0."""
    year, month = divmod(day.year * 12 + day.month - 1 - number, 12)
    return date(year, month + 1, 1)


def _help(places: Places, year: SchoolYear) -> None:
    """Half of the price of meals, between two dates that the commission gave."""
    row = joined(places, "restauration").last()
    if row is None:
        return
    since = max(months_before(year.today, 2), year.first_day)
    sat_on = since - timedelta(days=9)
    sat_on -= timedelta(days=(sat_on.weekday() - TUESDAY) % 7)
    authority = places.activities["restauration"].structure.authority_id
    home_trait_note(
        actor=actor_for(User.objects.get(identifier="guichet")),
        authority_id=authority,
        family_id=row.family_id,
        trait=NewTrait(
            TraitKind.DECISION,
            since,
            months_before(since, -HELPED_FOR) - timedelta(days=1),
            f"Commission du CCAS d’Arelle du {day_long(sat_on)}",
            name="Décision pour votre foyer",
            effect=Percent(Decimal(-50)),
            slots=frozenset({places.slots["restauration", "repas"].pk}),
        ),
        now=instant_at(sat_on + timedelta(days=2), time(10, 20)),
    )


def _move(places: Places, year: SchoolYear) -> None:
    """From outside to Brisecombe: each day has the price of where the home lived, on one bill."""
    commune = places.communes["Brisecombe"]
    rows = joined(places, "mercredis-brisecombe").values("family_id")
    outside = Residence.objects.filter(family__in=rows.order_by()).exclude(
        commune__authorities=places.authorities["cc"]
    )
    left = outside.order_by("family_id").first()
    if left is not None:
        Residence.objects.create(
            family_id=left.family_id,
            street="15 sentier du Moulin",
            postal_code=commune.postal_code,
            city=commune.name,
            commune=commune,
            since=months_before(year.today, 2).replace(day=MOVED_ON),
            source="bail",
        )


def _note_aeeh(places: Places, year: SchoolYear) -> None:
    rows: Iterable[int] = joined(places, "creche").values_list("family_id", flat=True)
    known = Income.objects.filter(family__in=rows, kind=IncomeKind.DEPENDANTS).order_by("family_id").first()
    if known is not None:
        Income.objects.create(
            family_id=known.family_id,
            kind=IncomeKind.AEEH,
            since=year.first_day,
            source="attestation CAF",
            **sealed_of(Told(IncomeStatus.PROVED, Decimal(1))),
        )
