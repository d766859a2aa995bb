from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from marelle.activities.kinds import BookingMode
from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.actors import ACTING_FOR
from tests.portal.planning.cast import MONDAY, WEDNESDAY, Cast


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def agent_for(cast: Cast, client: Client) -> Client:
    client.force_login(cast.world.staff("guichet", Role.OFFICE))
    session = client.session
    session[ACTING_FOR] = cast.durand.family.pk
    session.save()
    return client


# The address


def test_a_bare_address_leads_to_the_first_child_with_something_to_book(cast, camille):
    cast.world.child(cast.durand, "Aîné", born=date(2010, 1, 1))
    assert cast.wednesday
    answer = camille.get("/reservations/")
    assert answer["Location"] == cast.url(day=WEDNESDAY)


@pytest.mark.parametrize(
    ("now", "opens_on"),
    [
        ("2026-09-14 08:00", WEDNESDAY),  # this week can still be booked
        ("2026-09-15 12:01", WEDNESDAY + timedelta(weeks=1)),  # its limit has passed
        ("2026-09-19 10:00", WEDNESDAY + timedelta(weeks=1)),  # a Saturday
        ("2026-09-29 10:00", date(2026, 11, 25)),  # nothing near: the next day that is open
        ("2026-12-01 10:00", date(2026, 12, 1)),  # nothing at all: today
    ],
)
def test_it_opens_on_the_first_day_on_which_something_can_be_done(cast, client, time_machine, now, opens_on):
    for day in (WEDNESDAY, WEDNESDAY + timedelta(weeks=1), date(2026, 11, 25)):
        cast.world.opening(cast.morning, day)
    time_machine.move_to(datetime.fromisoformat(now).replace(tzinfo=PARIS))
    client.force_login(cast.durand.user)
    for child, asked in (
        (cast.zoe.pk, {}),
        (cast.zoe.pk, {"enfant": cast.zoe.pk}),
        ("tous", {"enfant": "tous"}),
    ):
        answer = client.get("/reservations/", asked)
        assert answer["Location"] == cast.url(child=child, day=opens_on)
    month = client.get("/reservations/", {"vue": "mois"})
    assert month["Location"] == cast.url(day=opens_on, view="mois")


def test_a_place_that_the_child_can_still_miss_keeps_the_week_open(cast, camille, time_machine):
    cast.world.booking(cast.zoe, cast.wednesday)
    time_machine.move_to(datetime(2026, 9, 16, 7, tzinfo=PARIS))
    camille.force_login(cast.durand.user)
    assert camille.get("/reservations/")["Location"] == cast.url(day=WEDNESDAY)


def test_the_month_of_a_week_that_is_over_is_the_next_and_today_stays_today(cast, client, time_machine):
    cast.world.opening(cast.morning, date(2026, 9, 23))
    cast.world.opening(cast.morning, date(2026, 10, 7))
    time_machine.move_to(datetime(2026, 9, 25, 18, tzinfo=PARIS))
    client.force_login(cast.durand.user)
    friday = cast.url(day=date(2026, 9, 25))
    page = client.get(friday).content.decode()
    link = re.search(r'<a href="([^"]+)"[^>]*>Mois</a>', page)[1].replace("&amp;", "&")
    assert client.get(link)["Location"] == cast.url(day=date(2026, 10, 7), view="mois")
    assert f'href="{friday.replace("&", "&amp;")}" aria-current="date">Aujourd’hui' in page
    assert "Septembre 2026" in client.get(cast.url(day=date(2026, 9, 25), view="mois")).content.decode()
    open_week = client.get(cast.url(day=date(2026, 10, 5))).content.decode()
    assert "date=2026-10-05&amp;vue=mois" in open_week


def test_days_gone_by_are_folded_beside_days_to_come(cast, client, time_machine):
    for shift in (-1, 0, 1):
        cast.world.opening(cast.morning, WEDNESDAY + timedelta(days=shift))
    time_machine.move_to(datetime(2026, 9, 16, 8, tzinfo=PARIS))
    client.force_login(cast.durand.user)
    page = client.get(cast.url()).content.decode()
    assert page.count('class="past') == 2
    assert "Montrer le jour passé" in page
    assert re.findall(r'<a href="#j\d+"[^>]*>(\w+)', page) == ["mar", "mer", "jeu"]
    time_machine.move_to(datetime(2026, 9, 21, 8, tzinfo=PARIS))
    client.force_login(cast.durand.user)
    over = client.get(cast.url()).content.decode()
    assert 'class="past' not in over
    assert "Montrer" not in over


def test_a_day_leads_to_the_absence_of_the_child_while_it_may_be_told(cast, camille, time_machine):
    cast.world.booking(cast.zoe, cast.wednesday)
    cast.world.opening(cast.morning, WEDNESDAY + timedelta(days=1))
    link = f"/reservations/absence/?enfant={cast.zoe.pk}&amp;du={WEDNESDAY}&amp;au={WEDNESDAY}"
    page = camille.get(cast.url()).content.decode()
    assert page.count("Absence ce jour") == 1
    assert link in page
    time_machine.move_to(datetime(2026, 9, 16, 13, tzinfo=PARIS))
    camille.force_login(cast.durand.user)
    assert "Absence ce jour" not in camille.get(cast.url()).content.decode()


def test_a_malformed_date_is_said_and_mended(cast, camille):
    assert cast.wednesday
    answer = camille.get("/reservations/", {"date": "32/13/2026"}, follow=True)
    assert answer.redirect_chain[0][0] == cast.url(day=date(2026, 9, 7))
    assert "Cette date n’existe pas" in text(answer)


@pytest.mark.parametrize("path", ["/reservations/", "/reservations/repeter/"])
def test_a_child_of_another_home_is_not_found(cast, camille, path):
    stranger = cast.stranger()
    address = cast.url(child=stranger.pk).replace("/reservations/", path)
    assert camille.get(address).status_code == 404
    assert camille.get(cast.url(child=987654).replace("/reservations/", path)).status_code == 404


def test_an_account_without_a_home_has_no_planning(cast, client):
    client.force_login(cast.world.staff("anim", Role.ANIMATOR))
    assert client.get("/reservations/").status_code == 404


# The page


def test_the_week_shows_the_cell_its_limit_and_how_to_move(cast, camille):
    assert cast.wednesday
    answer = camille.get(cast.url())
    page = text(answer)
    assert "Réservations de Zoé" in page
    assert "14 – 18 septembre 2026" in page
    assert "avant le 15 sept. 12 h" in page
    assert f'value="{cast.key()}"' in answer.content.decode()
    assert 'aria-label="précédent"' in answer.content.decode()
    assert "Samedi" not in page
    assert "€" not in page


def test_a_weekend_appears_when_something_is_there(cast, camille):
    cast.world.opening(cast.morning, MONDAY + timedelta(days=5))
    page = text(camille.get(cast.url()))
    assert "Samedi 19 septembre" in page
    assert "Dimanche" not in page


def test_all_children_have_each_a_table(cast, camille):
    leo = cast.world.child(cast.durand, "Léo")
    cast.world.enrolment(leo, cast.wednesdays, cast.durand)
    cast.world.child(cast.durand, "Noé", born=date(2025, 9, 1))
    assert cast.wednesday
    answer = camille.get(cast.url(child="tous"))
    assert answer.content.decode().count("<table") == 2
    assert "Rien à réserver pour Noé" in text(answer)


def test_a_week_without_openings_says_what_to_do(cast, camille):
    assert cast.wednesday
    answer = camille.get(cast.url(day=date(2026, 10, 26)))
    assert "Rien à réserver pour Zoé sur cette période" in text(answer)
    assert b"ENREGISTRER" not in answer.content


def test_the_filter_keeps_one_activity_and_survives_a_week_without_it(cast, camille):
    other = cast.world.activity("Musique")
    cast.world.rule(other)
    cast.world.enrolment(cast.zoe, other, cast.durand)
    cast.world.opening(cast.world.slot(other, "Chorale"), WEDNESDAY)
    assert cast.wednesday
    page = text(camille.get(cast.url(activity=str(other.pk))))
    assert "Chorale" in page
    assert "Matin" not in page
    later = camille.get(cast.url(day=date(2026, 10, 26), activity=str(other.pk)))
    assert f'<option value="{other.pk}" selected>' in later.content.decode()


def test_who_may_not_book_looks_and_cannot_click(cast, client):
    assert cast.wednesday
    adult = cast.world.adult(cast.durand, "Sacha", identifier="sacha")
    cast.world.guardian(adult, cast.zoe, may_book=False)
    client.force_login(adult.account)
    answer = client.get(cast.url())
    assert "Vous pouvez voir les réservations de Zoé, mais pas les modifier." in text(answer)
    assert b"ENREGISTRER" not in answer.content
    client.post(cast.url(), {"c": cast.key()})
    assert not Booking.objects.exists()


def test_a_month_of_a_child_is_few_queries_and_light(cast, camille, count_queries):
    activity = cast.wednesdays
    for name in ("Repas", "Après-midi", "Soir"):
        cast.world.slot(activity, name, weekdays=range(5), capacity=20)
    cast.world.openings(activity, date(2026, 9, 1), date(2026, 9, 30))
    address = cast.url(view="mois")
    camille.get(address)
    with count_queries(10):
        answer = camille.get(address)
    assert len(answer.content) < 80_000
    assert answer.content.decode().count("type=checkbox") > 45


# Saving


def test_a_click_is_booked_and_said(cast, camille):
    answer = camille.post(cast.url(), {"seen": "", "c": cast.key()}, follow=True)
    assert answer.redirect_chain == [(cast.url(), 302)]
    assert Booking.objects.get().state == BookingState.BOOKED
    page = text(answer)
    assert "C’est enregistré" in page
    assert "Mercredi 16 septembre · Matin · Zoé Réservé." in page
    assert "C’est enregistré" not in text(camille.get(cast.url()))


def test_unticking_cancels(cast, camille):
    cast.world.booking(cast.zoe, cast.wednesday)
    assert f'name="seen" value="{cast.key()}"' in camille.get(cast.url()).content.decode()
    answer = camille.post(cast.url(), {"seen": cast.key()}, follow=True)
    assert Booking.objects.get().state == BookingState.CANCELLED
    assert "Annulé." in text(answer)


def test_a_second_click_on_the_button_changes_nothing_and_says_so(cast, camille):
    for _again in range(2):
        answer = camille.post(cast.url(), {"seen": "", "c": cast.key()}, follow=True)
    assert Booking.objects.count() == 1
    assert "C’était déjà réservé." in text(answer)


def test_saving_without_a_change_says_so(cast, camille):
    cast.world.booking(cast.zoe, cast.wednesday)
    answer = camille.post(cast.url(), {"seen": cast.key(), "c": cast.key()}, follow=True)
    assert "Rien n’a changé" in text(answer)


def test_a_place_taken_meanwhile_is_offered_the_waiting_list(cast, camille):
    cast.world.booking(cast.stranger(), cast.wednesday)
    answer = camille.post(cast.url(), {"seen": "", "c": cast.key()}, follow=True)
    page = text(answer)
    assert "Complet : il n’y a plus de place." in page
    assert f'name="attente" value="{cast.key()}"' in answer.content.decode()
    assert not Booking.objects.filter(child=cast.zoe).exists()

    answer = camille.post(cast.url(), {"attente": cast.key()}, follow=True)
    assert Booking.objects.get(child=cast.zoe).state == BookingState.WAITING
    assert "inscrit sur la liste d’attente. Rang actuel : 1ᵉʳ." in text(answer)


def test_the_receipt_of_a_waiting_list_gives_the_rank(cast, camille):
    cast.world.booking(cast.stranger(), cast.wednesday)
    cast.world.booking(cast.stranger(), cast.wednesday, state=BookingState.WAITING)
    answer = camille.post(cast.url(), {"attente": cast.key()}, follow=True)
    assert "Rang actuel : 2ᵉ." in text(answer)


def test_a_cell_shown_as_full_is_posted_so_that_ticking_it_waits(cast, camille):
    cast.world.booking(cast.stranger(), cast.wednesday)
    assert f'name="full" value="{cast.key()}"' in camille.get(cast.url()).content.decode()
    camille.post(cast.url(), {"seen": "", "full": cast.key(), "c": cast.key()})
    assert Booking.objects.get(child=cast.zoe).state == BookingState.WAITING
    assert "1ᵉʳ" in text(camille.get(cast.url()))


def test_too_late_says_until_when_it_was_possible(cast, camille):
    late = cast.world.opening(cast.morning, date(2026, 9, 2))
    page = text(camille.get(cast.url(day=date(2026, 9, 2))))
    assert "délai dépassé le 1er sept. 12 h" in page
    answer = camille.post(cast.url(), {"seen": "", "c": cast.key(late)}, follow=True)
    assert "Trop tard : les réservations étaient possibles jusqu’au mardi 1er septembre à 12 h 00." in text(
        answer
    )


def test_the_good_part_of_a_bad_submission_is_kept(cast, camille):
    posted = {
        "seen": "zzz",
        "c": [cast.key(), "1.2.3", "abc", f"{cast.zoe.pk}.99999999", cast.key(child=cast.stranger())],
        "h-x-a": "25:00",
    }
    answer = camille.post(cast.url(), posted, follow=True)
    page = text(answer)
    assert Booking.objects.get().child_id == cast.zoe.pk
    assert "4 cases n’ont pas pu être lues" in page
    assert "2 cases inconnues" in page


def test_ten_thousand_ids_at_once_are_answered_and_the_good_one_kept(cast, camille):
    good = cast.key()
    noise = [f"{cast.zoe.pk}.{ident}" for ident in range(1_000_000, 1_010_000)]
    answer = camille.post(cast.url(), {"seen": "", "c": [*noise, good]}, follow=True)
    assert answer.status_code == 200
    assert "10000 cases inconnues" in text(answer)
    assert Booking.objects.count() == 1


def test_more_than_any_page_posts_is_refused_whole(cast, camille):
    noise = " ".join(f"{cast.zoe.pk}.{ident}" for ident in range(1_000_000, 1_020_001))
    answer = camille.post(cast.url(), {"seen": noise, "c": cast.key()}, follow=True)
    assert "Trop de cases à la fois : rien n’a été enregistré" in text(answer)
    assert not Booking.objects.exists()


def test_after_logout_a_submission_leads_to_the_login_page(cast, client):
    answer = client.post(cast.url(), {"c": cast.key()})
    assert answer["Location"].startswith("/connexion/")
    assert not Booking.objects.exists()


def test_a_stale_token_is_told_in_french(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.durand.user)
    answer = client.post(cast.url(), {"c": cast.key()})
    assert answer.status_code == 403
    assert "n’a pas été enregistré" in text(answer)
    assert not Booking.objects.exists()


def test_by_the_hour_two_choices_book_and_change(cast, camille):
    nursery = cast.world.activity("Multi-accueil", kind="childcare")
    cast.world.rule(nursery)
    cast.world.enrolment(cast.zoe, nursery, cast.durand)
    slot = cast.world.slot(nursery, "Accueil", "08:00", "18:00", capacity=3, by_hour=True)
    opening = cast.world.opening(slot, WEDNESDAY)
    key = cast.key(opening)
    body = camille.get(cast.url()).content.decode()
    assert f'<select name="h-{key}-a"' in body
    assert "Choisissez l’arrivée et le départ pour réserver" in body
    assert "Cliquez sur une case blanche" not in body

    camille.post(cast.url(), {"seen": "", f"h-{key}-a": "09:00", f"h-{key}-d": "12:00"})
    answer = camille.post(
        cast.url(), {"seen": key, f"h-{key}-a": "10:00", f"h-{key}-d": "12:30"}, follow=True
    )
    assert "Horaires modifiés. De 10 h à 12 h 30." in text(answer)
    live = Booking.objects.live().get()
    assert live.ends_at - live.starts_at == timedelta(hours=2, minutes=30)

    answer = camille.post(cast.url(), {"seen": key, f"h-{key}-a": "10:00", f"h-{key}-d": ""}, follow=True)
    assert "Choisissez une arrivée et un départ" in text(answer)
    assert Booking.objects.live().get() == live
    # What was chosen stays, and what is missing is said in the cell, once.
    assert "Donnez aussi le départ." in text(answer)
    assert '<option value="10:00" selected' in answer.content.decode()
    assert "Donnez un motif" not in text(answer)
    assert "Donnez aussi le départ." not in text(camille.get(cast.url()))


def test_forged_hours_on_an_ordinary_opening_are_neither_written_nor_told(cast, camille):
    """The outcome tells what was written: 8 h – 12 h, as the slot says, and not what the browser sent."""
    key = cast.key()
    forged = {"seen": "", "c": key, f"h-{key}-a": "03:00", f"h-{key}-d": "23:59"}
    answer = text(camille.post(cast.url(), forged, follow=True))
    assert "Réservé." in answer
    assert "3 h" not in answer.split("C’est enregistré", 1)[1].split("</ul>", 1)[0]
    held = Booking.objects.get()
    assert (held.starts_at, held.ends_at) == (cast.wednesday.starts_at, cast.wednesday.ends_at)


# An agent in a family's name


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


def test_two_limits_one_to_book_and_one_to_cancel_are_both_said(cast, camille):
    music = cast.world.activity("Musique")
    cast.world.rule(
        music,
        book=Limit(LimitKind.DAYS_BEFORE, n=1, time=time(12)),
        cancel=Limit(LimitKind.DAYS_BEFORE, n=2, time=time(18)),
    )
    cast.world.enrolment(cast.zoe, music, cast.durand)
    first, second = (
        cast.world.opening(cast.world.slot(music, name, capacity=3), WEDNESDAY) for name in ("A", "B")
    )
    cast.world.booking(cast.zoe, first)
    assert second
    page = text(camille.get(cast.url()))
    assert "annulable avant le 14 sept. 18 h" in page
    assert "avant le 15 sept. 12 h" in page
