"""Prices of any kind and what changes them, typed: what is refused at which field, what another did
meanwhile, what nobody meant."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from marelle.activities.absences import Told
from marelle.activities.models import Slot
from marelle.core.kept import revision_once
from marelle.core.refusals import ChangedMeanwhile
from marelle.pricing.about import Seen, version
from marelle.pricing.facts import Trait, TraitKind
from marelle.pricing.models import ResourceBound
from marelle.pricing.selectors import book_of
from marelle.pricing.services import refuse_stale, tariff_end
from marelle.pricing.tariffs import (
    Always,
    By,
    LateFetch,
    Missed,
    Most,
    Nth,
    Percent,
    Plus,
    Product,
    Rank,
    TariffBook,
)
from marelle.pricing.writing import tariff_write
from tests.agents.prices import JANUARY, MEAL, TODAY, Desk, here, meal, rows_of
from tests.agents.typed import price
from tests.agents.village import NOW, text
from tests.forms import form_with
from tests.pricing.sheets import adjustment, euros, fixed, weekly
from tests.pricing.sheets import tariff as sheet
from tests.standing import built_once

pytestmark = pytest.mark.django_db


built = built_once(Desk, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Desk:
    time_machine.move_to(NOW)
    return deepcopy(built)


BAD_PRICES = [
    (price(amount="-1"), "price-amount", "Un prix n’est jamais négatif."),
    (price(amount="10 000 000 €"), "price-amount", "Un prix a au plus"),
    (price(amount="3,605"), "price-amount", "Donnez un prix en euros"),
    (price(amount=""), "price-amount", "Remplissez la ligne choisie."),
    (price(brackets="0 ; 3\n565 ; 4\n360 ; 5"), "price-brackets", "360 vient après 565"),
    (price(brackets="0 à 600 ; 3\n500 à 900 ; 4"), "price-brackets", "Deux tranches se chevauchent"),
    (
        price(brackets="0 à 600 ; 3\n700 et plus ; 4"),
        "price-brackets",
        "Il manque une tranche entre 600 et 700",
    ),
    (price(brackets="0\t3,15 €\n601\t\n900\t5"), "price-brackets", "Ligne 2 : donnez un prix"),
    (price(brackets="0 ; 3\n601 ; -4"), "price-brackets", "Ligne 2 : un prix n’est jamais négatif."),
    (price(brackets="601 ; 3"), "price-brackets", "La première tranche commence à 0."),
    (price(brackets="bas ; 3"), "price-brackets", "Ligne 1 : « bas » n’est pas un nombre."),
    (price(brackets="-5 ; 3"), "price-brackets", "Ligne 1 : donnez un nombre positif."),
    (price(brackets="0 ; 3 ; 4"), "price-brackets", "Ligne 1 : donnez un quotient, puis son prix."),
    (
        price(kind="linear", percent="0,36", floor="5", ceiling="4"),
        "price-ceiling",
        "plus petit que le plus bas",
    ),
    (
        price(kind="linear", percent="0,36", floor="5", ceiling=""),
        "price-ceiling",
        "Remplissez la ligne choisie.",
    ),
    (price(kind="linear", percent="120", floor="1", ceiling="4"), "price-percent", "99 au plus"),
    (price(kind="linear", percent="-1", floor="1", ceiling="4"), "price-percent", "jamais négatif"),
    (price(rates="1 ; 0,0619\n1 ; 0,05"), "price-rates", "1 vient après 1"),
    (price(rates="1,5 ; 0,0619"), "price-rates", "donnez un nombre d’enfants"),
    (price(rates="1 ; beaucoup"), "price-rates", "Ligne 1 : donnez un pourcentage"),
    (price(numbers="59\nx"), "price-numbers", "Ligne 2 : donnez un prix en euros"),
    (price(numbers="0,36 % du QF"), "price-numbers", "Ligne 1 : écrivez par exemple"),
    ({"price-kind": "never"}, "", "Choisissez une des lignes."),
]


@pytest.mark.parametrize(("typed", "field", "told"), BAD_PRICES, ids=str)
def test_a_bad_price_is_refused_at_its_field_and_what_was_typed_stays(world, typed, field, told):
    page = world.send(f"{world.care_page}prix/", **meal(**typed))
    assert told in page.replace("\u202f", " ")
    if field:
        assert told in page.split(f'id="id_{field}_error"')[1].split("</div>")[0].replace("\u202f", " ")
    kept = form_with(page, "since").data()
    assert kept["name"] == ["Repas"]
    assert all(kept[name] == [told] for name, told in typed.items() if name != "price-kind")
    assert not rows_of(world.book)


BAD_ROWS = [
    ("prix", {"name": ""}, "Donnez un nom"),
    ("prix", {"name": "x" * 121}, "120"),
    ("prix", {"sets": []}, "Cochez au moins un créneau."),
    ("prix", {"sets": ["9999"]}, "Choisissez dans la liste."),
    ("prix", {"since": "2026-11-24"}, "Donnez un jour à venir"),
    ("prix", {"since": "hier"}, "Donnez une date"),
    ("prix", {"until": "2026-12-31"}, "La fin vient avant le début."),
    ("prix", {"who": ["decision"]}, "Choisissez dans la liste."),
    ("prix", {"weekdays": ["8"]}, "Choisissez dans la liste."),
    ("prix", {"vat": "-5"}, "Un pourcentage n’est jamais négatif."),
    ("prix", {"vat": "vingt"}, "Donnez un pourcentage"),
    ("prix", {"order": "-1"}, "Donnez un nombre plus grand"),
    ("prix", {"voted_number": "2026-1"}, "Donnez la date de la délibération."),
    ("prix", {"step": "7"}, "Choisissez dans la liste."),
    ("prix", {"food-kind": "fixed", "food-amount": "x"}, "Donnez un prix en euros"),
    ("retard", {"spared": "99"}, "Donnez un nombre plus petit"),
    ("retard", {"about": "some"}, "Cochez au moins un créneau."),
    ("retard", {"about": "some", "slots": ["9999"]}, "Choisissez dans la liste."),
    ("regles/rang", {"first": ""}, "Dites à partir de quel enfant"),
    ("regles/rang", {"first": "3", "last": "2"}, "Donnez un nombre plus grand : 3 au moins."),
    ("regles/rang", {"by": "youngest"}, "Choisissez dans la liste."),
    ("regles/rang", {"effect-down": "101"}, "100 au plus"),
    ("regles/hors-delai", {"effect-up": "0"}, "Donnez plus que 0"),
    ("regles/hors-delai", {"effect-up": ""}, "Remplissez la ligne choisie."),
    ("regles/hors-delai", {"about": "some"}, "Cochez au moins un créneau."),
    ("regles/hors-delai", {"about": "some", "slots": ["77"]}, "Choisissez dans la liste."),
    ("regles/hors-delai", {"whole": "no"}, "Choisissez dans la liste."),
    ("regles/absence", {"missed-excused": "any", "missed-within": "0"}, "Ce délai ne sert que"),
    ("regles/absence", {"missed-told": ["x"]}, "Choisissez dans la liste."),
    ("duree", {"span": "day"}, "Choisissez dans la liste."),
    ("duree", {"rule-kind": "flat", "rule-flat_days": "0"}, "Donnez un nombre de jours, de 1 à 366."),
    ("duree", {"rule-kind": "less", "rule-less_days": "3", "rule-less": ""}, "Remplissez la ligne choisie."),
]
RIGHT = {
    "prix": {"name": "Repas", "sets": ["1002"], **price(amount="4")},
    "retard": {"name": "Retard", "spared": "1", **price(amount="4")},
    "regles/rang": {"first": "2", "effect-down": "10"},
    "regles/hors-delai": {"effect-up": "50"},
    "regles/absence": {"effect-amount": "2,99"},
    "duree": {"name": "Semaine", **price(amount="19,80")},
}


@pytest.mark.parametrize(("page", "typed", "told"), BAD_ROWS, ids=str)
def test_bad_input_of_a_row_is_told_and_nothing_is_written(world, page, typed, told):
    sent = {**RIGHT[page], "since": JANUARY.isoformat(), **typed}
    answer = world.send(f"{world.care_page}{page}/", **sent)
    assert told in re.sub(r"[\u00a0\u202f]", " ", answer)
    assert "C’est enregistré" not in answer
    assert not rows_of(world.book)


@pytest.mark.parametrize("page", sorted(RIGHT))
def test_the_same_without_the_fault_is_written_and_looking_writes_nothing(world, page):
    address = f"{world.care_page}{page}/"
    sent = {**world.shown(address), **RIGHT[page], "since": JANUARY.isoformat()}
    looked = text(world.office.post(address, {**sent, "voir": "1"}))
    assert "Ce que cela dit" in looked
    assert not rows_of(world.book)
    assert "C’est enregistré" in text(world.office.post(address, {**sent, "enregistrer": "1"}, follow=True))
    assert len(rows_of(world.book)) == 1


@pytest.mark.parametrize("page", [*sorted(RIGHT), "ajouter"])
def test_of_two_agents_the_second_is_told_and_what_it_typed_stays(world, page):
    address = f"{world.care_page}{page}/"
    right = RIGHT.get(page) or {"name-0": "Grille", "sets-0": ["1001"], "c-0-0": "5"}
    sent = {**world.shown(address), **right, "since": JANUARY.isoformat(), "enregistrer": "1"}
    world.stored(replace(here(sheet(1, (MEAL,), fixed("3")), world), name="Le sien"))
    page_told = text(world.colleague.post(address, sent, follow=True))
    assert "a modifié ces tarifs" in page_told
    assert "« Le sien » à partir du 1er janvier 2027" in page_told
    assert len(rows_of(world.book)) == 1
    again = form_with(page_told, "since").data()
    assert {name: again[name] for name in right} == {
        name: told if isinstance(told, list) else [told] for name, told in right.items()
    }
    assert "C’est enregistré" in text(
        world.colleague.post(address, {**again, "enregistrer": "1"}, follow=True)
    )
    assert len(rows_of(world.book)) == 2


def test_what_another_took_away_meanwhile_is_told_and_what_never_was_is_not_found(world):
    row = world.stored(here(sheet(1, (MEAL,), fixed("3")), world))
    address = f"{world.care_page}prix/?remplace={row.pk}"
    sent = {**world.shown(address), **price(amount="4"), "enregistrer": "1"}
    world.send(address, **price(amount="5"))
    assert "a modifié ces tarifs" in text(world.colleague.post(address, sent))
    assert (
        world.office.post(
            f"{world.care_page}prix/?remplace=9999", world.shown(f"{world.care_page}prix/")
        ).status_code
        == 404
    )
    for page in ("prix", "retard", "regles/hors-delai", "duree"):
        assert world.office.get(f"{world.care_page}{page}/?remplace={'9' * 30}").status_code == 404
    assert world.office.get(f"{world.care_page}regles/autre/").status_code == 404


def test_an_end_says_what_another_changed_since(world):
    row = world.stored(here(adjustment(1, 10, Always(), Plus(euros("2"))), world))
    seen = form_with(text(world.office.get(world.care_page)), "dernier-jour").data()
    assert seen["regle"] == [str(row.pk)]
    world.stored(here(sheet(1, (MEAL,), fixed("3")), world))
    page = text(
        world.office.post(f"{world.care_page}fin/", {**seen, "dernier-jour": "2027-03-01"}, follow=True)
    )
    assert "a modifié ces tarifs" in page
    assert world.book.adjustments[0].until is None
    seen = form_with(text(world.office.get(world.care_page)), "dernier-jour").data()
    told = {**seen, "regle": str(row.pk), "dernier-jour": "2027-03-01"}
    told.pop("tarif", None)
    assert "cela prend fin ce jour-là" in text(world.office.post(f"{world.care_page}fin/", told, follow=True))
    assert world.book.adjustments[0].until == date(2027, 3, 1)


def test_what_nobody_meant_is_told_when_saving_with_its_day(world):
    world.stored(here(sheet(1, (MEAL,), fixed("3")), world))
    page = world.send(f"{world.care_page}prix/", **meal(**price(amount="4")))
    assert "C’est enregistré" in page
    saved = page.split("À regarder")[0]
    assert "valent pour la même chose à compter du vendredi 1er janvier 2027" in saved
    world.send(f"{world.care_page}regles/hors-delai/", **{"effect-up": "50", "since": "2027-01-01"})
    opposite = world.send(
        f"{world.care_page}regles/hors-delai/", **{"effect-up": "20", "since": "2027-02-01"}
    )
    assert "se contredisent à compter du lundi 1er février 2027" in opposite.split("À regarder")[0]
    quiet = world.send(f"{world.care_page}regles/fratrie/", second="20", since="2027-02-01")
    assert "se contredisent" not in quiet.split("À regarder")[0]


def test_a_slot_left_without_a_price_is_told_when_saving(world):
    for pk in (1001, 1002):
        world.opening(Slot.objects.get(pk=pk), date(2027, 1, 6))
    page = world.send(f"{world.care_page}prix/", **meal(**price(amount="4")))
    assert "Matin : aucun tarif pour tous à compter du mercredi 6 janvier 2027" in page.split("À regarder")[0]


def test_an_effort_rate_without_bounds_says_that_nothing_is_counted(world):
    page = world.send(f"{world.care_page}prix/", **meal(**price(rates="1 ; 0,0619")))
    assert "Aucun plancher ni plafond de ressources ne vaut encore" in page
    told = {"since": TODAY.isoformat(), "floor": "814,62", "ceiling": "8500"}
    assert "C’est enregistré" in world.send(world.bounds_page, **told)
    page = world.send(f"{world.care_page}prix/", **meal(**price(rates="1 ; 0,0619")))
    assert "Aucun plancher" not in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"since": "2026-11-24"}, "Donnez un jour à venir"),
        ({"floor": "-1"}, "Donnez un nombre entre 0 et"),
        ({"floor": "beaucoup"}, "Donnez un nombre, par exemple 734"),
        ({"ceiling": "10 000 000"}, "Donnez un nombre entre 0 et"),
        ({"ceiling": "800"}, "Le plafond est plus petit que le plancher."),
        ({"ceiling": ""}, "obligatoire"),
    ],
)
def test_bad_bounds_of_resources_are_told_at_their_field(world, typed, told):
    sent = {"since": JANUARY.isoformat(), "floor": "814,62", "ceiling": "8500", **typed}
    assert told in re.sub(r"[\u00a0\u202f]", " ", world.send(world.bounds_page, **sent))
    assert not ResourceBound.objects.exists()


def test_a_product_has_a_name_then_tariffs_that_are_changed_and_end(world):
    new = f"{world.shared}abonnements/ajouter/{world.the_authority.pk}/"
    assert "Ce nom est déjà pris." in text(world.office.post(new, {"name": "Carte", "period": "once"}))
    assert "Donnez un nom" in text(world.office.post(new, {"name": "", "period": "once"}))
    first = world.office.post(new, {"name": "Cotisation", "period": "once"})
    world.send(first.url, **{"name": "Une année", "since": JANUARY.isoformat(), **price(amount="15")})
    (tariff,) = world.book.tariffs
    page = text(world.office.get(world.shared))
    assert "Cotisation" in page
    assert "15,00 €" in page
    changed = {"since": "2027-09-01", **price(amount="16")}
    world.send(f"{first.url}?remplace={tariff.id}", **changed)
    old, new_one = world.book.tariffs
    assert (old.until, new_one.since, new_one.amount) == (date(2027, 8, 31), date(2027, 9, 1), fixed("16"))
    page = text(world.office.get(world.shared))
    seen = form_with(page, "dernier-jour").data()["seen"]
    end = f"{first.url}fin/"
    told = {"tarif": new_one.id, "seen": seen, "dernier-jour": "2028-08-31"}
    assert "Donnez une date" in text(world.office.post(end, {**told, "dernier-jour": "x"}, follow=True))
    assert "a modifié ces tarifs" in text(world.office.post(end, {**told, "seen": "v"}, follow=True))
    assert "cela prend fin" in text(world.office.post(end, told, follow=True))
    assert world.book.tariffs[1].until == date(2028, 8, 31)
    assert world.office.post(end, {**told, "tarif": 9999}).status_code == 404


def test_what_is_given_back_says_for_which_absences(world):
    sent = {"name": "Carte", "since": JANUARY.isoformat(), **price(numbers="59\n57"), "back-kind": "fixed"}
    page = world.send(world.product_page, **sent, **{"back-amount": "3,85"})
    assert "Dites pour quelles absences quelque chose est rendu." in page
    assert not world.book.tariffs
    world.send(
        world.product_page, **sent, **{"back-amount": "3,85", "way-1-excused": "yes", "way-1-told": ["never"]}
    )
    (tariff,) = world.book.tariffs
    assert tariff.what.gives_back == (Missed(frozenset({Told.NEVER}), excused=True),)


def test_a_set_with_slots_of_another_activity_and_a_rule_for_all(world):
    other = world.morning.pk
    sent = meal(**price(amount="4"), together=[str(other)])
    world.send(f"{world.care_page}prix/", **sent)
    (tariff,) = world.book.tariffs
    assert tariff.what.sets == (frozenset({1002, other}),)
    shown = world.shown(f"{world.care_page}prix/?remplace={tariff.id}")
    assert (shown["sets"], shown["together"]) == (["1002"], [str(other)])
    rule = {"effect-up": "50", "since": JANUARY.isoformat()}
    world.send(f"{world.care_page}regles/hors-delai/", **rule, about="everywhere")
    world.send(
        f"{world.care_page}regles/hors-delai/", **rule, about="some", slots=["1001"], others=[str(other)]
    )
    assert [row.slots for row in world.book.adjustments] == [frozenset(), frozenset({1001, other})]


def test_the_common_page_is_read_by_a_director_who_changes_nothing(world):
    page = text(world.director.get(world.shared))
    assert "Carte" in page
    assert "ajouter/" not in page.split("<main")[1]
    assert world.director.get(world.product_page).status_code == 403


def test_brothers_and_sisters_are_said_at_once_and_the_last_is_that_of_those_after(world):
    page = f"{world.care_page}regles/fratrie/"
    since = {"since": JANUARY.isoformat()}
    assert "Donnez au moins une réduction." in world.send(page, **since)
    assert "100 au plus" in re.sub(r"[\u00a0\u202f]", " ", world.send(page, **since, second="120"))
    assert not world.book.adjustments
    world.send(page, **since, second="10", fourth="30", about="everywhere", by="eldest")
    first, last = world.book.adjustments
    assert (first.case, first.effect) == (Rank(2, 2, By.ELDEST), Percent(Decimal(-10)))
    assert (last.case, last.effect) == (Rank(4, None, By.ELDEST), Percent(Decimal(-30)))
    assert [row.name for row in (first, last)] == [
        "Réduction pour les frères et sœurs\u00a0: deuxième enfant",
        "Réduction pour les frères et sœurs\u00a0: quatrième enfant et suivants",
    ]


def test_a_write_looks_at_what_is_held_and_not_at_what_its_request_has_kept(world):
    """Another process has written since the request began: it knows the revision of then."""
    row = here(sheet(1, (MEAL,), fixed("3")), world)
    authority_id = world.the_authority.pk
    with revision_once():
        assert not book_of(authority_id).tariffs
        tariff_write(authority_id, row)
        assert not book_of(authority_id).tariffs
        told = {"actor": world.actor, "authority_id": authority_id, "now": NOW}
        seen = Seen(version(TariffBook(())), row.what.sets[0])
        with transaction.atomic(), pytest.raises(ChangedMeanwhile) as refused:
            refuse_stale(**told, seen=seen)
    assert [one.name for one in refused.value.data["held"]["rows"]] == [row.name]


def test_of_two_who_change_the_resources_that_count_the_second_is_told(world):
    sent = {**world.shown(world.bounds_page), "since": JANUARY.isoformat(), "floor": "800", "ceiling": "8500"}
    world.send(world.bounds_page, since=JANUARY.isoformat(), floor="900", ceiling="9000")
    page = text(world.colleague.post(world.bounds_page, sent))
    assert "a modifié ces tarifs" in page
    assert ResourceBound.objects.get().floor == 900
    again = form_with(page, "since").data()
    assert again["floor"] == ["800"]
    assert "C’est enregistré" in text(world.colleague.post(world.bounds_page, again, follow=True))
    assert ResourceBound.objects.get().floor == 800


def test_a_rule_for_all_activities_says_so(world):
    rule = {"effect-up": "50", "since": JANUARY.isoformat(), "about": "everywhere"}
    world.send(f"{world.care_page}regles/hors-delai/", **rule)
    page = text(world.office.get(world.care_page))
    assert "à partir du 1er janvier 2027, pour toutes les activités" in page
    assert page.count("pour toutes les activités") == 1


def test_a_pasted_grid_whose_brackets_overlap_is_not_filled_in(world):
    page = f"{world.care_page}ajouter/"
    sent = {**world.shown(page), "remplir": "1"}
    told = text(world.office.post(page, {**sent, "colle": "QF;0 à 600;500 à 900\nRepas;3,15 €;"}))
    assert "Deux tranches se chevauchent" in told
    assert "500 à 900" in form_with(told, "since").data()["colle"][0]
    assert "name-1" not in form_with(told, "since").inputs
    filled = text(world.office.post(page, {**sent, "colle": "QF;0 à 600;601 et plus\nRepas;3,15 €;"}))
    shown = form_with(filled, "since").data()
    assert (shown["limites"], shown["c-0-0"], shown["c-0-1"]) == (["0 ; 601"], ["3,15 €"], [""])


def test_a_row_is_changed_on_the_page_of_its_kind_alone(world):
    late = world.stored(here(replace(sheet(1, (MEAL,), fixed("3")), what=LateFetch(MEAL)), world))
    rank = world.stored(here(adjustment(2, 20, Rank(2), Percent(Decimal(-10))), world))
    card = world.stored(here(replace(sheet(3, (MEAL,), fixed("3")), what=Product(1)), world))
    for page, row in (
        ("prix", late),
        ("prix", card),
        ("retard", card),
        ("regles/hors-delai", rank),
        ("regles/fratrie", rank),
        ("duree", rank),
    ):
        assert world.office.get(f"{world.care_page}{page}/?remplace={row.pk}").status_code == 404, page
    assert world.office.get(f"{world.care_page}retard/?remplace={late.pk}").status_code == 200
    assert world.office.get(f"{world.care_page}regles/rang/?remplace={rank.pk}").status_code == 200
    assert world.office.get(f"{world.product_page}?remplace={late.pk}").status_code == 404
    assert world.office.get(f"{world.product_page}?remplace={card.pk}").status_code == 200


def test_a_row_for_a_home_that_a_decision_names_is_not_changed_here_and_its_rule_is_in_its_file(world):
    who = frozenset({Trait(TraitKind.DECISION, 7)})
    rows = [
        world.stored(here(replace(row, who=who, name="Secours"), world))
        for row in (
            sheet(1, (MEAL,), fixed("0")),
            adjustment(2, 10, Always(), Percent(Decimal(-50))),
            replace(weekly(Most(fixed("5"))), id=3),
        )
    ]
    page = text(world.office.get(world.care_page))
    assert "Secours" in page, "a price or a rule of a span that names it is told"
    assert "50 % de moins" not in page.replace("\u00a0", " "), "what a decision changes is in the home's file"
    assert "?remplace=" not in page
    for address, row in zip(("prix", "regles/pour-certains", "duree"), rows, strict=True):
        assert world.office.get(f"{world.care_page}{address}/?remplace={row.pk}").status_code == 404
    for kind, row in zip(("tarif", "regle", "duree"), rows, strict=True):
        sent = {kind: row.pk, "dernier-jour": "2027-03-01"}
        assert world.office.post(f"{world.care_page}fin/", sent).status_code == 404


def test_an_end_that_another_gave_is_told_to_who_changes_the_row(world):
    row = world.stored(here(sheet(1, (MEAL,), fixed("3")), world))
    address = f"{world.care_page}prix/?remplace={row.pk}"
    sent = {**world.shown(address), **price(amount="4"), "since": "2027-03-01", "enregistrer": "1"}
    told = {"actor": world.actor, "authority_id": world.the_authority.pk, "row": row, "now": NOW}
    tariff_end(**told, until=date(2027, 6, 30))
    assert "a modifié ces tarifs" in text(world.colleague.post(address, sent))
    assert len(world.book.tariffs) == 1


def test_what_takes_the_place_of_a_row_does_not_overlap_it(world):
    row = world.stored(here(sheet(1, (MEAL,), fixed("3")), world))
    address = f"{world.care_page}prix/?remplace={row.pk}"
    page = world.send(address, **price(amount="4"), since="2027-03-01")
    assert "C’est enregistré" in page
    assert "valent pour la même chose" not in page
    assert [one.until for one in world.book.tariffs] == [date(2027, 2, 28), None]


@pytest.mark.parametrize("page", ["regles/hors-delai", "regles/fratrie", "retard", "duree"])
def test_a_rule_is_of_the_slots_of_its_activity_unless_it_says_otherwise(world, page):
    right = RIGHT.get(page, {"second": "10"})
    world.send(f"{world.care_page}{page}/", **right, since=JANUARY.isoformat())
    (row,) = rows_of(world.book)
    slots = row.what.slots if page == "retard" else row.slots
    assert slots == frozenset(range(1001, 1006))


def test_what_is_left_in_a_line_that_is_not_chosen_is_not_read(world):
    left = {"price-percent": "beaucoup", "price-brackets": "bas ; haut"}
    world.send(f"{world.care_page}prix/", **meal(**price(amount="4"), **left))
    assert [row.amount for row in world.book.tariffs] == [fixed("4")]
    days = {"rule-kind": "less", "rule-less_days": "3", "rule-less": "10", "price-amount": "x"}
    world.send(f"{world.care_page}duree/", name="Semaine", since=JANUARY.isoformat(), **days)
    assert [row.rule for row in world.book.span_rules] == [Nth(3, Decimal(-10))]
