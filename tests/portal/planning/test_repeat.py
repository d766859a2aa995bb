from __future__ import annotations

from datetime import date, timedelta

import pytest

from marelle.activities.models import Opening
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.portal.planning.repeat import mondays
from tests.portal.planning.cast import MONDAY, WEDNESDAY, Cast, text

WEEK = timedelta(weeks=1)


def address(cast: Cast, **choices: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in choices.items())
    return cast.url().replace("/reservations/", "/reservations/repeter/") + more


@pytest.fixture
def season(cast):
    """Zoé is booked on the 16th; then free, closed, full, already booked, and a week without opening."""
    cast.world.booking(cast.zoe, cast.wednesday)
    free, closed, full, held = (cast.world.opening(cast.morning, WEDNESDAY + n * WEEK) for n in (1, 2, 3, 4))
    closed.state, closed.reason = Opening.State.CLOSED, "pont"
    closed.save()
    cast.world.booking(cast.stranger(), full)
    cast.world.booking(cast.zoe, held)
    return free, closed, full, held


def test_the_weeks_that_follow_every_one_or_every_other():
    assert mondays(WEDNESDAY, date(2026, 10, 5), every=1) == [MONDAY + n * WEEK for n in (1, 2, 3)]
    assert mondays(WEDNESDAY, date(2026, 10, 5), every=2) == [MONDAY + 2 * WEEK]


def test_the_week_shown_is_the_pattern(cast, camille, season):
    page = text(camille.get(address(cast)))
    assert "Répéter la semaine de Zoé" in page
    assert "Mercredi Mercredis, Matin" in page
    assert "Jusqu’au" in page

    cast.zoe.first_name = "Inès"
    cast.zoe.save()
    assert "Répéter la semaine d’Inès" in text(camille.get(address(cast)))


def test_looking_tells_each_week_and_writes_nothing(cast, camille, season):
    before = list(Booking.objects.values())
    page = text(camille.get(address(cast, jusquau="2026-10-21", rythme="1")))
    assert "1 réservation à enregistrer · 3 créneaux ne se répètent pas" in page
    assert "Mercredi 23 septembre · Mercredis, Matin avant le 22 sept. 12 h à réserver" in page
    assert "Mercredi 30 septembre · Mercredis, Matin pont pas possible" in page
    assert "Mercredi 7 octobre · Mercredis, Matin complet pas possible" in page
    assert "Semaine du lundi 12 octobre Tout est déjà réservé." in page
    assert "Semaine du lundi 19 octobre Aucune ouverture ces jours-là." in page
    assert list(Booking.objects.values()) == before


def test_a_day_without_opening_among_others_is_an_exception(cast, camille):
    for slot in (cast.morning, cast.world.slot(cast.wednesdays, "Soir", weekdays=[2], capacity=5)):
        cast.world.booking(cast.zoe, cast.world.opening(slot, WEDNESDAY))
    cast.world.opening(cast.morning, WEDNESDAY + WEEK)
    page = text(camille.get(address(cast, jusquau="2026-09-25", rythme="1")))
    assert "Mercredi 23 septembre · Mercredis, Matin avant le 22 sept. 12 h à réserver" in page
    assert "Mercredi 23 septembre · Mercredis, Soir pas d’ouverture ce jour-là pas possible" in page


def test_applying_books_what_was_shown_and_says_it(cast, camille, season):
    free, *_rest = season
    answer = camille.post(address(cast), {"jusquau": "2026-10-21", "rythme": "1"}, follow=True)
    assert answer.redirect_chain == [(cast.url(day=MONDAY + WEEK), 302)]
    assert "Mercredi 23 septembre · Matin · Zoé Réservé." in text(answer)
    assert Booking.objects.filter(child=cast.zoe, opening=free, state=BookingState.BOOKED).exists()
    assert Booking.objects.filter(child=cast.zoe).count() == 3


def test_full_days_join_the_waiting_list_when_asked(cast, camille, season):
    full = season[2]
    camille.post(address(cast), {"jusquau": "2026-10-21", "rythme": "1", "attente": "on"})
    assert Booking.objects.get(child=cast.zoe, opening=full).state == BookingState.WAITING


def test_every_other_week_skips_one(cast, camille, season):
    page = text(camille.get(address(cast, jusquau="2026-10-21", rythme="2")))
    assert "30 septembre" in page
    assert "23 septembre" not in page


def test_days_past_the_last_one_are_left_out(cast, camille, season):
    page = text(camille.get(address(cast, jusquau="2026-09-22", rythme="1")))
    assert "Aucune réservation à enregistrer" in page
    assert "Aucune semaine jusqu’à cette date" in page


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-09-15", "Choisissez un jour après la semaine à répéter."),
        ("2029-01-01", "Choisissez un jour dans l’année qui vient."),
        ("hier", "Indiquez une date, par exemple 18/12/2026."),
        ("", "Ce champ est obligatoire."),
    ],
)
def test_a_wrong_date_says_what_to_do_and_saves_nothing(cast, camille, season, until, said):
    choices = {"jusquau": until, "rythme": "1"}
    assert said in text(camille.get(address(cast, **choices)))
    before = Booking.objects.count()
    assert said in text(camille.post(address(cast), choices))
    assert Booking.objects.count() == before


def test_an_empty_week_has_nothing_to_repeat(cast, camille):
    assert cast.wednesday
    assert "Rien n’est réservé cette semaine-là" in text(camille.get(address(cast)))


def test_who_may_not_book_may_not_repeat(cast, client, season):
    adult = cast.world.adult(cast.durand, "Sacha", identifier="sacha")
    cast.world.guardian(adult, cast.zoe, may_book=False)
    client.force_login(adult.account)
    assert "Vous ne pouvez pas réserver" in text(client.get(address(cast)))
    before = Booking.objects.count()
    client.post(address(cast), {"jusquau": "2026-10-21", "rythme": "1"})
    assert Booking.objects.count() == before


def test_all_children_at_once_cannot_be_repeated(cast, camille):
    assert camille.get("/reservations/repeter/?enfant=tous").status_code == 404


def test_hours_are_repeated_too(cast, camille):
    nursery = cast.world.activity("Multi-accueil", kind="childcare")
    cast.world.rule(nursery)
    cast.world.enrolment(cast.zoe, nursery, cast.durand)
    slot = cast.world.slot(nursery, "Accueil", "08:00", "18:00", capacity=3, by_hour=True)
    cast.world.booking(cast.zoe, cast.world.opening(slot, WEDNESDAY), hours=("09:00", "11:30"))
    cast.world.opening(slot, WEDNESDAY + WEEK)
    assert "Accueil (9 h – 11 h 30)" in text(camille.get(address(cast)))
    camille.post(address(cast), {"jusquau": "2026-09-25", "rythme": "1"})
    repeated = Booking.objects.get(day=WEDNESDAY + WEEK)
    assert repeated.ends_at - repeated.starts_at == timedelta(hours=2, minutes=30)
