"""« Repas »: a week of the kitchen, its order, what moved since, and the files."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from marelle.accounts.models import User
from marelle.activities.models import Slot
from marelle.bookings.models import Absence, Booking
from marelle.bookings.states import BookingState
from marelle.core.actor import Role
from marelle.families.models import HealthSheet, Schooling
from marelle.journal.models import Entry
from marelle.meals.models import MealExtra, MealOrder
from marelle.meals.rules import Level, from_data
from marelle.meals.selectors import sittings
from tests.billing.pdf_text import text_of
from tests.meals.world import DAY, MONDAY, NOW, Kitchen

pytestmark = pytest.mark.django_db

PAGE = "/agents/presences/repas/"


@pytest.fixture
def world(time_machine) -> Kitchen:
    time_machine.move_to(NOW)
    found = Kitchen()
    found.eats("Zoé")
    found.eats("Noé", "no_pork", whole_day=True)
    found.eats("Ugo", "vegetarian", level="GS")
    found.eats("Léo", pai=True, pai_meal="family")
    found.eats("Mia", pai=True, pai_meal="structure")
    found.eats("Ana", state=BookingState.REQUESTED)
    absent = found.eats("Eva")
    booking = Booking.objects.get(child=absent)
    Absence.objects.create(booking=booking, declared_at=NOW, declared_by="Camille")
    return found


def as_role(world: Kitchen, role: Role, name: str = "", **where) -> Client:
    client = Client()
    client.force_login(world.staff(name or str(role), role, **where))
    return client


@pytest.fixture
def director(world) -> Client:
    return as_role(world, Role.DIRECTOR)


def text(response) -> str:
    assert response.status_code == 200
    return re.sub(r"[\s\u00a0\u202f]+", " ", response.content.decode())


def fields(page: str, **typed: str) -> dict[str, str]:
    """The form as a browser sends it, with what is typed: `adults`, `picnics`."""
    found = dict(re.findall(r'<input (?:type="hidden" )?name="([a-z]+-[^"]+)" value="([^"]*)"', page))
    by_kind = {"adults": "a", "picnics": "p"}
    return found | {
        name: value for kind, value in typed.items() for name in found if name.startswith(f"{by_kind[kind]}-")
    }


def counted_slowly() -> Counter[tuple[str, str]]:
    """Meals by class and diet, walked row by row from bookings, absences, classes and sheets."""
    found: Counter[tuple[str, str]] = Counter()
    for booking in Booking.objects.filter(day=DAY, state="booked"):
        child, slot = booking.child, booking.opening.slot
        sheets = HealthSheet.objects.filter(child=child)
        brings = any(sheet.pai and sheet.pai_meal == "family" for sheet in sheets)
        if not slot.has_meal or brings or Absence.objects.filter(booking=booking).exists():
            continue
        school = Schooling.objects.get(child=child).level
        level = Level.NURSERY if school in ("TPS", "PS", "MS", "GS") else Level.PRIMARY
        found[level, child.diet or "standard"] += 1
    return found


def test_the_week_to_come_is_that_of_the_bookings_and_diets(world, director):
    page = text(director.get(PAGE))
    assert "Du 30 novembre au 6 décembre 2026" in page
    (one,) = sittings(world.the_structure.pk, first=MONDAY, last=DAY).values()
    assert dict(one.children.plates) == counted_slowly()
    assert (one.children.seats, one.children.own_meals, one.children.meals) == (5, 1, 4)
    row = re.sub(r"<[^>]+>", " ", re.findall(r'<tr><th scope="row">Mercredi 2 décembre.*?</tr>', page)[0])
    for said in ("Maternelle : 1 dont 1 végétarien", "Élémentaire : 3 dont 1 sans porc", "à commander"):
        assert said in re.sub(r"\s+", " ", row).replace(" : ", " : "), said
    assert "PAI, repas apporté : 1" in re.sub(r"\s+", " ", row)
    assert "1 demande attend une réponse" in page


def test_sheets_that_no_key_opens_are_counted_apart(world, director, settings):
    """On the page and on the order: their children may bring the meal of a PAI."""
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    (one,) = sittings(world.the_structure.pk, first=MONDAY, last=DAY).values()
    assert (one.children.meals, one.lost) == (5, 2)
    told = "2 fiches illisibles : demandez aux familles"
    assert told in text(director.get(PAGE))
    (line,) = (row for row in written(director) if row["Jour"].startswith("mercredi"))
    assert told in line["Commande"].replace("\u00a0", " ")


def test_an_order_is_frozen_and_what_moves_since_is_said_and_ordered_in_addition(world, director):
    page = text(director.get(PAGE))
    sent = fields(page, adults="3", picnics="2") | {"commander": "tout"}
    done = text(director.post(PAGE, sent, follow=True))
    assert "1 service est commandé." in done
    said = " ".join(re.sub(r"<[^>]+>", " ", done).split())
    assert "commandé jeudi 26 novembre à 9 h 12, par Director" in said
    first = MealOrder.objects.get()
    frozen = from_data(first.counts)
    assert (frozen.meals, frozen.own_meals, frozen.adults, frozen.picnics) == (7, 1, 3, 2)
    assert not any(name in str(first.counts) for name in ("Zoé", "Noé", "Durand"))
    world.eats("Lou", "no_pork", level="MS")
    Booking.objects.get(child__first_name="Zoé").delete()
    moved = text(director.get(f"{PAGE}?jour={DAY}"))
    first.refresh_from_db()
    assert from_data(first.counts) == frozen
    assert "+1 sans porc (maternelle), −1 repas habituel (élémentaire) depuis la commande" in moved
    assert "Commander le complément" in moved
    again = fields(moved, adults="1") | {"commander": f"{DAY}.{world.meal.pk}"}
    settled = text(director.post(PAGE, again, follow=True))
    assert (
        "complément jeudi 26 novembre à 9 h 12, par Director : +1 sans porc (maternelle), "
        "−1 repas habituel (élémentaire), −2 adultes" in settled
    )
    orders = [from_data(order.counts) for order in MealOrder.objects.all()]
    assert [order.adults for order in orders] == [3, -2]
    (one,) = sittings(world.the_structure.pk, first=DAY, last=DAY).values()
    assert one.ordered == one.wanted
    assert "depuis la commande</p>" not in settled
    assert "Il n’y a rien à commander" in text(director.post(PAGE, fields(settled) | {"commander": "tout"}))
    assert Entry.objects.filter(verb="meal.ordered").count() == 2


def test_who_reads_an_older_page_is_told_and_nothing_is_ordered_twice(world, director):
    page = text(director.get(PAGE))
    sent = fields(page) | {"commander": "tout"}
    world.eats("Lou")
    changed = text(director.post(PAGE, sent))
    assert "les réservations ont changé depuis votre lecture (mercredi 2 décembre)" in changed
    assert not MealOrder.objects.exists()
    colleague = as_role(world, Role.OFFICE)
    seen = fields(text(colleague.get(PAGE))) | {"commander": "tout"}
    assert text(colleague.post(PAGE, seen, follow=True))
    told = text(director.post(PAGE, seen))
    assert "Dernière commande par Office, jeudi 26 novembre à 9 h 12" in told
    assert MealOrder.objects.count() == 1


def test_numbers_typed_are_kept_and_two_agents_are_told(world, director):
    page = text(director.get(PAGE))
    assert "sont enregistrés" in text(director.post(PAGE, fields(page, adults="4"), follow=True))
    late = text(director.post(PAGE, fields(page, adults="9")))
    assert "un autre agent a changé les adultes" in late
    assert 'value="9"' in late
    assert MealExtra.objects.get().adults == 4
    assert not MealOrder.objects.exists()


@pytest.mark.parametrize("bad", ["-1", "trois", "1000", "²"])
def test_what_is_no_number_stays_typed_and_nothing_is_kept(world, director, bad):
    answer = text(director.post(PAGE, fields(text(director.get(PAGE)), adults=bad) | {"commander": "tout"}))
    assert "un nombre de 0 à 999 est attendu" in answer
    assert f'value="{bad}"' in answer
    assert not MealExtra.objects.exists()
    assert not MealOrder.objects.exists()


def test_no_more_picnics_than_meals(world, director):
    answer = text(director.post(PAGE, fields(text(director.get(PAGE)), picnics="5")))
    assert "il y a plus de pique-niques que de repas (4)" in answer
    assert not MealExtra.objects.exists()


def test_a_day_that_is_over_is_read_and_neither_typed_nor_ordered(world, director, time_machine):
    sent = fields(text(director.get(PAGE)), adults="2") | {"commander": "tout"}
    time_machine.move_to(NOW.replace(month=12, day=3))
    director.force_login(User.objects.get(posts__role=Role.DIRECTOR))
    page = text(director.get(f"{PAGE}?jour={DAY}"))
    assert "jamais commandé" in page
    assert fields(page).keys() <= {f"m-{DAY}.{world.meal.pk}"}
    assert "Il n’y a rien à commander" in text(director.post(f"{PAGE}?jour={DAY}", sent))
    assert not MealOrder.objects.exists()


def test_a_closed_day_says_why(world, director):
    for opening in (world.meals, world.days):
        opening.state, opening.reason = "closed", "Grève"
        opening.save()
    Booking.objects.update(state="cancelled", end_cause="structure", ended_at=NOW)
    page = text(director.get(PAGE))
    assert "Fermé : Grève" in page
    assert "Commander la semaine" not in page


def test_each_is_of_its_class_on_the_day_in_the_week_of_the_first_of_september(world):
    child = world.eats("Noa", level="CP")
    Schooling.objects.create(child=child, school=world.the_school, school_year=2025, level="GS")
    Booking.objects.all().delete()
    days = [date(2026, 8, 31), date(2026, 9, 1)]
    for day in days:
        world.booking(child, world.opening(world.meal, day))
    usual = {level: {(level, "standard"): 1} for level in (Level.NURSERY, Level.PRIMARY)}
    for first, levels in ((days[0], [Level.NURSERY, Level.PRIMARY]), (days[1], [Level.PRIMARY])):
        found = sittings(world.the_structure.pk, first=first, last=days[1])
        assert [one.children.plates for one in found.values()] == [usual[level] for level in levels]


def test_what_was_ordered_of_a_day_closed_since_is_taken_back(world, director):
    director.post(PAGE, fields(text(director.get(PAGE)), adults="3", picnics="2") | {"commander": "tout"})
    for opening in (world.meals, world.days):
        opening.state, opening.reason = "closed", "Grève"
        opening.save()
    Booking.objects.update(state="cancelled", end_cause="structure", ended_at=NOW)
    page = text(director.get(PAGE))
    assert "−3 adultes" in page
    done = director.post(PAGE, fields(page) | {"commander": f"{DAY}.{world.meal.pk}"}, follow=True)
    assert "1 service est commandé." in text(done)
    (one,) = sittings(world.the_structure.pk, first=DAY, last=DAY).values()
    assert not one.ordered
    assert not one.shown.meals


def test_meals_of_one_name_are_told_apart_and_added_up_by_day_and_by_hour(world, director):
    """The canteen of the small ones and that of the big ones each have a « Repas », at noon and at one."""
    late = world.second_service("13:00", "14:00")
    world.eats("Lou", "no_pork", level="MS", meal=late)
    page = text(director.get(PAGE))
    assert "Repas, 12 h – 13 h 30 · Mercredis" in page
    assert "Repas, 13 h – 14 h · Cantine" in page
    whole = page[page.index("Total du mercredi 2 décembre") :]
    assert whole.index("12 h : 4 repas") < whole.index("13 h : 1 repas") < whole.index("Total de la semaine")
    table = written(director)
    assert [row["Jour"] for row in table][2:] == ["Total du mercredi 2 décembre", "Total de la semaine"]
    assert [row["Repas à préparer"] for row in table] == ["4", "1", "5", "5"]
    assert re.sub(r"\s+", " ", table[2]["Service"]) == "12 h : 4 repas 13 h : 1 repas"
    director.post(PAGE, fields(page) | {"commander": f"{DAY}.{late.slot_id}"})
    assert [order.slot_id for order in MealOrder.objects.all()] == [late.slot_id]


def test_by_the_hour_who_is_not_there_at_noon_does_not_eat(world):
    nursery = world.second_service("07:30", "18:30", by_hour=True)
    for name, hours in (
        ("Lou", ("08:00", "12:00")),
        ("Sam", ("12:30", "18:00")),
        ("Tom", ("09:00", "17:00")),
    ):
        world.eats(name, meal=nursery, hours=hours)
    assert sittings(world.the_structure.pk, first=DAY, last=DAY)[DAY, nursery.slot_id].children.meals == 2


def test_what_no_longer_gives_a_meal_is_taken_back(world, director):
    director.post(PAGE, fields(text(director.get(PAGE))) | {"commander": "tout"})
    Slot.objects.update(has_meal=False)
    page = text(director.get(PAGE))
    assert "Plus de repas prévu à ce service" not in page
    Slot.objects.filter(pk=world.whole.pk).update(has_meal=True)
    page = text(director.get(PAGE))
    assert "Plus de repas prévu à ce service" in page


def written(client: Client) -> list[dict[str, str]]:
    content = client.get(f"{PAGE}fichier/?format=csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline=""), delimiter=";"))


def test_the_files_hold_the_order_and_no_name(world, director):
    sent = fields(text(director.get(PAGE)), adults="3") | {"commander": "tout"}
    director.post(PAGE, sent)
    world.eats("Lou", "no_pork")
    day, whole = table = written(director)
    assert day["Jour"] == "mercredi 2 décembre"
    assert (
        day["Maternelle, végétarien"],
        day["Élémentaire, repas habituel"],
        day["Élémentaire, sans porc"],
    ) == ("1", "2", "1")
    assert (day["Adultes"], day["Repas à préparer"], day["PAI : place sans repas"]) == ("3", "7", "1")
    assert whole["Repas à préparer"] == "7"
    printed = text_of(director.get(f"{PAGE}fichier/").content)
    assert "+1 sans porc (élémentaire) depuis la commande" in printed
    assert world.the_structure.name in printed
    for name in ("Zoé", "Léo", "Durand"):
        assert name not in str(table)
        assert name not in printed
    assert director.get(f"{PAGE}fichier/?format=xlsx").content.startswith(b"PK")


def test_who_orders(world):
    assert as_role(world, Role.ANIMATOR).get(PAGE).status_code == 403
    elsewhere = as_role(world, Role.DIRECTOR, "ailleurs", structure=world.structure("Ailleurs"))
    here = f"{PAGE}?structure={world.the_structure.pk}"
    assert "Aucun repas" in text(elsewhere.get(PAGE))
    assert elsewhere.get(here).status_code == elsewhere.post(here).status_code == 404
    assert elsewhere.get(f"{PAGE}fichier/?structure={world.the_structure.pk}").status_code == 404
    assert as_role(world, Role.ADMINISTRATOR).get(here).status_code == 200


def test_as_many_queries_for_one_child_as_for_many(world, director, count_queries):
    director.get(PAGE)
    with count_queries(20) as one:
        director.get(PAGE)
    for number in range(6):
        world.eats(f"Enfant {number}", "no_pork", pai=True, pai_meal="family")
    with count_queries(20) as many:
        director.get(PAGE)
    assert len(one) == len(many)
