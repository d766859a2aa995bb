"""A home of which nobody hears is told, confirmed, erased but for what the CAF may check; or it answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from marelle.billing.models import Invoice
from marelle.bookings.models import Attendance, Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.personal import declared
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.families.incomes.rules import IncomeKind
from marelle.families.models import (
    Family,
    Guardianship,
    HealthSheet,
    Income,
    Member,
    Person,
    PickupContact,
    SearchWord,
)
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.checked import checked_until
from marelle.flows.home.dormant import (
    ANSWER,
    Stage,
    VisaMissing,
    awake_dropped,
    dormancies,
    dormant_confirm,
    dormant_keep,
    dormants_erased,
    dormants_followed,
    dormants_told,
    to_confirm,
    visa_want,
)
from marelle.flows.home.signs import last_signs, silent
from marelle.flows.models import Dormant
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.models import Message
from marelle.messaging.models import Message as Written
from marelle.messaging.models import Thread
from marelle.papers.models import Paper, PaperType
from tests.care import contact, sheet
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, tzinfo=PARIS)
LONG_AGO = datetime(2023, 9, 1, tzinfo=UTC)
CAME = date(2024, 6, 12)
BEFORE = date(2024, 11, 25)
LATER = NOW + ANSWER


class Silent(Scenario):
    """The Durands came for the last time in June 2024; nobody has heard of them since."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.slot(self.wednesdays, "Matin", weekdays=range(7))
        (opening,) = self.openings(self.wednesdays, CAME)
        self.enrolled = self.enrolment(
            self.zoe, self.wednesdays, self.durand, starts_on=date(2023, 9, 1), ends_on=date(2024, 7, 5)
        )
        self.booking(self.zoe, opening, enrolment=self.enrolled)
        Attendance.objects.create(
            opening=opening, child=self.zoe, day=CAME, present=True, noted_at=LONG_AGO, noted_by="Line"
        )
        self.income(self.durand, IncomeKind.QUOTIENT, "734.00")
        sheet(self.zoe, allergies="arachide")
        contact(self.durand, self.zoe, "Line Roche")
        Family.objects.update(created_at=LONG_AGO)
        Entry.objects.all().delete()
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    @property
    def family(self) -> Family:
        return Family.objects.get(pk=self.durand.family.pk)

    def confirmed(self) -> None:
        dormants_told(now=NOW)
        assert dormant_confirm(actor=self.office, family_ids=[self.family.pk], now=LATER) == (1, 0)


@pytest.fixture
def world(time_machine: Any) -> Silent:
    time_machine.move_to(NOW, tick=False)
    return Silent()


def is_silent(world: Silent) -> bool:
    return silent(BEFORE).filter(pk=world.family.pk).exists()


# Signs.

RECENT = datetime(2024, 11, 25, 8, tzinfo=UTC)


def came_in(world: Silent) -> None:
    world.durand.user.last_login = RECENT
    world.durand.user.save()


def was_billed(world: Silent) -> None:
    Invoice.objects.create(
        authority=world.the_authority, family=world.family, number="F1", month=BEFORE.replace(day=1),
        issued_on=BEFORE, due_on=BEFORE, total=1, paid=1,
    )  # fmt: skip


def wrote(world: Silent) -> None:
    thread = Thread.objects.create(
        structure=world.the_structure, family=world.family, subject="?", opened_at=LONG_AGO, last_at=RECENT
    )
    Written.objects.create(thread=thread, from_staff=False, author="Camille", text="Bonjour", at=RECENT)


def acted(world: Silent) -> None:
    subject = Subject("family", world.family.pk, "F1")
    record(actor=world.durand.actor, verb="x.y", subject=subject, family_id=world.family.pk, now=RECENT)


def acted_for(world: Silent) -> None:
    acted(world)
    Entry.objects.update(on_behalf=True, actor_user_id=None)


def sent_a_paper(world: Silent) -> None:
    kind = PaperType.objects.create(authority=world.the_authority, title="Avis", why="?", about="family")
    Paper.objects.create(paper_type=kind, family=world.family, sent_at=RECENT, sent_by="Camille")


SIGNS = {
    "came in": came_in,
    "asked or is enrolled": lambda _world: Enrolment.objects.update(ends_on=BEFORE),
    "booked": lambda _world: Booking.objects.update(day=BEFORE),
    "came": lambda _world: Attendance.objects.update(day=BEFORE),
    "was billed": was_billed,
    "wrote": wrote,
    "acted": acted,
    "an agent acted in its name": acted_for,
    "sent a paper": sent_a_paper,
    "is new": lambda _world: Family.objects.update(created_at=datetime(2024, 11, 25, tzinfo=UTC)),
}


def test_without_a_sign_it_is_silent(world: Silent) -> None:
    assert is_silent(world)
    assert last_signs([world.family.pk]) == {world.family.pk: date(2024, 7, 5)}


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_of_the_last_months_is_heard(world: Silent, sign: str) -> None:
    SIGNS[sign](world)
    assert not is_silent(world)


def test_what_agents_and_the_portal_do_is_no_sign(world: Silent) -> None:
    acted(world)
    Entry.objects.update(actor_user_id=world.office.user_id)
    assert is_silent(world)
    thread = Thread.objects.create(
        structure=world.the_structure, family=world.family, subject="?", opened_at=LONG_AGO, last_at=RECENT
    )
    Written.objects.create(thread=thread, from_staff=True, author="Line", text="Êtes-vous là ?", at=RECENT)
    assert is_silent(world)


# Told, then confirmed.


def test_it_is_told_once_with_the_way_to_say_that_it_is_there(world: Silent) -> None:
    assert dormants_told(now=NOW) == 1
    assert dormants_told(now=NOW) == 0
    message = Message.objects.get()
    assert message.kind == "families/dormant"
    assert "vendredi 25 décembre 2026" in message.text
    assert "/connexion/" in message.text
    (found,) = dormancies(world.office, now=NOW)
    assert found.stage is Stage.TOLD
    assert found.row.last_sign == date(2024, 7, 5)
    assert to_confirm(world.office, now=LATER - timedelta(seconds=1)) == 0
    assert to_confirm(world.office, now=LATER) == 1


def test_nothing_goes_unless_an_agent_confirmed_after_a_month(world: Silent) -> None:
    dormants_told(now=NOW)
    asked = {"actor": world.office, "family_ids": [world.family.pk]}
    assert dormant_confirm(**asked, now=LATER - timedelta(seconds=1)) == (0, 1)
    assert dormants_erased(now=LATER) == 0
    assert dormant_confirm(**asked, now=LATER) == (1, 0)
    assert dormant_confirm(**asked, now=LATER) == (0, 1)
    assert dormants_erased(now=LATER) == 1
    assert Entry.objects.filter(verb="family.dormant_confirmed").count() == 1


def test_who_confirms(world: Silent) -> None:
    dormants_told(now=NOW)
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    with pytest.raises(NotYours):
        dormant_confirm(actor=director, family_ids=[world.family.pk], now=LATER)
    with pytest.raises(NotYours):
        dormant_keep(actor=director, family_id=world.family.pk, now=LATER)
    assert dormancies(director, now=LATER) == []


@pytest.mark.parametrize("sign", ["came in", "booked", "wrote"])
def test_a_sign_takes_it_off_the_list_and_keeps_all_of_it(world: Silent, sign: str) -> None:
    world.confirmed()
    SIGNS[sign](world)
    Booking.objects.filter(day=BEFORE).update(day=date(2026, 1, 1))
    world.durand.user.refresh_from_db()
    if sign == "came in":
        type(world.durand.user).objects.update(last_login=LATER)
    Written.objects.update(at=LATER)
    assert dormancies(world.office, now=LATER) == []
    assert dormants_erased(now=LATER) == 0
    assert HealthSheet.objects.exists()
    assert awake_dropped(now=LATER) == 1
    assert not Dormant.objects.exists()


def test_an_agent_knows_that_it_is_there(world: Silent) -> None:
    world.confirmed()
    dormant_keep(actor=world.office, family_id=world.family.pk, now=LATER)
    assert dormants_erased(now=LATER) == 0
    assert dormants_told(now=LATER + timedelta(days=300)) == 0
    assert dormants_told(now=LATER + timedelta(days=800)) == 1
    row = Dormant.objects.get()
    assert (row.kept_at, row.confirmed_at) == (None, None)


def test_the_archives_are_asked_first_where_the_authority_wants_it(world: Silent) -> None:
    assert visa_want(actor=world.office, wanted=True, now=NOW)
    dormants_told(now=NOW)
    with pytest.raises(VisaMissing):
        dormant_confirm(actor=world.office, family_ids=[world.family.pk], visa="  ", now=LATER)
    dormant_confirm(actor=world.office, family_ids=[world.family.pk], visa="AD21-2026-14", now=LATER)
    assert Dormant.objects.get().visa == "AD21-2026-14"


# Erased, but for what the CAF may check.


def test_what_the_caf_may_check_stays_and_nothing_else(world: Silent) -> None:
    kind = PaperType.objects.create(authority=world.the_authority, title="Avis", why="?", about="family")
    health = PaperType.objects.create(
        authority=world.the_authority, title="Certificat", why="?", about="child", is_health=True
    )
    of_home = PaperType.objects.create(
        authority=world.the_authority, title="Vaccins", why="?", about="family", is_health=True
    )
    for one in (kind, health, of_home):
        Paper.objects.create(
            paper_type=one, family=world.family, sent_at=LONG_AGO, sent_by="Camille", state="accepted"
        )
    world.income(world.durand, IncomeKind.DEPENDANTS, "3", since=date(2019, 1, 1), until=date(2021, 12, 31))
    world.confirmed()
    account, email = world.durand.user, world.durand.adult.email
    assert dormants_erased(now=LATER) == 1
    zoe = Person.objects.get(pk=world.zoe.pk)
    assert (str(zoe), zoe.birth_date) == ("Zoé Durand", date(2019, 3, 4))
    assert Attendance.objects.get(child=zoe).present
    assert Booking.objects.count() == Enrolment.objects.count() == 1
    assert [one.kind for one in Income.objects.all()] == [IncomeKind.QUOTIENT]
    assert [one.paper_type_id for one in Paper.objects.all()] == [kind.pk]
    family = world.family
    assert (family.name, family.erased_at) == ("Durand", None)
    assert family.left_on is not None
    for gone in (HealthSheet, PickupContact, Guardianship):
        assert not gone.objects.exists(), gone
    assert Person.objects.get(pk=world.durand.adult.pk).email == ""
    account.refresh_from_db()
    assert (account.is_active, account.email) == (False, "")
    told = "\n".join(
        str(row) for one in declared() for row in one.model._default_manager.values_list() if one.model
    )
    assert email not in told
    (found,) = dormancies(world.office, now=LATER)
    assert (found.stage, found.row.until) == (Stage.REDUCED, date(2027, 12, 31))
    assert SearchWord.objects.exists(), "the office finds it when the CAF asks"
    assert dormants_erased(now=LATER) == 0


def test_the_rest_goes_on_the_first_day_that_the_caf_asks_no_more(world: Silent) -> None:
    world.confirmed()
    dormants_erased(now=LATER)
    assert dormants_erased(now=datetime(2027, 12, 31, 23, tzinfo=PARIS)) == 0
    assert dormants_erased(now=datetime(2028, 1, 1, 0, 30, tzinfo=PARIS)) == 1
    assert world.family.erased_at is not None
    assert not Income.objects.exists()
    assert not Member.objects.exists()
    assert not Dormant.objects.exists()
    assert "Zoé" not in str(list(Person.objects.values_list()))
    assert Attendance.objects.count() == 1, "counted, of nobody"


def test_one_that_never_came_is_erased_at_once(world: Silent) -> None:
    Attendance.objects.all().delete()
    Booking.objects.all().delete()
    assert checked_until(world.family.pk) is None
    world.confirmed()
    assert dormants_erased(now=LATER) == 1
    assert world.family.erased_at is not None


def test_an_unpaid_bill_keeps_it_and_is_told(world: Silent) -> None:
    Invoice.objects.create(
        authority=world.the_authority, family=world.family, number="F1", month=date(2024, 6, 1),
        issued_on=date(2024, 7, 1), due_on=date(2024, 7, 31), total=12, paid=0,
    )  # fmt: skip
    world.confirmed()
    assert dormants_erased(now=LATER) == 0
    (found,) = dormancies(world.office, now=LATER)
    assert [one.value for one in found.obstacles] == ["unpaid"]


def test_another_home_of_the_child_keeps_all_that_is_its_own(world: Silent) -> None:
    martin = world.home("Martin", "Sacha")
    world.shared(world.zoe, world.durand, martin)
    world.enrolment(world.zoe, world.wednesdays, martin, starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 1))
    Family.objects.update(created_at=LONG_AGO)
    world.confirmed()
    assert dormants_erased(now=LATER) == 1
    assert HealthSheet.objects.exists()
    assert Guardianship.objects.filter(adult=martin.adult).exists()
    assert not silent(BEFORE).filter(pk=martin.family.pk).exists()


def test_the_worker_does_it_in_the_daytime(world: Silent) -> None:
    assert dormants_followed(now=NOW.replace(hour=3)) == 0
    assert not Message.objects.exists()
