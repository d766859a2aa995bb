"""Guards of every floor meet a request; several at once have each their outcome and one acknowledgement."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path

import pytest

from marelle.activities.kinds import Unpaid
from marelle.billing.models import Invoice
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.enrolments.refusals import Denied
from marelle.enrolments.services import Terms
from marelle.families.selectors import children
from marelle.flows.enrolling.asking import Wanted, enrolment_ask, enrolments_ask, offer_to
from marelle.mail.models import Message
from marelle.papers.models import PaperNeed, PaperType
from marelle.places.models import Authority
from tests.offer import LAST_DAY
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TERMS = Terms(date(2026, 12, 2), LAST_DAY, {})


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.leo = self.child(self.durand, "Léo", born=date(2021, 3, 4))
        self.wednesdays = self.activity("Mercredis", unpaid=Unpaid.REQUESTS)

    def ask(self) -> Enrolment:
        wanted = Wanted(self.zoe.pk, self.wednesdays.pk, TERMS)
        return enrolment_ask(actor=self.durand.actor, wanted=wanted, now=NOW)

    def bill(self, home, due_on: date, authority: Authority | None = None) -> None:
        Invoice.objects.create(
            authority=authority or self.the_authority,
            family=home.family,
            number=f"F-{Invoice.objects.count()}",
            month=date(2026, 10, 1),
            issued_on=date(2026, 11, 1),
            due_on=due_on,
            total="12.50",
        )

    def needs(self, effect: str, **fields) -> None:
        kind = PaperType.objects.create(
            authority=self.the_authority, title="Assurance", why="Pour tous.", about="child"
        )
        PaperNeed.objects.create(activity=self.wednesdays, paper_type=kind, effect=effect, **fields)

    def offer(self):
        (child, *_others) = children(self.durand.actor, day=NOW.date())
        return offer_to(self.durand.actor, child, (), activity_id=self.wednesdays.pk, now=NOW)


built = built_once(Village)


@pytest.fixture
def world(built, db) -> Village:
    return deepcopy(built)


def test_an_overdue_bill_of_the_home_blocks_where_the_activity_minds(world):
    world.bill(world.home("Martin"), date(2026, 11, 1))
    world.bill(world.durand, date(2026, 12, 24))
    assert world.offer().denial is None
    world.bill(world.durand, date(2026, 11, 1))
    assert world.offer().denial.reason == "unpaid"
    with pytest.raises(Denied, match="unpaid"):
        world.ask()
    world.wednesdays.unpaid = Unpaid.WARN
    world.wednesdays.save()
    assert (world.offer().denial, world.offer().facts.unpaid) == (None, Unpaid.WARN)
    assert world.ask().state == "requested"


def test_what_another_authority_is_owed_is_no_business_of_the_activity(world):
    other = Authority.objects.create(name="Communauté")
    world.bill(world.durand, date(2026, 11, 1), authority=other)
    assert world.offer().denial is None
    assert world.ask().state == "requested"


@pytest.mark.parametrize(
    ("effect", "fields", "asked"),
    [
        ("nothing", {}, True),
        ("warn", {}, True),
        ("blocks_bookings", {"bookings_from": date(2027, 1, 1)}, True),
        ("blocks_request", {}, False),
    ],
)
def test_a_missing_paper_does_what_the_activity_chose(world, effect, fields, asked):
    world.needs(effect, **fields)
    offer = world.offer()
    assert [paper.title for paper in offer.missing] == ["Assurance"]
    assert (offer.denial is None) is asked
    if asked:
        assert world.ask().state == "requested"
    else:
        with pytest.raises(Denied, match="papers_missing"):
            world.ask()


def test_several_at_once_each_its_outcome_and_one_mail(world):
    holidays = world.activity("Vacances", years=(3, 12))
    teenagers = world.activity("Espace jeunes", years=(12, 17))
    wanted = [
        Wanted(child.pk, activity.pk, TERMS)
        for child in (world.zoe, world.leo)
        for activity in (world.wednesdays, holidays, teenagers)
    ]
    asked = enrolments_ask(actor=world.durand.actor, wanted=wanted, now=NOW)
    assert sorted(one.refusal.code for one in asked if one.refusal) == ["too_young", "too_young"]
    assert Enrolment.objects.count() == 4
    mail = Message.objects.get()
    assert mail.subject == "Demandes d’inscription reçues : Zoé et Léo"
    assert mail.text.count("Référence D-") == 4
    again = enrolments_ask(actor=world.durand.actor, wanted=wanted, now=NOW)
    assert sorted(one.refusal.code for one in again if one.refusal).count("already_asked") == 4
    assert Enrolment.objects.count() == 4
    assert Message.objects.count() == 1


def test_each_adult_reads_of_the_children_whose_mails_it_gets(world):
    alex = world.adult(world.durand, "Alex")
    world.guardian(alex, world.leo, link="step_parent")
    wanted = [Wanted(child.pk, world.wednesdays.pk, TERMS) for child in (world.zoe, world.leo)]
    enrolments_ask(actor=world.durand.actor, wanted=wanted, now=NOW)
    step_parent = Message.objects.get(to=alex.email)
    assert "Léo" in step_parent.text
    assert "Zoé" not in step_parent.text
    assert Message.objects.get(to=world.durand.adult.email).text.count("Référence") == 2


def test_no_screen_asks_past_the_guards():
    screens = [path for side in ("portal", "agents") for path in Path("marelle", side).rglob("*.py")]
    assert screens
    assert [str(path) for path in screens if re.search(r"\benrolment_request\b", path.read_text())] == []
