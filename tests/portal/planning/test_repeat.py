from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from marelle.activities.models import Opening
from marelle.bookings.cells import Cell, CellState
from marelle.bookings.models import Booking
from marelle.bookings.rules import Why
from marelle.bookings.saving.ledger import Change, Outcome, Result
from marelle.bookings.states import BookingState, EndCause
from marelle.portal.planning.repeat import Item, Week, Wish, mondays
from marelle.portal.planning.repeat_words import result_lines
from marelle.ui.components import OutcomeKind
from tests.portal.planning.cast import MONDAY, NOW, WEDNESDAY, Cast, text

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


def test_looking_tells_the_exceptions_by_day_and_writes_nothing(cast, camille, season):
    before = list(Booking.objects.values())
    page = text(camille.get(address(cast, jusquau="2026-10-21", rythme="1")))
    assert "1 réservation à enregistrer · 1 déjà réservée · 3 jours ne se répètent pas." in page
    assert (
        "Ce qui ne se répète pas Mercredi 30 septembre Pont Mercredi 7 octobre Complet "
        "Mercredi 21 octobre Pas d’ouverture ce jour-là Ce qui sera réservé, jour par jour "
        "Mercredi 23 septembre Mercredis, Matin " in page
    )
    assert "14 octobre" not in page, "it is booked already"
    assert list(Booking.objects.values()) == before


def test_what_is_not_repeated_of_a_day_names_its_slot(cast, camille):
    for slot in (cast.morning, cast.world.slot(cast.wednesdays, "Soir", weekdays=[2], capacity=5)):
        cast.world.booking(cast.zoe, cast.world.opening(slot, WEDNESDAY))
    cast.world.opening(cast.morning, WEDNESDAY + WEEK)
    choices = {"jusquau": "2026-09-25", "rythme": "1"}
    page = text(camille.get(address(cast, **choices)))
    assert "1 jour ne se répète pas en entier" in page
    evening = "Mercredis, Soir : pas d’ouverture ce jour-là"
    assert f"Mercredi 23 septembre {evening} Ce qui sera réservé" in page
    told = text(camille.post(address(cast), choices, follow=True))
    assert f"Mercredi 23 septembre {evening} " in told
    assert "Mercredis, Matin :" not in told


def test_what_a_save_would_refuse_is_no_booking_to_come(cast, camille, season):
    """Expected elsewhere at those hours, by a place that its home could still give back: the cell is free."""
    dojo = cast.world.structure("Dojo d’Arelle")
    judo = cast.world.activity("Judo", structure=dojo)
    cast.world.rule(judo)
    cast.world.enrolment(cast.zoe, judo, cast.durand)
    cast.world.booking(cast.zoe, cast.world.opening(cast.world.slot(judo, "Cours"), WEDNESDAY + WEEK))
    choices = {"jusquau": "2026-09-25", "rythme": "1"}
    page = text(camille.get(address(cast, activite=str(cast.wednesdays.pk), **choices)))
    why = "« Dojo d’Arelle » est réservé"
    assert "Aucune réservation à enregistrer · 1 jour ne se répète pas." in page
    assert f"Mercredi 23 septembre {why}" in page
    before = Booking.objects.count()
    told = text(camille.post(address(cast, activite=str(cast.wednesdays.pk)), choices, follow=True))
    assert f"Mercredi 23 septembre {why}" in told
    assert Booking.objects.count() == before


def test_applying_books_what_was_shown_and_tells_the_exceptions_by_day(cast, camille, season):
    free, closed, full, _held = season
    answer = camille.post(address(cast), {"jusquau": "2026-10-21", "rythme": "1"}, follow=True)
    assert answer.redirect_chain == [(cast.url(day=MONDAY + WEEK), 302)]
    assert (
        "1 réservation enregistrée Le 23 septembre 2026. "
        "Mercredi 30 septembre Pont Mercredi 7 octobre Complet "
        "S’inscrire sur liste d’attente Mercredi 21 octobre Pas d’ouverture ce jour-là " in text(answer)
    )
    assert Booking.objects.filter(child=cast.zoe, opening=free, state=BookingState.BOOKED).exists()
    assert Booking.objects.filter(child=cast.zoe).count() == 3
    queue = camille.post(cast.url(day=MONDAY + WEEK), {"attente": f"{cast.zoe.pk}.{full.pk}"}, follow=True)
    assert "inscrit sur la liste d’attente" in text(queue)
    assert not Booking.objects.filter(opening=closed).exists()


def test_what_the_structure_called_off_says_so(cast, camille, season):
    season[0].state, season[0].reason = Opening.State.CLOSED, "Coupure d’eau"
    season[0].save()
    gone = {"state": BookingState.CANCELLED, "end_cause": EndCause.STRUCTURE, "ended_at": NOW}
    cast.world.booking(cast.zoe, season[0], **gone)
    page = text(camille.get(address(cast, jusquau="2026-09-25", rythme="1")))
    assert "Mercredi 23 septembre Annulé par la structure · Coupure d’eau" in page


def test_of_several_children_the_result_names_the_one(cast, camille, season):
    cast.world.child(cast.durand, "Léo")
    answer = camille.post(address(cast), {"jusquau": "2026-10-21", "rythme": "1"}, follow=True)
    assert "Mercredi 30 septembre · Zoé Pont" in text(answer)


def test_a_place_taken_meanwhile_is_an_exception_of_its_day(cast, camille, season):
    """Of the two children who press at once, the other was first: what the save refuses is told alike."""
    free = season[0]
    items = _laid(cast, free)
    outcome = Outcome(items[0].change, Result.REFUSED, why=Why.FULL, may_wait=True)
    (line,) = result_lines([Week(MONDAY + WEEK, items)], "", [outcome], {}, NOW)
    assert (line.title, line.detail) == ("Mercredi 23 septembre", "Complet")
    assert line.action_value == f"{cast.zoe.pk}.{free.pk}"
    assert line.kind is OutcomeKind.REFUSED


def _laid(cast, opening) -> tuple[Item, ...]:
    wish = Wish(2, cast.morning.pk, "Mercredis", "Matin")
    change = Change(cast.zoe.pk, opening.pk, seen=False, wanted=True)
    return (Item(opening.day, wish, CellState(Cell.FREE), change),)


def test_full_days_join_the_waiting_list_when_asked(cast, camille, season):
    full = season[2]
    choices = {"jusquau": "2026-10-21", "rythme": "1", "attente": "on"}
    answer = camille.post(address(cast), choices, follow=True)
    waits = "Mercredi 7 octobre Complet, inscrit sur la liste d’attente (rang actuel : 1ᵉʳ)"
    assert waits in text(answer)
    assert Booking.objects.get(child=cast.zoe, opening=full).state == BookingState.WAITING


def test_every_other_week_skips_one(cast, camille, season):
    page = text(camille.get(address(cast, jusquau="2026-10-21", rythme="2")))
    assert "30 septembre" in page
    assert "23 septembre" not in page


def test_days_past_the_last_one_are_left_out(cast, camille, season):
    page = text(camille.get(address(cast, jusquau="2026-09-22", rythme="1")))
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


def test_all_children_shown_have_each_the_way_to_repeat_theirs(cast, camille):
    leo = cast.world.child(cast.durand, "Léo")
    cast.world.enrolment(leo, cast.wednesdays, cast.durand)
    assert cast.wednesday
    page = camille.get(cast.url(child="tous")).content.decode()
    ways = dict(re.findall(r'href="([^"]*/repeter/[^"]*)">(Répéter la semaine [^<]*)<', page))
    assert sorted(ways.values()) == ["Répéter la semaine de Léo…", "Répéter la semaine de Zoé…"]
    for way, title in ways.items():
        assert title.removesuffix("…") in text(camille.get(way.replace("&amp;", "&")))
