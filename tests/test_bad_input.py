"""Bad intentions and bad luck, posted to the planning: said in French, nothing spoilt, the good part kept.

Each submission carries one good cell, Wednesday the 16th's morning, beside what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from marelle.activities.models import Opening, Slot
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from tests.portal.planning.cast import MONDAY, NOW, WEDNESDAY, Cast
from tests.scenario import Scenario
from tests.waves import waves

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Iterator[Cast]:
    with time_machine.travel(NOW, tick=False):
        cast = Cast(Scenario())
        assert cast.wednesday
        yield cast


@pytest.fixture
def camille(cast: Cast, client: Client) -> Client:
    client.force_login(cast.durand.user)
    return client


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def afternoon(cast: Cast, *, day: date = WEDNESDAY, **fields) -> Opening:
    slot = cast.world.slot(cast.wednesdays, "Après-midi", "13:30", "18:00", capacity=5)
    return cast.world.opening(slot, day, **fields)


# What is wrong with the second cell: each gives its key and the words that the family reads.


def child_of_another_home(cast: Cast) -> tuple[str, str]:
    return cast.key(afternoon(cast), cast.stranger()), "Ce créneau n’existe pas, ou n’est pas ouvert"


def child_seen_but_not_booked_for(cast: Cast) -> tuple[str, str]:
    sister = cast.world.child(cast.durand, "Anna")
    cast.world.enrolment(sister, cast.wednesdays, cast.durand)
    link = sister.guardians.get()
    link.may_book = False
    link.save()
    return cast.key(afternoon(cast), sister), "Ce créneau n’existe pas, ou n’est pas ouvert"


def activity_without_enrolment(cast: Cast) -> tuple[str, str]:
    music = cast.world.activity("Musique")
    cast.world.rule(music)
    opening = cast.world.opening(cast.world.slot(music, "Chorale", "17:00", "18:00", capacity=5), WEDNESDAY)
    return cast.key(opening), "Votre enfant n’est pas inscrit à cette activité"


def closed_day(cast: Cast) -> tuple[str, str]:
    return cast.key(afternoon(cast, state=Opening.State.CLOSED, reason="Grève")), "Fermé : Grève"


def past_deadline(cast: Cast) -> tuple[str, str]:
    late = cast.world.opening(cast.morning, date(2026, 9, 2))
    return cast.key(late), "Trop tard : les réservations étaient possibles jusqu’au mardi 1er septembre"


def not_yet_open(cast: Cast) -> tuple[str, str]:
    opening = afternoon(cast, day=WEDNESDAY + timedelta(weeks=4))
    opens = NOW + timedelta(days=5)
    cast.world.rule(cast.wednesdays, slot=opening.slot, waves=waves(opens, opens))
    return cast.key(opening), "Pas encore ouvert : vous pourrez réserver"


def other_group(cast: Cast) -> tuple[str, str]:
    small = cast.world.group(cast.wednesdays, "3–5 ans", (3, 5))
    return cast.key(afternoon(cast, group=small)), "Ce créneau est pour un autre groupe d’âge"


def outside_the_enrolment(cast: Cast) -> tuple[str, str]:
    cast.zoe.enrolments.update(ends_on=date(2026, 10, 1))
    return cast.key(afternoon(cast, day=date(2026, 10, 7))), "Ce jour est hors des dates de l’inscription"


def slots_that_exclude_each_other(cast: Cast) -> tuple[str, str]:
    day_slot = cast.world.slot(cast.wednesdays, "Journée", "08:00", "18:00", capacity=5)
    cast.morning.excludes.add(day_slot)
    return cast.key(cast.world.opening(day_slot, WEDNESDAY)), "Impossible en même temps que « Matin »"


def without_the_slot_it_requires(cast: Cast) -> tuple[str, str]:
    meal = cast.world.slot(cast.wednesdays, "Repas", "12:00", "13:30", capacity=5)
    opening = afternoon(cast)
    opening.slot.requires.add(meal)
    cast.world.opening(meal, WEDNESDAY)
    return cast.key(opening), "« Après-midi » ne se réserve pas seul"


def half_a_bundle(cast: Cast) -> tuple[str, str]:
    slot = cast.world.slot(cast.wednesdays, "Mini-camp", "09:00", "17:00", weekdays=(3, 4), capacity=5)
    days = [cast.world.opening(slot, WEDNESDAY + timedelta(days=n)) for n in (1, 2)]
    cast.world.bundle(cast.wednesdays, "Mini-camp", days)
    return cast.key(days[0]), "Ces jours vont ensemble"


def full(cast: Cast) -> tuple[str, str]:
    opening = cast.world.opening(cast.morning, WEDNESDAY + timedelta(weeks=1))
    cast.world.booking(cast.stranger(), opening)
    return cast.key(opening), "Complet : il n’y a plus de place"


def unknown_opening(cast: Cast) -> tuple[str, str]:
    return f"{cast.zoe.pk}.987654321", "Ce créneau n’existe pas"


def larger_than_any_database_holds(cast: Cast) -> tuple[str, str]:
    return f"{cast.zoe.pk}.{10**30}", "1 case n’a pas pu être lue"


def nonsense(cast: Cast) -> tuple[str, str]:
    return "<script>'; DROP TABLE--\0", "1 case n’a pas pu être lue"


WRONG = [
    child_of_another_home,
    child_seen_but_not_booked_for,
    activity_without_enrolment,
    closed_day,
    past_deadline,
    not_yet_open,
    other_group,
    outside_the_enrolment,
    slots_that_exclude_each_other,
    without_the_slot_it_requires,
    half_a_bundle,
    full,
    unknown_opening,
    larger_than_any_database_holds,
    nonsense,
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_what_is_wrong_is_said_and_the_rest_is_booked(
    cast: Cast, camille: Client, wrong: Callable[[Cast], tuple[str, str]]
) -> None:
    key, words = wrong(cast)
    before = set(Booking.objects.values_list("pk", "state"))
    answer = camille.post(cast.url(), {"seen": "", "c": [cast.key(), key]}, follow=True)
    assert answer.status_code == 200
    assert words in text(answer)
    after = set(Booking.objects.values_list("pk", "state"))
    assert before <= after
    new = Booking.objects.exclude(pk__in=[pk for pk, _state in before])
    assert [(b.child, b.opening, b.state) for b in new] == [(cast.zoe, cast.wednesday, BookingState.BOOKED)]


def test_a_booking_of_another_home_cannot_be_cancelled(cast: Cast, camille: Client) -> None:
    child = cast.stranger()
    booking = cast.world.booking(child, cast.wednesday)
    answer = camille.post(cast.url(), {"seen": cast.key(child=child)}, follow=True)
    assert "n’est pas ouvert à votre enfant" in text(answer)
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED


def test_two_slots_that_exclude_each_other_at_once_book_at_most_one(cast: Cast, camille: Client) -> None:
    day_slot: Slot = cast.world.slot(cast.wednesdays, "Journée", "08:00", "18:00", capacity=5)
    cast.morning.excludes.add(day_slot)
    opening = cast.world.opening(day_slot, WEDNESDAY)
    answer = camille.post(cast.url(), {"seen": "", "c": [cast.key(opening), cast.key()]}, follow=True)
    assert "Impossible en même temps" in text(answer)
    assert Booking.objects.count() == 1


def test_ten_thousand_ids_do_not_drown_the_good_one(cast: Cast, camille: Client) -> None:
    noise = [f"{cast.zoe.pk}.{ident}" for ident in range(1_000_000, 1_010_000)]
    answer = camille.post(cast.url(), {"seen": "", "c": [*noise, cast.key()]}, follow=True)
    assert answer.status_code == 200
    assert "10000 cases inconnues" in text(answer).replace("\u202f", "").replace("\xa0", "")
    assert Booking.objects.get().opening == cast.wednesday


@pytest.mark.parametrize("day", ["2026-02-30", "hier", "0000-00-00", "99999-01-01", "2026-11-30\0", "'"])
def test_a_malformed_date_in_the_address(cast: Cast, camille: Client, day: str) -> None:
    asked = {"enfant": cast.zoe.pk, "date": day, "vue": "semaine", "activite": "toutes"}
    answer = camille.get("/reservations/", asked, follow=True)
    assert answer.status_code == 200
    assert "Cette date n’existe pas" in text(answer)


@pytest.mark.parametrize(
    "asked",
    [{"enfant": "x"}, {"vue": "siècle"}, {"activite": "-1"}, {"enfant": "9" * 40}, {"activite": "9" * 18}],
)
def test_a_malformed_address_is_mended(cast: Cast, camille: Client, asked: dict[str, str]) -> None:
    assert camille.get("/reservations/", asked, follow=True).status_code == 200


def test_a_submission_to_a_malformed_address_is_saved(cast: Cast, camille: Client) -> None:
    answer = camille.post("/reservations/?date=hier", {"seen": "", "c": cast.key()}, follow=True)
    assert answer.status_code == 200
    assert Booking.objects.get().state == BookingState.BOOKED


def test_after_logout_nothing_is_saved_and_the_way_back_is_kept(cast: Cast, camille: Client) -> None:
    camille.post("/deconnexion/")
    answer = camille.post(cast.url(), {"seen": "", "c": cast.key()}, follow=True)
    assert answer.redirect_chain[0][0].startswith("/connexion/?next=/reservations/")
    assert "Je me connecte" in text(answer)
    assert not Booking.objects.exists()


def test_after_logout_the_way_back_is_the_page_of_the_form_not_the_address_it_was_posted_to(
    cast: Cast, camille: Client
) -> None:
    camille.post("/deconnexion/")
    page = f"/inscriptions/{cast.zoe.pk}/"
    sent = camille.post(f"{page}retirer/1/", headers={"referer": f"http://testserver{page}"}, follow=True)
    assert sent.redirect_chain[0][0] == f"/connexion/?next={page}"
    assert "rien n’a été enregistré" in text(sent)


def test_after_logout_a_forged_way_back_leads_nowhere_else(cast: Cast, client: Client) -> None:
    for referer in ("https://ailleurs.example/piege/", "http://testserver//ailleurs.example/piege/"):
        sent = client.post("/deconnexion/", headers={"referer": referer})
        assert sent["Location"].startswith(("/connexion/?next=/deconnexion/", "/connexion/?next=/%252F")), (
            referer
        )


def test_a_stale_token_saves_nothing_and_leads_back_to_the_page(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.durand.user)
    client.get(cast.url())
    posted = {"seen": "", "c": cast.key(), "csrfmiddlewaretoken": "j" * 64}
    answer = client.post(cast.url(), posted, headers={"referer": f"http://testserver{cast.url()}"})
    assert answer.status_code == 403
    assert "n’a pas été enregistré" in text(answer)
    assert cast.url().replace("&", "&amp;") in answer.content.decode()
    assert not Booking.objects.exists()


def test_repeating_over_centuries_or_nonsense_is_refused_in_french(cast: Cast, camille: Client) -> None:
    address = cast.url().replace("/reservations/", "/reservations/repeter/")
    for until in ("9999-12-31", "hier", "1999-01-01", ""):
        answer = camille.post(address, {"jusquau": until, "rythme": "1"}, follow=True)
        assert answer.status_code == 200
        assert not Booking.objects.exists()


def test_a_limit_counts_when_the_request_arrives(cast: Cast, client: Client) -> None:
    """Shown as open at 11:59, posted at 12:01: what the page promised does not count."""
    eve = NOW.replace(day=15, hour=11, minute=59)
    with time_machine.travel(eve, tick=False):
        client.force_login(cast.durand.user)
        assert f'value="{cast.key()}"' in client.get(cast.url(day=MONDAY)).content.decode()
    with time_machine.travel(eve + timedelta(minutes=2), tick=False):
        answer = client.post(cast.url(), {"seen": "", "c": cast.key()}, follow=True)
    assert "Trop tard" in text(answer)
    assert not Booking.objects.exists()
