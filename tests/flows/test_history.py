"""Each adult of a home reads of the past what it may see of the children."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from marelle.accounts.models import User
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.flows.actor.actors import actor_for
from marelle.flows.journal.history import home_history
from marelle.journal.services import record
from tests.scenario import Home, Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 12, tzinfo=PARIS)


class Blended:
    """Camille's Zoé lives with Sacha, who is no guardian of hers."""

    def __init__(self) -> None:
        self.world = Scenario()
        self.durand = self.world.home("Durand", "Camille")
        self.zoe = self.world.child(self.durand, "Zoé")
        activity = self.world.activity()
        enrolment = self.world.enrolment(self.zoe, activity, self.durand)
        sacha = self.world.adult(self.durand, "Sacha", identifier="sacha")
        assert sacha.account is not None
        self.sacha = sacha
        self.account: User = sacha.account
        self.written(self.durand, "booking.saved", Subject("person", self.zoe.pk, "Zoé"))
        self.written(
            self.durand, "enrolment.requested", Subject("enrolment", enrolment.pk, "Zoé · Mercredis")
        )
        self.written(self.durand, "residence.added", Subject("residence", self.zoe.pk, "Durand"))

    def written(self, home: Home, verb: str, subject: Subject) -> None:
        record(actor=home.actor, verb=verb, subject=subject, family_id=home.family.pk, now=NOW)

    def read_by(self, user: User) -> set[str]:
        page = home_history(actor_for(user), page=None, day=date(2026, 9, 1))
        return {entry.verb for entry in page.object_list}


def test_a_guardian_reads_everything() -> None:
    blended = Blended()
    everything = {"booking.saved", "enrolment.requested", "residence.added"}
    assert blended.read_by(blended.durand.user) == everything


def test_who_may_not_see_a_child_reads_nothing_about_it() -> None:
    blended = Blended()
    assert blended.read_by(blended.account) == {"residence.added"}
    blended.world.guardian(blended.sacha, blended.zoe, link="step_parent", may_see=False)
    assert blended.read_by(blended.account) == {"residence.added"}


def test_a_step_parent_who_may_see_reads_it_too() -> None:
    blended = Blended()
    blended.world.guardian(blended.sacha, blended.zoe, link="step_parent", may_book=False)
    assert "booking.saved" in blended.read_by(blended.account)
