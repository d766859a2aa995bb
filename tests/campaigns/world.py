"""A summer that many want: two weeks of a holiday centre, a few places, homes that wish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from marelle.activities.models import Activity, Opening, Slot
from marelle.campaigns.models import Campaign, Criterion, Wish
from marelle.campaigns.services import campaign_announce, number_given
from marelle.campaigns.units import Unit
from marelle.campaigns.wishing import Asked, wish_set
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.families.models import Person
from marelle.flows.actor.actors import actor_for
from tests.scenario import Home, Scenario
from tests.waves import wave

FIRST, SECOND = date(2027, 7, 5), date(2027, 7, 12)
"""The Mondays of the two weeks."""

DRAFTED = datetime(2027, 4, 1, 9, tzinfo=PARIS)
OPENS, CLOSES = datetime(2027, 5, 3, 8, tzinfo=PARIS), datetime(2027, 5, 16, 20, tzinfo=PARIS)
IN_WINDOW = OPENS + timedelta(days=2)
OVER = CLOSES + timedelta(hours=1)
ANSWERS, UNTIL = datetime(2027, 5, 24, 8, tzinfo=PARIS), datetime(2027, 6, 7, 23, 59, tzinfo=PARIS)
NUMBER = "4 8 15 16 23"


class Summer(Scenario):
    """`places` a day; `days` of each week, Monday and Tuesday by default."""

    def __init__(self, places: int = 1, *, days: int = 2, **fields: Any) -> None:
        super().__init__()
        self.centre = self.activity("Été", kind="holidays")
        self.day = self.slot(self.centre, "Journée", "08:00", "17:00", weekdays=range(days), capacity=places)
        self.rule(self.centre, waves=[wave(ANSWERS)])
        self.open = {
            week: self.openings(self.centre, week, week + timedelta(days=6)) for week in (FIRST, SECOND)
        }
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))
        self.campaign = self.drafted(self.centre, **fields)

    def drafted(self, *activities: Activity, **fields: Any) -> Campaign:
        row = Campaign.objects.create(
            **{
                "authority": self.the_authority,
                "name": "Été 2027",
                "first_day": FIRST,
                "last_day": SECOND + timedelta(days=6),
                "opens_at": OPENS,
                "closes_at": CLOSES,
                "answers_at": ANSWERS,
                "answer_until": UNTIL,
                "public_source": "Loto du 19 mai",
                "created_at": DRAFTED,
                "created_by": "Line",
                **fields,
            }
        )
        row.activities.set(activities)
        return row

    def criterion(self, kind: str, *, points: int = 0, label: str = "", **fields: Any) -> Criterion:
        use = Criterion.Use.POINTS if points else Criterion.Use.TIER
        return Criterion.objects.create(
            campaign=self.campaign,
            order=self.campaign.criteria.count(),
            use=use,
            weight=points,
            kind=kind,
            label=label or kind,
            **fields,
        )

    def announced(self) -> Campaign:
        campaign_announce(actor=self.director, campaign_id=self.campaign.pk, now=DRAFTED)
        self.campaign.refresh_from_db()
        return self.campaign

    def drawn(self) -> Campaign:
        number_given(actor=self.director, campaign_id=self.campaign.pk, number=NUMBER, now=OVER)
        self.campaign.refresh_from_db()
        return self.campaign

    def family(self, name: str, *children: str, activity: Activity | None = None, **fields: Any) -> Home:
        """A home with children enrolled in the centre."""
        home = self.home(name, **fields)
        for first_name in children or ("Zoé",):
            self.enrolment(self.child(home, first_name), activity or self.centre, home)
        return home

    def unit(self, week: date = FIRST, slot: Slot | None = None) -> Unit:
        return Unit(week, (slot or self.day).pk)

    def wishes(
        self,
        home: Home,
        *plans: Sequence[date] | date,
        children: Sequence[Person] = (),
        together: bool = False,
        most: int = 1,
        now: datetime = IN_WINDOW,
        actor: Actor | None = None,
        each: Mapping[int, Mapping[Unit, int]] | None = None,
    ) -> Wish:
        """Ranked plans of weeks, the best first: the same for each child unless `each` says otherwise."""
        people = tuple(child.pk for child in children or self.children_of(home))
        ranked = {
            self.unit(week): rank
            for rank, plan in enumerate(plans, 1)
            for week in ([plan] if isinstance(plan, date) else plan)
        }
        return wish_set(
            actor=actor or home.actor,
            campaign_id=self.campaign.pk,
            asked=Asked(people, together, each or dict.fromkeys(people, ranked), most),
            now=now,
        )

    def children_of(self, home: Home) -> list[Person]:
        return list(
            Person.objects.filter(memberships__family=home.family, memberships__kind="child").order_by("pk")
        )

    def opening_on(self, day: date) -> Opening:
        return next(one for rows in self.open.values() for one in rows if one.day == day)
