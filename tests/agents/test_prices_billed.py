"""A tariff dated inside a month that is billed already: taken, and said."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.billing.models import Assessment, BillingRun
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import Person, Residence
from marelle.places.models import GroundBefore
from marelle.pricing.models import Product as ProductRow
from marelle.pricing.models import Tariff as TariffRow
from tests.agents.typed import price
from tests.agents.village import text
from tests.flows.bills.billed import FIRST, SECOND, THIRD, Billed
from tests.forms import form_with
from tests.pricing.sheets import MEAL, MORNING
from tests.standing import built_once

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 11, 19, 10, tzinfo=PARIS)
DECEMBER = date(2026, 12, 1)
TOLD = "Novembre 2026 est déjà facturé (2 foyers) : ce qui change de prix à partir du "
NEXT = " y sera régularisé à la prochaine facturation."


class Desk(Billed):
    """November is billed for two homes on the 19th."""

    def __init__(self) -> None:
        super().__init__("wednesdays apart")
        for name in ("Roy", "Blanc"):
            child = self.enrols(self.home(name), "Zoé")
            self.books(child, FIRST, MORNING, MEAL)
            self.books(child, THIRD, MORNING)
        self.bills()
        self.page = f"/agents/activites/{self.wednesdays.pk}/tarifs/"
        self.shared = "/agents/activites/tarifs/"
        self.product = ProductRow.objects.create(authority=self.the_authority, name="Carte")
        self.office = Client()
        self.office.force_login(self.staff("guichet", Role.OFFICE))

    def typed(self, since: str, **others: object) -> dict[str, object]:
        return {"name": "Repas", "sets": [str(MEAL)], "since": since, **price(amount="4"), **others}

    def tariff(self) -> int:
        """One that holds, for ever."""
        return TariffRow.objects.filter(until=None).order_by("pk").values_list("pk", flat=True)[0]

    def send(self, where: str, typed: dict[str, object], button: str = "enregistrer") -> str:
        form = form_with(self.office.get(where).content.decode(), "since").data()
        return text(self.office.post(where, {**form, **typed, button: "1"}, follow=True))


built = built_once(Desk, now=TODAY)


@pytest.fixture
def desk(built, db, time_machine) -> Desk:
    time_machine.move_to(TODAY)
    return deepcopy(built)


def test_a_price_dated_in_a_billed_month_is_taken_and_says_what_is_put_right(desk):
    where = f"{desk.page}prix/"
    looked = desk.send(where, desk.typed("2026-11-25"), "voir")
    assert f"{TOLD}25 novembre 2026{NEXT}" in looked, "before it is saved too"
    assert "Rien ne se contredit" not in looked
    saved = desk.send(where, desk.typed("2026-11-25"))
    assert "C’est enregistré" in saved
    assert f"{TOLD}25 novembre 2026{NEXT}" in saved
    assert "est déjà facturé" not in desk.send(where, desk.typed("2026-12-01"))


def test_each_month_that_is_billed_is_told_with_its_own_homes_and_no_other(desk):
    petit = desk.enrols(desk.home("Petit"), "Milo")
    desk.books(petit, date(2026, 12, 9), MORNING)
    desk.books(Person.objects.get(first_name="Zoé", memberships__family__name="Roy"), SECOND, MORNING)
    desk.bills(DECEMBER)
    where = f"{desk.page}prix/"
    page = desk.send(where, desk.typed("2026-11-25"))
    assert f"{TOLD}25 novembre 2026{NEXT}" in page, "Petit had nothing in November, and Roy was billed twice"
    assert "Décembre 2026 est déjà facturé (1 foyer) : ce qui change de prix à partir du 1er décembre" in page
    assert "Décembre" in desk.send(where, desk.typed("2026-11-25", until="2026-12-01"), "voir")
    assert "Décembre" not in desk.send(where, desk.typed("2026-11-25", until="2026-11-30"))
    assert "Décembre" in desk.send(
        f"{where}?remplace={desk.tariff()}", desk.typed("2026-11-25", until="2026-11-30"), "voir"
    )


def test_days_after_the_last_that_was_billed_change_freely(desk):
    BillingRun.objects.update(cutoff=date(2026, 11, 20))
    where = f"{desk.page}prix/"
    assert "est déjà" not in desk.send(where, desk.typed("2026-11-21"))
    assert TOLD in desk.send(where, desk.typed("2026-11-20"))


def test_what_is_prepared_alone_is_not_billed_nor_is_what_another_authority_bills(desk):
    desk.books(desk.enrols(desk.home("Petit"), "Milo"), date(2026, 12, 9), MORNING)
    desk.previews(DECEMBER)
    assert "est déjà" not in desk.send(f"{desk.page}prix/", desk.typed("2026-12-05"))
    BillingRun.objects.update(authority=desk.authority("Arelle"))
    assert "est déjà" not in desk.send(f"{desk.page}prix/", desk.typed("2026-11-25"))


def test_bills_of_another_structure_are_not_touched_but_by_a_rule_for_all(desk):
    [run] = BillingRun.objects.all()
    run.structures.set([desk.structure("Crèche")])
    assert "est déjà" not in desk.send(f"{desk.page}prix/", desk.typed("2026-11-25"))
    rule = {"effect-up": "50", "since": "2026-11-25", "about": "everywhere"}
    assert TOLD in desk.send(f"{desk.page}regles/hors-delai/", rule)
    run.structures.add(desk.the_structure)
    assert TOLD in desk.send(f"{desk.page}prix/", desk.typed("2026-11-25"))


def test_a_grid_says_it_too(desk):
    typed = {"name-0": "Repas", "sets-0": [str(MEAL)], "c-0-0": "4", "since": "2026-11-25"}
    assert f"{TOLD}25 novembre 2026{NEXT}" in desk.send(f"{desk.page}ajouter/", typed)


def test_an_end_says_what_it_changes_from_the_day_after(desk):
    def ended(until: str) -> str:
        form = form_with(text(desk.office.get(desk.page)), "dernier-jour").data()
        sent = {**form, "dernier-jour": until}
        return text(desk.office.post(f"{desk.page}fin/", sent, follow=True))

    assert "est déjà" not in ended("2026-11-30")
    page = ended("2026-11-24")
    assert "cela prend fin ce jour-là" in page
    assert f"{TOLD}25 novembre 2026{NEXT}" in page


def test_what_is_paid_at_once_and_the_resources_that_count_say_it(desk):
    product = f"{desk.shared}abonnements/{desk.product.pk}/"
    card = {"name": "Carte", "since": "2026-11-25", **price(amount="59")}
    assert f"{TOLD}25 novembre 2026{NEXT}" in desk.send(product, card)
    form = form_with(text(desk.office.get(desk.shared)), "dernier-jour").data()
    sent = {**form, "dernier-jour": "2026-11-26"}
    ended = text(desk.office.post(f"{product}fin/", sent, follow=True))
    assert f"{TOLD}27 novembre 2026{NEXT}" in ended
    bounds = {"since": "2026-11-26", "floor": "814,62", "ceiling": "8500"}
    resources = f"{desk.shared}ressources/{desk.the_authority.pk}/"
    assert f"{TOLD}26 novembre 2026{NEXT}" in desk.send(resources, bounds)


def test_next_tariffs_say_it_before_they_are_written(desk):
    def looked(since: str) -> str:
        typed = {"depuis": since, "pourcent": "2", "arrondi": "CENT", "portee": "partout"}
        return text(desk.office.get(f"{desk.page}preparer/", typed))

    assert f"{TOLD}25 novembre 2026{NEXT}" in looked("2026-11-25")
    assert "est déjà" not in looked("2026-12-01")


def test_a_commune_is_of_an_authority_from_a_day_that_is_no_later_than_today(desk):
    page = f"/agents/activites/structures/partage/communes/{desk.the_commune.pk}/"
    shown = form_with(text(desk.office.get(page)), "since").data()
    assert shown["since"] == ["2026-11-19"], "the days before may be billed"
    outside: dict[str, object] = {"authorities": []}
    late = desk.send(page, {**outside, "since": "2026-11-20"})
    assert "les réservations suivent dès maintenant" in late
    assert 'value="2026-11-20"' in late
    assert desk.the_commune.authorities.exists()
    saved = desk.send(page, {**outside, "since": "2026-11-10"})
    assert f"{TOLD}10 novembre 2026{NEXT}" in saved
    [before] = GroundBefore.objects.values_list("until", "residents")
    assert before == (date(2026, 11, 9), [desk.the_commune.pk])
    assert "est déjà" not in desk.send(page, {**outside, "since": "2026-11-10"}), "nothing changed"


def test_a_fault_of_ever_is_told_in_the_months_that_a_run_looks_at_again(desk):
    run = BillingRun.objects.create(
        authority=desk.the_authority, month=date(2026, 3, 1), cutoff=date(2026, 3, 31), state="issued",
        issued_on=date(2026, 4, 1), due_on=date(2026, 5, 1), exercise=2026, started_at=TODAY,
    )  # fmt: skip
    row = Assessment.objects.create(run=run, family=desk.home("Petit").family, place=1, state="settled")
    row.months.create(month=run.month, digest="x", scope="x", amount=5)
    page = f"/agents/activites/structures/partage/communes/{desk.the_commune.pk}/"
    saved = desk.send(page, {"authorities": [], "since": ""})
    assert f"{TOLD}1er novembre 2026{NEXT}" in saved
    assert "Mars 2026" not in saved
    assert not GroundBefore.objects.exists()


def test_from_when_an_income_counts_changes_with_a_month(desk):
    page = f"/agents/reglages/collectivite/{desk.the_authority.pk}/"

    def shown() -> dict[str, object]:
        return form_with(desk.office.get(page).content.decode(), "incomes_since").data()

    assert shown()["incomes_since"] == ["2026-11-01"]
    its_date = {**shown(), "incomes_count": "its_date"}
    for day, told in (("2026-11-02", "le premier jour d’un mois"), ("2027-01-01", "au plus tard")):
        refused = text(desk.office.post(page, {**its_date, "incomes_since": day}))
        assert told in refused
        assert f'value="{day}"' in refused
    assert f"{TOLD}1er novembre 2026{NEXT}" in text(desk.office.post(page, its_date, follow=True))
    assert GroundBefore.objects.get().until == date(2026, 10, 31)
    again = {**shown(), "phone": "03 53 01 20 00"}
    assert "est déjà" not in text(desk.office.post(page, again, follow=True)), "it counts as it did"


def test_the_hours_of_a_slot_say_it_and_its_name_does_not(desk):
    page = f"/agents/activites/creneaux/{MORNING}/"

    def saved(**typed: object) -> str:
        form = form_with(desk.office.get(page).content.decode(), "starts").data()
        return text(desk.office.post(page, {**form, **typed}, follow=True))

    renamed = saved(name="Matinée")
    assert "C’est enregistré" in renamed
    assert "est déjà" not in renamed
    assert f"{TOLD}19 novembre 2026{NEXT}" in saved(starts="09:00")


def test_a_name_that_finds_the_addresses_of_homes_moves_them_since_ever(desk):
    Residence.objects.filter(family__name="Roy").update(commune=None, city="Le Val", postal_code="21998")
    commune = desk.commune("Valle", desk.the_authority, postal_code="21998")
    page = f"/agents/activites/structures/partage/communes/{commune.pk}/"
    saved = desk.send(page, {"name": "Le Val", "since": "2026-11-19"})
    assert "1 adresse de famille y est maintenant rattachée" in saved
    assert f"{TOLD}1er novembre 2026{NEXT}" in saved
