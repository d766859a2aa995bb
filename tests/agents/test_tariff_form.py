"""A grid of prices typed or pasted: what is taken, and at which cell it is refused."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from marelle.agents.activities.forms.tariffs import Filled, columns_of, crossed, pasted, pieces
from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.pricing.amounts import Bracket, Brackets, Fixed
from marelle.pricing.models import Tariff
from marelle.pricing.selectors import book_of
from marelle.pricing.services import tariff_set
from marelle.pricing.tariffs import Hours, Started, Voted
from tests.agents.village import NOW, Village, seen, text
from tests.forms import form_with
from tests.pricing.sheets import brackets, fixed, traits
from tests.pricing.sheets import tariff as sheet
from tests.standing import built_once

pytestmark = pytest.mark.django_db

TODAY, JANUARY = NOW.date(), date(2027, 1, 1)
EMPTY = Filled()


class Desk(Village):
    def __init__(self) -> None:
        super().__init__()
        self.meal = self.slot(self.wednesdays, "Repas", "12:00", "13:30")
        self.tariff_page = f"{self.page}tarifs/"
        self.new = f"{self.tariff_page}ajouter/"
        self.actor = actor_for(self.staff("chef", Role.OFFICE))
        self.office = self.logged("guichet", Role.OFFICE)
        self.alone, self.both = str(self.morning.pk), f"{self.morning.pk}-{self.meal.pk}"

    def typed(self, **others):
        return {
            "lignes": "1",
            "limites": "0, 360",
            "name-0": "Demi-journée",
            "sets-0": [self.alone, self.both],
            "c-0-0": "5",
            "c-0-1": "5,50 €",
            "since": JANUARY.isoformat(),
            "step": "0",
            "per": "30",
            "hours": "booked",
            "enregistrer": "1",
        } | {name.replace("_", "-") if name[:2] == "c_" else name: told for name, told in others.items()}

    def send(self, page: str = "", **others) -> str:
        told = {"seen": seen(self.office.get(self.new)), **self.typed(**others)}
        return text(self.office.post(page or self.new, told, follow=True))

    def end(self, pk: int, day: str):
        told = {"tarif": pk, "dernier-jour": day, "seen": seen(self.office.get(self.tariff_page))}
        return self.office.post(f"{self.tariff_page}fin/", told, follow=True)

    def tariffs(self):
        return book_of(self.the_authority.pk).tariffs

    def stored(self, row) -> Tariff:
        told = {"actor": self.actor, "authority_id": self.the_authority.pk, "now": NOW}
        return tariff_set(**told, tariff=row)


built = built_once(Desk, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Desk:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_a_grid_becomes_tariffs_of_sets(world):
    page = world.send(who=["outside"], voted_number="2026-80", voted_on="2026-11-20", until="2027-07-02")
    assert "C’est enregistré" in page
    (tariff,) = world.tariffs()
    assert tariff.amount == Brackets((Bracket(Decimal(0), Decimal(5)), Bracket(Decimal(360), Decimal("5.5"))))
    assert set(tariff.what.sets) == {
        frozenset({world.morning.pk}),
        frozenset({world.morning.pk, world.meal.pk}),
    }
    assert (tariff.name, tariff.since, tariff.until) == ("Demi-journée", JANUARY, date(2027, 7, 2))
    assert (tariff.who, tariff.voted) == (traits("outside"), Voted("2026-80", date(2026, 11, 20)))


def test_without_brackets_one_price_for_all(world):
    world.send(limites="", **{"c-0-0": "0", "c-0-1": ""})
    assert [row.amount for row in world.tariffs()] == [Fixed(Decimal(0))]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"c-0-1": "3,l5"}, "Donnez un prix en euros, par exemple 3,60."),
        ({"c-0-1": ""}, "Donnez un prix ; 0 si c’est gratuit."),
        ({"c-0-1": "-1"}, "Un prix n’est jamais négatif."),
        ({"c-0-1": "10 000 000 €"}, "Un prix a au plus"),
        ({"c-0-1": "3,605"}, "Donnez un prix en euros"),
        ({"c-0-2": "7"}, "Il y a 3 prix par ligne et 2 tranches."),
        ({"limites": "0 ; 565 ; 360", "c-0-2": "7"}, "Les tranches vont en montant : 360 vient après 565."),
        ({"limites": "0 ; 0"}, "Les tranches vont en montant : 0 vient après 0."),
        ({"limites": "1 ; 360"}, "La première tranche commence à 0."),
        ({"limites": "0 ; bas"}, "« bas » n’est pas un quotient"),
        ({"limites": "0 ; 9999999"}, "Un quotient a au plus six chiffres"),
        ({"name-0": ""}, "Donnez un nom"),
        ({"name-0": "x" * 121}, "120"),
        ({"sets-0": []}, "Cochez au moins un créneau."),
        ({"sets-0": ["9999999"]}, "Choisissez dans la liste."),
        ({"who": ["decision"]}, "Choisissez dans la liste."),
        ({"since": "2026-11-24"}, "Donnez un jour à venir"),
        ({"since": "hier"}, "Donnez une date"),
        ({"until": "2026-12-31"}, "La fin vient avant le début."),
        ({"voted_number": "12"}, "Donnez la date de la délibération."),
    ],
)
def test_bad_input_is_told_at_its_cell_and_nothing_is_lost(world, wrong, told):
    page = world.send(**wrong)
    assert told in page
    for value in ("5,50 €", "Demi-journée", "0, 360"):
        field = {"5,50 €": "c-0-1", "Demi-journée": "name-0", "0, 360": "limites"}[value]
        kept = wrong.get(field, value)
        assert not kept or f'value="{kept}"' in page
    assert not world.tariffs()


def test_the_fault_of_a_cell_is_beside_it(world):
    page = world.send(**{"c-0-1": "trop"})
    cell = page.split('name="c-0-0"')[1].split('name="c-0-1"')[0]
    assert "Donnez un prix en euros" in cell
    assert "Donnez un prix en euros" not in page.split('name="c-0-1"')[1]


def test_a_row_that_is_empty_is_no_tariff_and_a_grid_of_none_is_refused(world):
    world.send(lignes="3", **{"name-2": "Repas", "sets-2": [str(world.meal.pk)], "c-2-0": "3", "c-2-1": "4"})
    assert [row.name for row in world.tariffs()] == ["Demi-journée", "Repas"]
    empty = {"name-0": "", "sets-0": [], "c-0-0": "", "c-0-1": ""}
    assert "Donnez un nom" in world.send(**empty)


@pytest.mark.parametrize("sep", ["\t", ";", " ; "])
def test_a_grid_is_pasted_from_a_spreadsheet(world, sep):
    lines = (["", "0 à 359", "360 à 1 200", "1 201 et plus"], ["Journée", "10,00 €", "", "16"])
    told = {"colle": "\n".join(sep.join(line) for line in lines), "remplir": "1"}
    typed = {name: value for name, value in world.typed(**told).items() if name != "enregistrer"}
    page = text(world.office.post(world.new, typed))
    assert 'name="limites" value="0 ; 360 ; 1201"' in page
    assert re.search(r'name="name-0" value="Journée"', page)
    assert 'value="10,00 €"' in page
    assert 'value="16"' in page
    assert 'value="Demi-journée"' in page
    assert 'name="name-2"' not in page
    assert not world.tariffs()


def test_a_pasted_grid_too_large_stays_where_it_was_pasted(world):
    told = "\n".join(f"Ligne {n};1" for n in range(40))
    typed = {name: value for name, value in world.typed().items() if name != "enregistrer"}
    page = text(world.office.post(world.new, {**typed, "colle": told, "remplir": "1"}))
    assert "au plus 12 lignes" in page
    assert "Ligne 39;1" in page


def test_what_is_pasted_is_read_as_written():
    assert pasted("Repas;3,60", EMPTY) == Filled("", (("Repas", (), ("3,60",), None),))
    assert pasted("Formule;Prix\nRepas;3,60", EMPTY).rows == (("Repas", (), ("3,60",), None),)
    assert pasted("QF\tmoins de 360\t360 et plus\nRepas\t3\t4", EMPTY).limits == "0 ; 360"
    before = Filled("0", (("Repas", ("4",), ("3",), 7), ("Soir", ("5",), ("2",), 8)))
    found = pasted("Repas;4", before)
    assert found.rows == (("Repas", ("4",), ("4",), 7), ("Soir", ("5",), ("2",), 8))
    assert columns_of(Filled("0 ; 360", (("Repas", (), ("1", "2", "3"), None),))) == 3
    assert pieces("0, 360 ;565\t1 201,50") == ["0", "360", "565", "1 201,50"]
    assert pieces("0 ; 1 200") == ["0", "1 200"]
    assert pieces("0\u00a0; 360\u00a0; 1 200") == ["0", "360", "1 200"]
    assert pieces("0 360 565") == ["0", "360", "565"], "spaces alone"


def test_a_grid_is_read_as_it_is_published_with_a_line_a_bracket():
    lines = ("QF;journée;demi-journée", "0–359;10 €;5", "360–564;11;5,50", "1 201 et plus, ou inconnu;16;")
    rows = (("journée", (), ("10 €", "11", "16"), None), ("demi-journée", (), ("5", "5,50", ""), None))
    assert pasted("\n".join(lines), EMPTY) == Filled("0 ; 360 ; 1201", rows)
    assert "se chevauchent" in crossed("QF;journée\n0 à 400;10\n360 à 564;11")
    numbered = "Tarif;Prix\n1er enfant;3\n2e enfant;2"
    assert [row[0] for row in pasted(numbered, EMPTY).rows] == ["1er enfant", "2e enfant"]


@pytest.mark.parametrize(
    ("heads", "limits"),
    [
        ("< 1100;1101 et plus", "0 ; 1101"),
        ("jusqu’à 600;à partir de 601", "0 ; 601"),
        ("QF ≤ 564;> 564", "0 ; 564,01"),
        ("inférieur à 360;360 ≤ QF < 565;supérieur ou égal à 565", "0 ; 360 ; 565"),
        ("moins de 360;360 à moins de 565;plus de 1 200", "0 ; 360 ; 1200,01"),
    ],
)
def test_a_bracket_is_read_in_the_words_of_a_published_grid(heads, limits):
    prices = ";".join("12345"[: heads.count(";") + 1])
    assert pasted(f";{heads}\nRepas;{prices}", EMPTY).limits == limits


def test_changing_ends_the_old_and_begins_another_with_all_that_it_was(world):
    hours = Started(Hours.SEEN)
    row = replace(
        sheet(1, (frozenset({world.morning.pk}),), brackets(("0", "1"), ("600", "2")), started=hours),
        since=TODAY,
        weekdays=frozenset({2}),
        name="Heure",
    )
    old = world.stored(row)
    link = re.search(r'href="([^"]*tarifs/ajouter/\?[^"]*)"', text(world.office.get(world.tariff_page)))
    shown = form_with(text(world.office.get(link[1])), "since").data()
    assert (shown["name-0"], shown["limites"], shown["c-0-1"]) == (["Heure"], ["0 ; 600"], ["2,00"])
    assert (shown["r-0"], shown["sets-0"]) == ([str(old.pk)], [world.alone])
    world.office.post(world.new, {**shown, "c-0-1": "5,50", "since": JANUARY.isoformat(), "enregistrer": "1"})
    first, second = world.tariffs()
    assert (first.amount, first.until) == (row.amount, date(2026, 12, 31))
    assert (second.since, second.weekdays, second.what.started) == (JANUARY, frozenset({2}), hours)
    assert second.amount.rows[1].price == Decimal("5.5")


def test_what_another_has_ended_meanwhile_is_told_and_nothing_is_written(world):
    old = world.stored(replace(sheet(1, (frozenset({world.morning.pk}),), fixed("1")), since=TODAY))
    world.end(old.pk, TODAY.isoformat())
    page = world.send(**{"r-0": str(old.pk), "sets-0": [world.alone]})
    assert "a déjà pris fin" in page
    assert len(world.tariffs()) == 1


def test_an_end_is_written_and_a_wrong_one_is_told(world):
    old = world.stored(replace(sheet(1, (frozenset({world.morning.pk}),), fixed("1")), since=TODAY))

    def end(day: str, pk: int = old.pk):
        return world.end(pk, day)

    assert "Donnez une date" in text(end("hier"))
    assert "Donnez un jour à venir" in text(end("2026-11-01"))
    assert end("2027-01-01", old.pk + 1).status_code == 404
    nothing = world.office.post(f"{world.tariff_page}fin/", {"dernier-jour": "2027-01-01"}, follow=True)
    assert "Choisissez ce qui prend fin." in text(nothing)
    assert world.tariffs()[0].until is None
    assert "cela prend fin ce jour-là" in text(end("2027-07-02"))
    assert world.tariffs()[0].until == date(2027, 7, 2)


def test_the_tariffs_of_another_activity_end_on_their_own_page(world):
    other = world.slot(world.activity("Cantine"), "Déjeuner")
    row = world.stored(replace(sheet(1, (frozenset({other.pk}),), fixed("1")), since=TODAY))
    sent = {"tarif": row.pk, "dernier-jour": "2027-07-02"}
    assert world.office.post(f"{world.tariff_page}fin/", sent).status_code == 404
    assert world.tariffs()[0].until is None


def test_what_a_form_cannot_show_whole_is_not_offered_to_be_changed(world):
    other = world.slot(world.activity("Cantine"), "Déjeuner")
    world.stored(replace(sheet(1, (frozenset({other.pk, world.morning.pk}),), fixed("1")), since=TODAY))
    page = text(world.office.get(world.tariff_page))
    assert "Matin + Déjeuner (Cantine)" in page
    assert "Changer ces prix" not in page


def test_a_slot_that_includes_others_is_not_offered(world):
    whole = world.slot(world.wednesdays, "Journée", "08:00", "18:00")
    assert "Journée" in text(world.office.get(world.new))
    whole.includes.set([world.morning])
    assert "Journée" not in text(world.office.get(world.new))


def test_a_director_reads_and_does_not_write(world):
    world.stored(replace(sheet(1, (frozenset({world.morning.pk}),), fixed("1")), since=TODAY))
    page = text(world.director.get(world.tariff_page))
    assert "tarifs/ajouter/" not in page
    assert "Mettre fin" not in page
    assert world.director.get(world.new).status_code == 403
    assert "Mettre fin" in text(world.office.get(world.tariff_page))


def test_of_two_rows_one_refused_writes_none(world):
    old = world.stored(replace(sheet(1, (frozenset({world.morning.pk}),), fixed("1")), since=TODAY))
    world.end(old.pk, "2026-12-01")
    second = {"lignes": "2", "name-1": "Repas", "sets-1": [str(world.meal.pk)], "c-1-0": "3", "c-1-1": "4"}
    world.send(**second, **{"r-1": str(old.pk)})
    assert len(world.tariffs()) == 1


def test_what_a_page_is_sent_beyond_sense_breaks_nothing(world):
    for lignes in ("999", "-1", "²", "12"):
        world.send(lignes=lignes, **{"r-0": "9" * 40, "limites": "0;" * 300})
    assert not world.tariffs()
    assert world.office.get(f"{world.new}?remplace=99999").status_code == 404
