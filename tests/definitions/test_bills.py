"""How an authority bills, in the file: what money goes by is not, and a month that was billed stays."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.billing.models import BillingTerms, Payer, Treasury, TresorTerms
from marelle.billing.models.runs import BillingRun
from marelle.core.actor import Role
from marelle.definitions.reading import DefinitionsRefused
from marelle.definitions.services import definitions_compared
from marelle.places.delays import months_kept
from marelle.places.lives import Life, lives
from marelle.places.models import Authority, SecondRule
from tests.definitions.example import HAMLET, NOW, VILLAGE, changes, exported, written

pytestmark = pytest.mark.django_db

START = VILLAGE.index("# Ce que les factures disent")
BILLS = VILLAGE[START : VILLAGE.index("# Une invitation part")]
FILE = HAMLET + BILLS


@pytest.fixture(autouse=True)
def then(time_machine) -> None:
    time_machine.move_to(NOW)


def refused(text: str) -> list[str]:
    with pytest.raises(DefinitionsRefused) as found:
        definitions_compared(text, now=NOW)
    return [str(one).replace("\u00a0", " ") for one in found.value.data["faults"]]


def test_what_money_goes_by_is_said_on_the_screens_alone() -> None:
    written(FILE)
    assert (Treasury.objects.get().payfip, TresorTerms.objects.get().ics) == ("", "")
    Treasury.objects.update(payfip="099901")
    TresorTerms.objects.update(ics="FR72ZZZ123456", creditor="SGC")
    assert changes(FILE) == {}
    text = exported()
    assert "099901" not in text
    assert "FR72ZZZ123456" not in text
    written(FILE.replace("sigle: FONTAINE", "sigle: BOURG").replace("tribunal: T", "tribunal: Le t"))
    told = TresorTerms.objects.get()
    assert (told.acronym, told.ics, told.creditor) == ("BOURG", "FR72ZZZ123456", "SGC")
    assert Treasury.objects.get().payfip == "099901"


def test_a_month_that_was_billed_keeps_its_way_and_another_follows() -> None:
    written(FILE)
    authority = Authority.objects.get()
    assert BillingTerms.objects.get().days_to_pay == 45
    BillingRun.objects.create(
        authority=authority, month=date(2026, 12, 1), cutoff=date(2026, 12, 31), issued_on=date(2027, 1, 4),
        due_on=date(2027, 2, 4), exercise=2026, started_at=NOW, started_by="Nadège",
    )  # fmt: skip
    (words,) = refused(FILE.replace("jours pour payer: 45", "jours pour payer: 30"))
    assert "façons de facturer › rentree : ce mois a été facturé" in words
    more = "  ensuite: {collectivité: mairie, à compter de: 01/2027, jours pour payer: 20}\n"
    text = FILE.replace("# Comme le comptable", more + "\n# Comme le comptable")
    written(text)
    assert BillingTerms.objects.get(since=date(2027, 1, 1)).days_to_pay == 20
    assert changes(text) == {}


def test_an_authority_has_one_treasury_whatever_its_key() -> None:
    written(FILE)
    (words,) = refused(FILE.replace("trésoreries:\n  arelle:", "trésoreries:\n  autre:"))
    assert "trésoreries › autre › collectivité : cette collectivité en a déjà une" in words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("à compter de: 12/2026", "à compter de: 01/12/2026", "il faut un mois comme 09/2026"),
        ('budgets: {CANT: "02"', 'budgets: {CANT: "2"', "budgets › CANT : « 2 » : il faut un code de deux"),
        ("nature: CCAS", "nature: particulier", "« particulier » n’est pas connu"),
        ("connexions: 6", "connexions: 13", "un nombre entier de 6 à 12"),
        ("heures en tout: 24}", "heures en tout: 2400}", "familles › heures en tout"),
        ("jours: 15", "jours: 0", "relances › premiere › jours"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(old: str, new: str, words: str) -> None:
    assert any(words in one for one in refused(FILE.replace(old, new, 1))), refused(FILE.replace(old, new, 1))


def test_settings_of_the_portal_change_where_they_are_said() -> None:
    """A portal that the file says nothing of keeps asking for a second factor, and its own delays."""
    SecondRule.objects.create(role=Role.OFFICE.value, since=date(2026, 12, 9))
    written(HAMLET + "conservation:\n  courriels: 6\n")
    assert SecondRule.objects.get().since == date(2026, 12, 9)
    assert (months_kept()["mails"], months_kept()["acts"]) == (6, 36)
    written(FILE)
    assert SecondRule.objects.count() == 4
    assert lives.read()["office"] == Life(60, 10)
    assert changes(exported()) == {}


def test_a_payer_who_is_somebody_is_in_no_file() -> None:
    written(FILE)
    Payer.objects.create(
        authority=Authority.objects.get(), kind="person", last_name="Vidal", first_name="Rose",
        street="1 rue Haute", postal_code="21990", city="Arelle",
    )  # fmt: skip
    text = exported()
    assert "Vidal" not in text
    assert "CCAS de Fontaine" in text
