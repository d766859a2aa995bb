"""The home whose child has an account of its own, seen from the Monday before."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

from django.test import Client

from marelle.accounts.models import User
from marelle.activities.models import Activity, Opening
from marelle.bookings.saving.ledger import Change, Outcome
from marelle.enrolments.models import TeenAccess
from marelle.families.models import CustodyPeriod, Person, Restriction
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.teens import (
    teen_bookings_save,
)
from tests.portal.planning.cast import MONDAY, NOW, WEDNESDAY
from tests.scenario import Home, Scenario

TODAY = NOW.date()
SUNDAY = MONDAY + timedelta(days=6)
BORN = date(2013, 5, 14)
PAGE = f"/mon-planning/?date={MONDAY}&vue=semaine"


class World(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.lea = self.child(self.durand, "Léa", born=BORN)
        self.tom = self.child(self.durand, "Tom")
        self.wednesdays, self.judo = self.activity("Mercredis"), self.activity("Judo")
        for activity in (self.wednesdays, self.judo):
            self.rule(activity)
            for child in (self.lea, self.tom):
                self.enrolment(child, activity, self.durand)
        self.wednesday = self.opening(self.slot(self.wednesdays, "Matin", capacity=3), WEDNESDAY)
        lesson = self.slot(self.judo, "Cours", "17:00", "18:00", weekdays=[2], capacity=3)
        self.lesson = self.opening(lesson, WEDNESDAY)

    def of_child(self, *allowed: Activity) -> TeenAccess:
        return self.teen(self.durand, self.lea, *allowed)

    def other_home(self) -> Home:
        other = self.home("Petit", "Sacha")
        self.shared(self.lea, self.durand, other)
        CustodyPeriod.objects.all().delete()
        return other


def logged(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def books(
    access: TeenAccess, opening: Opening, child: Person | None = None, *, now: datetime = NOW
) -> Outcome:
    change = Change((child or access.child).pk, opening.pk, seen=False, wanted=True)
    (outcome,) = teen_bookings_save(actor=actor_for(access.account), changes=[change], now=now)
    return outcome


def restrict(child: Person, adult: Person, **fields: Any) -> Restriction:
    given = {"since": TODAY, "reason": "Juge de Dijon", "written_at": NOW, "written_by": "Line"}
    return Restriction.objects.create(child=child, adult=adult, **(given | fields))
