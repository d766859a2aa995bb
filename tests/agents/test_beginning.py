"""« Premiers pas »: what a portal that begins lacks; no page of it falls for what is not there yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.activities.models import Opening
from marelle.agents.desk.beginning import LABELS, TEXTS
from marelle.core.actor import Role
from marelle.definitions.services import definitions_write
from marelle.flows.vitals.beginning import Begun, Lack, Step, beginning
from marelle.places.models import Authority, Post
from tests.agents.test_ways import walked
from tests.definitions.example import HAMLET, NOW
from tests.roles.table import ADDRESSES
from tests.scenario import PASSWORD, Scenario

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
AGENT = HAMLET[HAMLET.index("premiers agents") :]
PARTS = {
    "nothing": AGENT,
    "no structure": HAMLET[: HAMLET.index("structures")] + AGENT,
    "no activity": HAMLET[: HAMLET.index("activités")] + AGENT,
}
REST = [pytest.param(part, marks=pytest.mark.prove) for part in list(PARTS)[1:]]
LEAST_PAGES = 40


@pytest.fixture(autouse=True)
def then(time_machine) -> None:
    time_machine.move_to(NOW)


def administrator() -> Client:
    user = User.objects.get(email="nina@bourg.example")
    user.set_password(PASSWORD)
    user.is_active = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.once
@pytest.mark.parametrize("part", ["nothing", *REST])
def test_no_page_falls_on_a_portal_that_begins(part: str) -> None:
    definitions_write(text=PARTS[part], now=NOW)
    client = administrator()
    found, closed = walked(client, ["/agents/"])
    assert closed == []
    assert len(found) > LEAST_PAGES
    for address in ADDRESSES:
        if "<" not in address and not address.startswith("/agents/"):
            assert Client().get(address).status_code < 500 or address == "/sante/pret", address


def lacking() -> dict[Step, Lack | None]:
    return {one.step: one.lack for one in beginning(day=TODAY)}


def opened() -> set[Step]:
    return {one.step for one in beginning(day=TODAY) if one.lack and one.is_open}


def test_each_step_says_what_it_lacks_and_goes_with_the_last() -> None:
    assert set(lacking().values()) == {Lack.WHOLE}
    assert opened() == {Step.AUTHORITY}
    world = Scenario()
    authority = world.the_authority
    assert opened() == {Step.COMMUNE, Step.CALENDAR}
    _commune = world.the_commune
    assert Begun(Step.STRUCTURE, Lack.WHOLE, authority.pk) in beginning(day=TODAY)
    assert opened() == {Step.STRUCTURE, Step.CALENDAR}
    world.activity("Passée", last_day=TODAY - timedelta(days=1), first_day=TODAY - timedelta(days=90))
    assert lacking()[Step.ACTIVITY] is Lack.WHOLE
    activity = world.activity("Soir", first_day=TODAY, last_day=TODAY + timedelta(days=90))
    assert lacking()[Step.ACTIVITY] is Lack.SLOT
    slot = world.slot(activity, weekdays=[0])
    assert lacking()[Step.ACTIVITY] is Lack.RULE
    world.rule(activity)
    assert lacking()[Step.ACTIVITY] is Lack.OPENINGS
    empty = world.activity("Matin", first_day=TODAY, last_day=TODAY + timedelta(days=90))
    assert Begun(Step.ACTIVITY, Lack.OPENINGS, activity.pk) in beginning(day=TODAY), "what lacks least"
    empty.delete()
    world.opening(slot, TODAY + timedelta(days=5))
    assert opened() == {Step.FAMILY}
    home = world.home("Durand", "Camille")
    assert lacking()[Step.FAMILY] is Lack.ENROLMENT
    child = world.child(home, "Zoé", born=date(2020, 3, 4))
    world.enrolment(child, activity, home)
    assert beginning(day=TODAY) == ()
    Opening.objects.all().delete()
    assert beginning(day=TODAY) == (), "an activity without days is no first step any more"


def test_where_nobody_enrols_a_home_is_enough_and_a_free_activity_needs_no_deadline() -> None:
    world = Scenario()
    activity = world.activity(
        "Accueil libre", enrolment_mode="none", booking_mode="free",
        first_day=TODAY, last_day=TODAY + timedelta(days=90),
    )  # fmt: skip
    world.opening(world.slot(activity, weekdays=[0]), TODAY + timedelta(days=5))
    assert lacking()[Step.ACTIVITY] is None
    world.home("Durand", "Camille")
    assert beginning(day=TODAY) == ()


def test_each_step_and_each_lack_have_their_words() -> None:
    assert set(LABELS) == set(Step)
    assert {step for step, _lack in TEXTS} == set(Step)
    assert {lack for _step, lack in TEXTS} == set(Lack)


def test_steps_are_for_who_administers() -> None:
    definitions_write(text=HAMLET, now=NOW)
    client = administrator()
    said = client.get("/agents/").content.decode()
    assert "Premiers pas" in said
    assert "/agents/familles/nouvelle/" in said
    assert "Tout est traité" not in said
    Post.objects.update(role=Role.OFFICE, authority=Authority.objects.get())
    said = client.get("/agents/").content.decode()
    assert "Premiers pas" not in said
    assert "Tout est traité" in said
