"""Two campaigns: Wednesdays for which homes give their wishes, and holidays whose window is over, which wait
for their number."""

from __future__ import annotations

from datetime import date, time, timedelta
from random import Random
from typing import Final

from marelle.activities.models import Activity, Opening
from marelle.campaigns.drawing import promise_of
from marelle.campaigns.models import Campaign, Criterion, Wish, WishLine
from marelle.core.clock import instant_at
from marelle.demo.accounts import FAMILIES
from marelle.demo.places import Places
from marelle.demo.stays import MERCREDIS, VACANCES
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment

HOMES: Final = 8
SOONEST: Final = timedelta(days=45)
"""Before them, the answers have gone out and places were accepted."""

WEEK: Final = timedelta(days=7)
MOST: Final = 6


def wish_for_places(places: Places, year: SchoolYear, random: Random) -> None:
    """None where no days come soon enough after all of that."""
    for key, is_over in ((MERCREDIS[0], False), (VACANCES[1], True)):
        activity = places.activities[key]
        days = _days(activity, year.today + SOONEST, weekly=is_over)
        if days:
            campaign = _campaign(activity, days, year, random, is_over=is_over)
            _criteria(campaign)
            _wishes(campaign, activity, days, year, random)


def _days(activity: Activity, first: date, *, weekly: bool) -> list[date]:
    """The next days, or the Mondays of the next weeks, until there are none for longer than a week."""
    rows = Opening.objects.filter(activity=activity, state=Opening.State.OPEN, day__gte=first)
    found: list[date] = []
    for day in rows.order_by("day").values_list("day", flat=True).distinct():
        unit = day - timedelta(days=day.weekday()) if weekly else day
        if len(found) == MOST or (found and unit > found[-1] + WEEK):
            break
        if not found or unit != found[-1]:
            found.append(unit)
    return found


def _campaign(
    activity: Activity, days: list[date], year: SchoolYear, random: Random, *, is_over: bool
) -> Campaign:
    seed = f"{random.getrandbits(256):064x}"
    opened = year.today - timedelta(days=16 if is_over else 4)
    closes = instant_at(opened + timedelta(days=14), time(20))
    campaign = Campaign.objects.create(
        authority_id=activity.structure.authority_id,
        name=f"{activity.name}, {days[0]:%d/%m/%Y}",
        first_day=days[0],
        last_day=days[-1] + timedelta(days=4),
        opens_at=instant_at(opened, time(8)),
        closes_at=closes,
        answers_at=closes + timedelta(days=5),
        answer_until=closes + timedelta(days=19),
        public_source="Les cinq numéros du Loto du samedi qui suit la fin des vœux, dans l’ordre croissant",
        unit=Campaign.Unit.WEEK if is_over else Campaign.Unit.DAY,
        most_given=1 if is_over else 3,
        seed=seed,
        promise=promise_of(seed),
        state=Campaign.State.ANNOUNCED,
        created_at=instant_at(opened - timedelta(days=12), time(10)),
        created_by="Direction",
        announced_at=instant_at(opened - timedelta(days=10), time(10)),
    )
    campaign.activities.add(activity)
    return campaign


def _criteria(campaign: Campaign) -> None:
    told = (
        ("tier", 0, Criterion.Kind.RESIDENTS, "Habiter une commune du territoire"),
        ("points", 2, Criterion.Kind.SIBLINGS, "Un frère ou une sœur inscrit dans la structure"),
        ("points", 1, Criterion.Kind.RETURNING, "Être venu l’année scolaire d’avant"),
    )
    Criterion.objects.bulk_create(
        Criterion(campaign=campaign, order=order, use=use, weight=weight, kind=kind, label=label)
        for order, (use, weight, kind, label) in enumerate(told)
    )


def _wishes(
    campaign: Campaign, activity: Activity, days: list[date], year: SchoolYear, random: Random
) -> None:
    """Of some homes, but for those whose story is told: they are to give their own."""
    told = [one.identifier for one in FAMILIES]
    slot = activity.slots.filter(by_hour=False).order_by("order").first()
    rows = Enrolment.objects.filter(
        activity=activity, state=Enrolment.State.ACCEPTED, ends_on__gte=campaign.last_day
    ).exclude(family__members__person__account__identifier__in=told)
    homes: dict[int, list[Enrolment]] = {}
    for enrolment in rows.order_by("family_id", "pk"):
        homes.setdefault(enrolment.family_id, []).append(enrolment)
    if slot is None:
        return
    for family_id, enrolments in list(homes.items())[:HOMES]:
        ranked = random.sample(days, len(days))
        ticket = "-".join(f"{random.randrange(10_000):04}" for _group in range(4))
        sent = instant_at(year.today - timedelta(days=random.randint(3, 4)), time(random.randint(9, 21)))
        wish = Wish.objects.create(
            campaign=campaign,
            family_id=family_id,
            ticket=ticket,
            together=len(enrolments) > 1,
            came_at=sent,
            sent_at=sent,
            sent_by=enrolments[0].requested_by,
        )
        WishLine.objects.bulk_create(
            WishLine(wish=wish, child_id=one.person_id, slot=slot, day=day, rank=rank)
            for one in enrolments
            for rank, day in enumerate(ranked, 1)
        )
