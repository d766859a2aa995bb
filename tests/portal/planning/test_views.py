from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client

from marelle.activities.rules import Limit, LimitKind
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from tests.portal.planning.cast import MONDAY, WEDNESDAY, text

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
    assert "jusqu’au 15 sept. 12 h" in page
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
    assert "annulable jusqu’au 14 sept. 18 h" in page
    assert "jusqu’au 15 sept. 12 h" in page


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
    assert "dites-le dans" in text(answer)


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
