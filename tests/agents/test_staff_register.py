"""« Registre du personnel »: who works in a structure is written once, then chosen day by day."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.test import Client

from marelle.activities.kinds import Qualification
from marelle.activities.models import StaffMember, StaffPlan
from marelle.core.actor import Role
from marelle.journal.models import Entry
from tests.agents.test_places import DAY, NOW, Village, text
from tests.agents.village import seen
from tests.standing import built_once

pytestmark = pytest.mark.django_db

MONTH = "/agents/places/personnel/?jour=2026-12-02"
PAGE = "/agents/places/personnel/jour/?jour=2026-12-02"
REGISTER = "/agents/places/personnel/registre/"
END = date(2027, 8, 31)


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def director(world) -> Client:
    return world.as_role(Role.DIRECTOR)


def planned(day: date = DAY) -> dict[int | None, tuple[int, set[str]]]:
    rows = StaffPlan.objects.filter(day=day)
    return {row.slot_id: (row.number, {one.first_name for one in row.members.all()}) for row in rows}


def sent(page, **fields):
    return {"seen": seen(page), **{name.replace("_", "-"): value for name, value in fields.items()}}


def test_somebody_is_added_changed_and_removed_in_the_register(world, director):
    assert "Personne pour l’instant" in text(director.get(REGISTER))
    add = f"{REGISTER}ajouter/{world.the_structure.pk}/"
    assert 'value="2027-08-31"' in text(director.get(add))
    typed = {"first_name": "Léa", "last_name": "Roussel", "qualification": "leads"}
    typed |= {"first_day": "2026-09-01", "last_day": "2026-08-31"}
    wrong = text(director.post(add, typed))
    assert "Le dernier jour vient avant le premier." in wrong
    assert 'value="Roussel"' in wrong
    typed["last_day"] = "2027-08-31"
    for _again in (1, 2):
        listed = text(director.post(add, typed, follow=True))
    assert "BAFA ou équivalent · 1er septembre 2026" in listed
    row = StaffMember.objects.get()
    page = f"{REGISTER}{row.pk}/"
    shown = seen(director.get(page))
    office = world.as_role(Role.OFFICE)
    assert office.post(page, {**typed, "qualification": "directs", "seen": shown}).status_code == 302
    late = text(director.post(page, {**typed, "last_name": "Roux", "seen": shown}))
    assert "Qualification : BAFD ou équivalent" in late
    assert 'value="Roux"' in late
    assert "Retirer du registre" in late
    assert "C’est retiré du registre." in text(director.post(f"{page}retirer/", follow=True))
    assert not StaffMember.objects.exists()
    acts = Entry.objects.filter(verb__startswith="staff_member.")
    assert {one.subject_label for one in acts} == {world.the_structure.name}, "the journal names nobody"
    assert acts.count() == 3


def test_who_comes_is_chosen_for_the_day_or_a_slot_and_counted(world, director):
    lea, omar = world.worker("Léa"), world.worker("Omar", qualification=Qualification.TRAINEE)
    world.worker("Partie", days=(date(2025, 9, 1), date(2026, 12, 1)))
    slot = world.mornings[world.big.pk].slot_id
    page = director.get(PAGE)
    shown = text(page)
    assert "Léa Roussel (BAFA ou équivalent)" in shown
    assert "Partie" not in shown
    fields = {"m_0": [lea.pk, omar.pk], "n_0": "1", f"m_{slot}": [lea.pk]}
    assert "Le personnel prévu est enregistré." in text(
        director.post(PAGE, sent(page, **fields), follow=True)
    )
    assert planned() == {None: (3, {"Léa", "Omar"}), slot: (1, {"Léa"})}
    again = director.get(PAGE)
    assert "3 adultes : 1 BAFA ou équivalent, 1 stagiaire et 1 sans nom" in text(again)
    assert "Léa Roussel et Omar Roussel" in text(director.get(MONTH))
    assert Entry.objects.filter(verb="staff.planned").count() == 1
    director.post(PAGE, sent(again, **{"m_0": [omar.pk], "n_0": "", f"m_{slot}": [], f"n_{slot}": ""}))
    assert planned() == {None: (1, {"Omar"})}


def test_the_same_people_come_each_wednesday_while_they_are_in_the_register(world, director):
    lea = world.worker("Léa")
    omar = world.worker("Omar", days=(date(2026, 9, 1), DAY + timedelta(weeks=1)))
    morning = world.mornings[world.big.pk].slot
    later = [world.opening(morning, DAY + timedelta(weeks=n), group=world.big).day for n in (1, 2, 3)]
    StaffPlan.objects.create(structure=world.the_structure, day=later[2], number=3).members.add(lea)
    plan = StaffPlan.objects.create(structure=world.the_structure, day=DAY, number=3)
    plan.members.set([lea, omar])
    told = text(director.post(MONTH, {"repeat": str(DAY)}, follow=True))
    assert "Même chose 2 mercredis de plus." in told
    assert "Un autre nombre était prévu, il est gardé : 23 décembre 2026." in told
    assert "Sans qui ne sera plus là : Omar Roussel (jusqu’au 9 décembre 2026)." in told
    assert planned(later[0]) == {None: (3, {"Léa", "Omar"})}
    assert planned(later[1]) == {None: (2, {"Léa"})}
    assert planned(later[2]) == {None: (3, {"Léa"})}


def test_another_agent_chose_meanwhile_and_what_was_typed_stays(world, director):
    lea, omar = world.worker("Léa"), world.worker("Omar")
    mine = director.get(PAGE)
    office = world.as_role(Role.OFFICE)
    office.post(PAGE, sent(office.get(PAGE), m_0=[lea.pk]))
    alike = text(director.post(PAGE, sent(mine, m_0=[omar.pk])))
    assert "Il y a maintenant : 1 adulte" in alike, "as many, but others"
    late = director.post(PAGE, sent(mine, m_0=[omar.pk], n_0="2"))
    page = text(late)
    fault = page.split('id="id_m-0_error"')[1].split("</div>")[0]
    assert "Il y a maintenant : 1 adulte : 1 BAFA ou équivalent (Léa Roussel)." in fault
    assert re.search(rf'name="m-0" value="{omar.pk}"[^>]* checked', page)
    assert planned() == {None: (1, {"Léa"})}
    director.post(PAGE, sent(late, m_0=[omar.pk], n_0="2"))
    assert planned() == {None: (3, {"Omar"})}


def test_a_number_of_the_month_is_never_less_than_those_who_are_named(world, director):
    plan = StaffPlan.objects.create(structure=world.the_structure, day=DAY, number=2)
    plan.members.set([world.worker("Léa"), world.worker("Omar")])
    for number in ("1", ""):
        page = text(director.post(MONTH, {f"n-{DAY}": number, f"s-n-{DAY}": "2"}))
        assert "plus de personnes sont nommées" in page
        assert 'aria-invalid="true"' in page
    assert planned() == {None: (2, {"Léa", "Omar"})}
    director.post(MONTH, {f"n-{DAY}": "4", f"s-n-{DAY}": "2"})
    assert planned() == {None: (4, {"Léa", "Omar"})}


def test_who_leaves_earlier_is_planned_no_more_after_and_the_days_that_are_over_stay(world, director):
    lea, omar = world.worker("Léa"), world.worker("Omar")
    days = [DAY - timedelta(weeks=1), DAY, DAY + timedelta(weeks=1)]
    for day in days:
        plan = StaffPlan.objects.create(structure=world.the_structure, day=day, number=3)
        plan.members.set([lea, omar])
    page = f"{REGISTER}{lea.pk}/"
    typed = {
        "first_name": "Léa",
        "last_name": "Roussel",
        "qualification": "leads",
        "seen": seen(director.get(page)),
    }
    director.post(page, {**typed, "first_day": "2026-09-01", "last_day": DAY.isoformat()})
    assert [planned(day)[None] for day in days] == [(3, {"Léa", "Omar"})] * 2 + [(2, {"Omar"})]
    director.post(f"{REGISTER}{omar.pk}/retirer/")
    assert [planned(day)[None] for day in days] == [(3, {"Léa"}), (2, {"Léa"}), (1, set())]


def test_the_register_is_kept_for_another_year_at_once(world, director):
    lea, omar, ines = world.worker("Léa"), world.worker("Omar"), world.worker("Inès")
    away = world.worker("Loin", structure=world.structure("Ailleurs"))
    page = f"{REGISTER}reprendre/{world.the_structure.pk}/"
    shown = text(director.get(page))
    assert shown.count(" checked") == 3
    assert "Loin" not in shown
    assert "Choisissez au moins une personne." in text(director.post(page, {"year": "2027"}))
    assert "Choisissez dans la liste." in text(director.post(page, {"year": "2040", "members": [lea.pk]}))
    assert "Choisissez dans la liste." in text(director.post(page, {"year": "2027", "members": [away.pk]}))
    chosen = {"year": "2027", "members": [lea.pk, omar.pk]}
    told = text(director.post(page, chosen, follow=True))
    assert "2 personnes restent jusqu’à la fin de l’année 2027-2028." in told
    assert "Rien n’avait changé." in text(director.post(page, chosen, follow=True))
    ends = dict(StaffMember.objects.values_list("first_name", "last_day"))
    assert ends == {"Léa": date(2028, 8, 31), "Omar": date(2028, 8, 31), "Inès": END, "Loin": END}
    assert ines.plans.count() == 0


def test_what_another_structure_keeps_is_not_there(world, director):
    there = world.structure("Ailleurs")
    away = world.worker("Loin", structure=there)
    for path in (
        f"{REGISTER}{away.pk}/",
        f"{REGISTER}ajouter/{there.pk}/",
        f"{REGISTER}reprendre/{there.pk}/",
    ):
        assert director.get(path).status_code == 404
    assert director.post(f"{REGISTER}{away.pk}/retirer/").status_code == 404
    assert director.get(f"{REGISTER}?structure={there.pk}").status_code == 404
    assert director.get(f"{PAGE}&structure={there.pk}").status_code == 404
    world.worker("Léa")
    page = text(director.post(PAGE, {"seen": "[]", "m-0": [away.pk]}))
    assert "Choisissez dans la liste." in page
    assert not StaffPlan.objects.exists()


@pytest.mark.parametrize("shown", ["", "[", "[[1e999, 1, []]]", '{"a": 1}', "[[0, 1, [1e999]]]"])
@pytest.mark.parametrize("number", ["-1", "deux", "1000", "²"])
def test_what_no_page_sends_writes_nothing(world, director, shown, number):
    page = text(director.post(PAGE, {"seen": shown, "n-0": number}))
    assert f'value="{number}"' in page
    assert not StaffPlan.objects.exists()


def test_a_day_that_is_closed_says_so(world, director):
    assert "Rien n’est ouvert ce jour-là" in text(director.get(PAGE.replace("12-02", "12-06")))
    assert director.post(PAGE.replace("12-02", "12-06"), {"n-0": "3"}).status_code == 200
    assert not StaffPlan.objects.exists()


def test_the_pages_ask_the_same_queries_however_many_work_there(world, director, count_queries):
    paths = (MONTH, PAGE, REGISTER, f"{REGISTER}reprendre/{world.the_structure.pk}/")

    def plan(names: tuple[str, ...]) -> None:
        row, _new = StaffPlan.objects.get_or_create(
            structure=world.the_structure, day=DAY, defaults={"number": 9}
        )
        row.members.add(*(world.worker(name) for name in names))

    plan(("Léa",))
    few = []
    for path in paths:
        director.get(path)
        with count_queries() as counted:
            director.get(path)
        few.append(len(counted))
    plan(("Omar", "Inès", "Tom", "Jade"))
    for path, count in zip(paths, few, strict=True):
        with count_queries(count):
            director.get(path)
