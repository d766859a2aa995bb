"""The calendar feed, read as calendar programs read it: by icalendar, and by vobject."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta

import pytest
import vobject
from django.test import Client, override_settings
from icalendar import Calendar

from marelle.bookings.models import Absence
from marelle.bookings.states import BookingState, EndCause
from marelle.core.clock import PARIS, local
from marelle.flows.actor.feed import feed_actor, feed_address, feed_renew, feed_token
from marelle.journal.models import Entry
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 20, 9, tzinfo=PARIS)
SUMMER, WINTER = date(2026, 10, 21), date(2026, 10, 28)


class Village(Scenario):
    """Zoé, on the Wednesdays on both sides of the change of clocks."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, "Matin", capacity=10)
        self.rule(self.wednesdays)
        self.enrolment(self.zoe, self.wednesdays, self.durand)
        self.days = self.openings(self.wednesdays, date(2026, 10, 7), date(2026, 12, 16))

    def on(self, day: date):
        return next(opening for opening in self.days if opening.day == day)

    @property
    def address(self) -> str:
        self.durand.user.refresh_from_db()
        return f"/calendrier/{feed_token(self.durand.user)}.ics"


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


def read(client: Client, address: str):
    """The events by uid, after both readers agree on them."""
    body = client.get(address).content
    first = {str(e["uid"]): e for e in Calendar.from_ical(body).walk("VEVENT")}
    second = {e.uid.value: e for e in getattr(vobject.readOne(body.decode()), "vevent_list", [])}
    assert first.keys() == second.keys()
    for uid, event in first.items():
        assert event["dtstart"].dt == second[uid].dtstart.value
        assert event["dtend"].dt == second[uid].dtend.value
        assert str(event["summary"]) == second[uid].summary.value
    return first


def test_bookings_are_told_on_the_clocks_of_paris(world, client):
    kept = [world.booking(world.zoe, world.on(day)) for day in (SUMMER, WINTER)]
    events = read(client, world.address)
    assert len(events) == 2
    for booking, hours in zip(kept, (2, 1), strict=True):
        event = events[f"reservation-{booking.pk}@localhost"]
        assert event["dtstart"].params["TZID"] == "Europe/Paris"
        assert event["dtstart"].dt == booking.starts_at
        assert local(event["dtstart"].dt).hour == 8
        assert event["dtstart"].dt.utcoffset() == timedelta(hours=hours)
        assert str(event["summary"]) == "Zoé · Matin"
        assert str(event["status"]) == "CONFIRMED"
        assert "Accueil de loisirs d’Arelle" in event["location"]


def test_the_zone_is_written_out_and_right_in_both_seasons(world, client):
    world.booking(world.zoe, world.on(SUMMER))
    body = client.get(world.address).content
    (zone,) = Calendar.from_ical(body).walk("VTIMEZONE")
    paris = zone.to_tz(lookup_tzid=False)
    for month, hours in ((1, 1), (7, 2), (10, 2), (12, 1)):
        assert datetime(2027, month, 15, 12, tzinfo=paris).utcoffset() == timedelta(hours=hours)


def test_a_cancelled_booking_stays_as_cancelled_under_the_same_name(world, client):
    booking = world.booking(world.zoe, world.on(WINTER))
    before = read(client, world.address)[f"reservation-{booking.pk}@localhost"]
    booking.state, booking.end_cause, booking.ended_at = BookingState.CANCELLED, EndCause.FAMILY, NOW
    booking.save()
    after = read(client, world.address)[f"reservation-{booking.pk}@localhost"]
    assert (str(after["status"]), str(after["transp"])) == ("CANCELLED", "TRANSPARENT")
    assert str(after["summary"]) == "Zoé · Matin · annulé"
    assert after["sequence"] > before["sequence"]
    assert after["last-modified"].dt > before["last-modified"].dt


def test_what_was_cancelled_over_and_over_is_told_once_and_not_where_it_is_booked_again(world, client):
    ended = {"state": BookingState.CANCELLED, "end_cause": EndCause.FAMILY}
    world.booking(world.zoe, world.on(SUMMER), ended_at=NOW, **ended)
    for hours in (3, 2, 1):
        last = NOW - timedelta(hours=hours)
        booking = world.booking(world.zoe, world.on(WINTER), ended_at=last, **ended)
    events = read(client, world.address)
    assert [str(event["status"]) for event in events.values()] == ["CANCELLED"] * 2
    assert f"reservation-{booking.pk}@localhost" in events
    again = world.booking(world.zoe, world.on(WINTER))
    assert {str(e["dtstart"].dt.date()): str(e["status"]) for e in read(client, world.address).values()} == {
        str(SUMMER): "CANCELLED",
        str(WINTER): "CONFIRMED",
    }
    assert f"reservation-{again.pk}@localhost" in read(client, world.address)


def test_how_often_it_is_read_again_is_told_as_a_duration(world, client):
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT4H\r\n" in client.get(world.address).content


def test_what_was_cancelled_goes_after_sixty_days(world, client, time_machine):
    ended = {"state": BookingState.CANCELLED, "end_cause": EndCause.FAMILY, "ended_at": NOW}
    world.booking(world.zoe, world.on(date(2026, 12, 16)), **ended)
    time_machine.move_to(NOW + timedelta(days=59))
    assert len(read(client, world.address)) == 1
    time_machine.move_to(NOW + timedelta(days=61))
    assert read(client, world.address) == {}


def test_an_absence_is_told_without_its_reason(world, client):
    booking = world.booking(world.zoe, world.on(SUMMER), changed_at=NOW)
    Absence.objects.create(booking=booking, declared_at=NOW, declared_by="Camille", reason="illness")
    (event,) = read(client, world.address).values()
    assert str(event["summary"]) == "Zoé · Matin · absence déclarée"
    assert "maladie" not in client.get(world.address).content.decode().lower()


def test_what_nobody_granted_yet_is_tentative_and_what_is_waited_for_is_not_told(world, client):
    world.booking(world.zoe, world.on(SUMMER), state=BookingState.REQUESTED)
    world.booking(world.zoe, world.on(WINTER), state=BookingState.WAITING)
    left = {"state": BookingState.CANCELLED, "queued_at": NOW, "ended_at": NOW, "end_cause": "family"}
    world.booking(world.zoe, world.on(date(2026, 11, 4)), **left)
    (event,) = read(client, world.address).values()
    assert str(event["status"]) == "TENTATIVE"
    assert "à valider" in event["summary"]


def test_the_other_home_and_children_not_to_be_seen_are_left_out(world, client):
    martin = world.home("Martin", "Sacha")
    world.shared(world.zoe, world.durand, martin)
    other = world.enrolment(world.zoe, world.wednesdays, martin)
    world.booking(world.zoe, world.on(WINTER), enrolment=other)
    leo = world.child(world.durand, "Léo")
    leo.guardians.update(may_see=False)
    mine = world.enrolment(leo, world.wednesdays, world.durand)
    world.booking(leo, world.on(WINTER), enrolment=mine)
    assert read(client, world.address) == {}


def test_the_address_is_of_no_use_once_renewed_or_once_the_account_is_closed(world, client):
    world.booking(world.zoe, world.on(WINTER))
    old = world.address
    renewed = feed_renew(actor=world.durand.actor, now=NOW)
    assert client.get(old).status_code == 404
    assert renewed.endswith(world.address)
    assert renewed == feed_address(world.durand.user)
    assert old != world.address
    assert Entry.objects.get(verb="calendar.renewed").actor_user_id == world.durand.user.pk
    assert client.get(world.address).status_code == 200
    world.durand.user.is_active = False
    world.durand.user.save()
    assert client.get(world.address).status_code == 404


@pytest.mark.parametrize("wrong", ["jeton", "1-0", "1-0.", "1-0.AAAA", "x.y.z", "%00"])
def test_what_is_not_signed_costs_no_query(client, wrong, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert feed_actor(wrong) is None
    assert client.get(f"/calendrier/{wrong}.ics").status_code == 404


def test_another_secret_key_signs_other_addresses(world):
    with override_settings(SECRET_KEY="une-autre-clef-que-personne-ne-connait"):
        from django.core.signing import Signer

        forged = Signer(salt="marelle.calendar", sep=".").sign(f"{world.durand.user.pk}-0")
    assert feed_actor(forged) is None
    assert feed_actor(feed_token(world.durand.user)) is not None


def test_what_has_not_changed_is_not_written_again(world, client, count_queries):
    booking, address = world.booking(world.zoe, world.on(WINTER)), world.address
    with count_queries(3):
        first = client.get(address)
    assert "private" in first["Cache-Control"]
    same = client.get(world.address, headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    for known in (f"W/{first['ETag']}", f'"other", W/{first["ETag"]}', "*"):
        assert client.get(world.address, headers={"If-None-Match": known}).status_code == 304
    booking.changed_at = NOW + timedelta(minutes=1)
    booking.save()
    assert client.get(world.address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_name_with_signs_of_the_format_breaks_nothing(world, client):
    world.zoe.first_name = "Zoé; ,\\ \n🦖 <b>"
    world.zoe.save()
    world.booking(world.zoe, world.on(WINTER))
    (event,) = read(client, world.address).values()
    assert "🦖 <b>" in event["summary"]
