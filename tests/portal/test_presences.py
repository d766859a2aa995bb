"""« Attestation de présence »: the days that the door noted, of closed calls, each home its own."""

from __future__ import annotations

import io
import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pikepdf
import pytest
import time_machine
from django.test import Client

from marelle.attendance.models import Call
from marelle.billing.models import Treasury
from marelle.bookings.models import Attendance, Booking
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import CustodyPeriod, Member, Person
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.flows.door.presence import Period, period_read, periods_of
from tests.billing.pdf_text import text_of
from tests.flows.bills.billed import FIRST, NOW, SECOND, THIRD, Billed
from tests.flows.bills.test_runs import home_of
from tests.pricing.sheets import MEAL, MORNING

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 29)


def test_a_period_ends_today_and_goes_no_further_back():
    assert period_read("2026-2027", TODAY) == Period("2026-2027", date(2026, 9, 1), TODAY)
    assert period_read("2026-11", TODAY) == Period("2026-11", date(2026, 11, 1), TODAY)
    assert period_read("2026-10", TODAY) == Period("2026-10", date(2026, 10, 1), date(2026, 10, 31))
    assert period_read("2025", TODAY) == Period("2025", date(2025, 1, 1), date(2025, 12, 31))
    assert period_read("2024", TODAY) == Period("2024", date(2024, 9, 1), date(2024, 12, 31))


@pytest.mark.parametrize(
    "code", ["", "2027", "2026-12", "2027-2028", "2026-2026", "2026-13", "2026-1", "2023-2024", "٢٠٢٦", "x"]
)
def test_what_is_no_period_is_refused(code: str):
    assert period_read(code, TODAY) is None


def test_periods_are_those_in_which_there_is_a_day():
    years, calendar, months = periods_of({date(2026, 11, 4), date(2025, 6, 3)}, TODAY)
    assert [one.code for one in years] == ["2026-2027", "2024-2025"]
    assert [one.code for one in calendar] == ["2026", "2025"]
    assert [one.code for one in months] == ["2026-11", "2025-06"]


class Seen(Billed):
    """Zoé, booked on three Wednesdays."""

    def __init__(self) -> None:
        super().__init__("wednesdays")
        self.roy, self.zoe = home_of(self)
        for day in (FIRST, SECOND, THIRD):
            self.books(self.zoe, day, MORNING, MEAL)

    def came(self, day: date, *, closed: bool = True, present: bool = True, **fields: Any) -> None:
        for booking in Booking.objects.filter(child=self.zoe, day=day).select_related("opening"):
            Attendance.objects.create(
                opening=booking.opening, child=self.zoe, day=day, present=present, noted_at=NOW,
                noted_by="Line", **fields,
            )  # fmt: skip
            if closed:
                Call.objects.get_or_create(
                    opening=booking.opening, defaults={"state": "closed", "closed_at": NOW, "closed_by": "L"}
                )

    def client_of(self, home: Any) -> Client:
        client = Client()
        client.force_login(home.user)
        return client

    def url(self, code: str = "2026-2027", child: Person | None = None) -> str:
        return f"/factures/presence/{(child or self.zoe).pk}/{self.the_authority.pk}/?periode={code}"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def told(content: bytes) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", text_of(content))


def test_it_says_who_came_when_and_who_attests_it():
    world = Seen()
    Treasury.objects.create(
        authority=world.the_authority, name="T", address="A", how_to_pay="P", how_to_contest="C",
        signatory="Agnès Aubry", signatory_capacity="présidente",
    )  # fmt: skip
    world.came(FIRST)
    world.came(THIRD)
    content = world.client_of(world.roy).get(world.url()).content
    text = told(content)
    assert "Agnès Aubry, présidente, atteste" in text
    assert "du 1er septembre 2026 au 1er décembre 2026" in text
    assert "Zoé Roy" in text
    assert "2 jours : 4, 25 nov." in text
    assert "Matin : 2, Repas : 2" in text
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.Root.Lang == "fr-FR"
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


def test_days_that_nobody_has_closed_or_on_which_it_was_absent_do_not_count():
    world = Seen()
    world.came(FIRST)
    world.came(SECOND, closed=False)
    world.came(THIRD, present=False)
    assert "1 jour : 4 nov." in told(world.client_of(world.roy).get(world.url()).content)


def test_hours_are_those_noted_where_it_is_booked_by_the_hour():
    world = Seen()
    arrived = datetime.combine(FIRST, time(8, 10), tzinfo=PARIS)
    for booking in Booking.objects.filter(child=world.zoe, day=FIRST).select_related("opening__slot"):
        booking.opening.slot.by_hour = booking.opening.slot.name == "Matin"
        booking.opening.slot.save()
    world.came(FIRST, arrived_at=arrived, left_at=arrived + timedelta(hours=3, minutes=25))
    assert "3 h 25" in told(world.client_of(world.roy).get(world.url()).content)


def test_each_home_of_a_shared_child_has_its_own_days():
    world = Seen()
    other = world.home("Blanc")
    member = Member.objects.create(
        family=other.family, person=world.zoe, kind=Member.Kind.CHILD, since=date(2019, 9, 1)
    )
    CustodyPeriod.objects.create(
        member=member, since=date(2026, 9, 1), weeks=CustodyWeeks.EVEN, holidays=CustodyHolidays.SAME_AS_WEEKS
    )
    world.guardian(other.adult, world.zoe)
    world.came(FIRST)
    assert world.client_of(world.roy).get(world.url()).status_code == 200
    assert world.client_of(other).get(world.url()).headers["Location"] == "/factures/presence/"
    assert "Aucune présence" in world.client_of(other).get("/factures/presence/").content.decode()


def test_what_is_not_there_is_not_found():
    world = Seen()
    world.came(FIRST)
    client = world.client_of(world.roy)
    elsewhere = f"/factures/presence/{world.zoe.pk}/{world.authority('Autre').pk}/?periode=2026"
    for url in (world.url("2026-10"), world.url("n’importe"), elsewhere):
        assert client.get(url).headers["Location"] == "/factures/presence/"
    assert "Aucune présence à attester" in client.get("/factures/presence/").content.decode()
    stranger = world.home("Blanc")
    assert world.client_of(stranger).get(world.url()).status_code == 404


def test_it_is_found_from_the_bills_and_from_the_documents_and_offers_what_there_is():
    world = Seen()
    world.came(FIRST)
    client = world.client_of(world.roy)
    for page in ("/factures/", "/documents/"):
        assert 'href="/factures/presence/"' in client.get(page).content.decode()
    page = client.get("/factures/presence/").content.decode()
    choices = re.findall(r'<option value="([^"]+)">([^<]+)<', page)
    assert choices == [
        ("2026-2027", "2026-2027 (1 jour)"),
        ("2026", "2026 (1 jour)"),
        ("2026-11", "Novembre 2026 (1 jour)"),
    ]


def test_the_office_reads_it_in_the_family_s_name():
    world = Seen()
    world.came(FIRST)
    client = Client()
    client.force_login(world.staff("guichet", Role.OFFICE, authority=world.the_authority))
    answer = client.post(f"/agents/familles/{world.roy.family.pk}/agir/", {"vers": "presences"})
    assert answer.headers["Location"] == "/factures/presence/"
    assert client.get(world.url()).status_code == 200
