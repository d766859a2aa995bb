"""An agent in a family's name: it passes a deadline with a reason, where the family does not."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.test import Client

from marelle.activities.kinds import BookingMode
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.flows.actor.actors import ACTING_FOR
from tests.portal.planning.cast import WEDNESDAY, Cast, text


def agent_for(cast: Cast, client: Client) -> Client:
    client.force_login(cast.world.staff("guichet", Role.OFFICE))
    session = client.session
    session[ACTING_FOR] = cast.durand.family.pk
    session.save()
    return client


def sent(answer) -> dict[str, Any]:
    """What the page would post as it is, and whether it says that the reason is missing."""
    body = answer.content.decode()
    boxes = re.findall(r"<input type=checkbox name=c value=\"([^\"]+)\"([^>]*)>", body)
    seen = re.search(r'name="seen" value="([^"]*)"', body)
    return {
        "seen": seen[1] if seen else "",
        "c": [key for key, rest in boxes if rest.endswith(" checked")],
        "reason wanted": 'aria-describedby="derogation-error"' in body,
    }


def chosen(answer) -> dict[str, str]:
    """The hours that the page would post as it is."""
    found = {}
    for name, options in re.findall(r'<select name="(h-[^"]+)"[^>]*>(.*?)</select>', answer.content.decode()):
        value = re.search(r'value="([^"]*)" selected', options)
        found[name] = value[1] if value else ""
    return found


def test_an_agent_passes_a_deadline_with_a_reason(cast, client):
    late = cast.world.opening(cast.morning, date(2026, 9, 8))
    agent = agent_for(cast, client)
    assert f'value="{cast.key(late)}"' in agent.get(cast.url(day=date(2026, 9, 7))).content.decode()
    gone = cast.world.opening(cast.morning, date(2026, 9, 3))
    body = agent.get(cast.url(day=date(2026, 9, 3))).content.decode()
    assert f'value="{cast.key(gone)}"' in body
    assert 'name="derogation"' in body
    answer = agent.post(cast.url(), {"seen": "", "c": cast.key(gone)}, follow=True)
    assert "indiquez un motif de dérogation" in text(answer)
    assert not Booking.objects.exists()

    agent.post(cast.url(), {"seen": "", "c": cast.key(gone), "derogation": "accord de la direction"})
    assert Booking.objects.get().derogation == "accord de la direction"


def test_without_its_reason_a_derogation_stays_asked(cast, client):
    """The reason was forgotten: what was ticked and unticked is still so, and is done once it is given."""
    gone = cast.world.opening(cast.morning, date(2026, 9, 3))
    held = cast.world.opening(cast.morning, date(2026, 9, 2))
    booked = cast.world.booking(cast.zoe, held)
    agent, week = agent_for(cast, client), cast.url(day=date(2026, 9, 3))
    page = sent(agent.get(week))
    answer = agent.post(week, {"seen": page["seen"], "c": cast.key(gone)}, follow=True)
    assert "Donnez un motif" in text(answer)
    again = sent(answer)
    assert again == {"seen": cast.key(held), "c": [cast.key(gone)], "reason wanted": True}

    agent.post(week, {"seen": again["seen"], "c": again["c"], "derogation": "accord de la direction"})
    booked.refresh_from_db()
    assert booked.state == BookingState.CANCELLED
    assert Booking.objects.live().get().opening == gone
    assert sent(agent.get(week)) == {"seen": cast.key(gone), "c": [cast.key(gone)], "reason wanted": False}


def test_what_stays_asked_is_of_its_own_page_and_home(cast, client):
    """Zoé has two homes: an agent looks at her in the other one, and at another week, then comes back."""
    gone = cast.world.opening(cast.morning, date(2026, 9, 3))
    other = cast.world.home("Martin", "Julie")
    cast.world.shared(cast.zoe, cast.durand, other)
    cast.world.enrolment(cast.zoe, cast.wednesdays, other)
    agent, week = agent_for(cast, client), cast.url(day=date(2026, 9, 3))
    assert agent.post(week, {"seen": "", "c": cast.key(gone)})["Location"] == week

    def shown(address: str, home: Any) -> tuple[list[str], bool]:
        session = agent.session
        session[ACTING_FOR] = home.family.pk
        session.save()
        page = agent.get(address)
        return sent(page)["c"], "indiquez un motif de dérogation" in text(page)

    assert shown(week, other) == ([], False)
    assert shown(cast.url(), cast.durand) == ([], False)
    assert shown(week, cast.durand) == ([cast.key(gone)], True)
    assert shown(week, cast.durand) == ([], False)


def test_what_was_asked_before_the_last_save_is_not_asked_any_more(cast, client):
    gone = cast.world.opening(cast.morning, date(2026, 9, 3))
    agent, week = agent_for(cast, client), cast.url(day=date(2026, 9, 3))
    agent.post(week, {"seen": "", "c": cast.key(gone)})
    agent.post(cast.url(), {"seen": "", "c": cast.key()})
    assert sent(agent.get(week))["c"] == []


def test_hours_that_need_a_reason_stay_asked(cast, client):
    nursery = cast.world.activity("Multi-accueil", kind="childcare")
    cast.world.rule(nursery)
    cast.world.enrolment(cast.zoe, nursery, cast.durand)
    slot = cast.world.slot(nursery, "Accueil", "08:00", "18:00", capacity=3, by_hour=True)
    gone, held = (cast.world.opening(slot, date(2026, 9, day)) for day in (3, 2))
    cast.world.booking(cast.zoe, held)
    agent, week = agent_for(cast, client), cast.url(day=date(2026, 9, 3))
    asked = {f"h-{cast.key(gone)}-a": "09:00", f"h-{cast.key(gone)}-d": "12:00"}
    answer = agent.post(week, {"seen": cast.key(held), f"h-{cast.key(held)}-a": "", **asked}, follow=True)
    found = chosen(answer)
    assert {name: found[name] for name in asked} == asked
    assert found[f"h-{cast.key(held)}-a"] == ""
    assert sent(answer)["seen"] == cast.key(held)
    agent.post(week, {"seen": cast.key(held), **found, "derogation": "oubli"})
    booked = Booking.objects.live().get()
    assert (booked.opening, booked.ends_at - booked.starts_at) == (gone, timedelta(hours=3))


def test_what_was_to_be_replaced_stays_asked_too(cast, client):
    """Journée for Matin past its limit: Matin stays unticked, or it would stand in the way."""
    morning = cast.world.opening(cast.morning, date(2026, 9, 3))
    whole = cast.world.slot(cast.wednesdays, "Journée", "08:00", "18:00", capacity=3)
    whole.includes.set([cast.morning])
    day = cast.world.opening(whole, date(2026, 9, 3))
    cast.world.booking(cast.zoe, morning)
    agent, week = agent_for(cast, client), cast.url(day=date(2026, 9, 3))
    again = sent(agent.post(week, {"seen": cast.key(morning), "c": cast.key(day)}, follow=True))
    assert again == {"seen": cast.key(morning), "c": [cast.key(day)], "reason wanted": True}
    agent.post(week, {**again, "derogation": "oubli"})
    assert Booking.objects.live().get().opening == day


def test_a_slot_refused_for_want_of_another_stays_asked_with_it(cast, client):
    meal = cast.world.slot(cast.wednesdays, "Repas", "12:00", "14:00", capacity=3)
    afternoon = cast.world.slot(cast.wednesdays, "Après-midi", "14:00", "18:00", capacity=3)
    afternoon.requires.set([meal])
    both = [cast.key(cast.world.opening(slot, date(2026, 9, 3))) for slot in (meal, afternoon)]
    agent, week = agent_for(cast, client), cast.url(day=date(2026, 9, 3))
    again = sent(agent.post(week, {"seen": "", "c": both}, follow=True))
    assert again["c"] == both
    agent.post(week, {**again, "derogation": "oubli"})
    assert Booking.objects.live().count() == 2


def test_an_agent_books_where_the_structure_does(cast, client, camille):
    nursery = cast.world.activity("Relais", booking_mode=BookingMode.STRUCTURE)
    cast.world.rule(nursery)
    cast.world.enrolment(cast.zoe, nursery, cast.durand)
    opening = cast.world.opening(cast.world.slot(nursery, "Matinée", capacity=3), WEDNESDAY)
    page = camille.get(cast.url())
    assert "la structure réserve" in text(page)
    assert f'value="{cast.key(opening)}"' not in page.content.decode()
    agent = agent_for(cast, Client())
    assert f'value="{cast.key(opening)}"' in agent.get(cast.url()).content.decode()
    agent.post(cast.url(), {"seen": "", "c": cast.key(opening), "derogation": "par habitude"})
    booked = Booking.objects.get()
    assert (booked.opening, booked.derogation) == (opening, "")
    begun = cast.world.opening(opening.slot, date(2026, 9, 2))
    agent.post(cast.url(), {"seen": "", "c": cast.key(begun)})
    assert Booking.objects.get() == booked
    agent.post(cast.url(), {"seen": cast.key(opening)})
    assert Booking.objects.get().state == BookingState.CANCELLED


def test_a_family_never_sees_nor_uses_a_derogation(cast, camille):
    gone = cast.world.opening(cast.morning, date(2026, 9, 3))
    assert b"derogation" not in camille.get(cast.url()).content
    camille.post(cast.url(), {"seen": "", "c": cast.key(gone), "derogation": "moi"})
    assert not Booking.objects.exists()
