"""Mandates of another software: all or none, seen by two agents, debited next as the following ones."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest

from marelle.billing.imports.mandates import COLUMNS
from marelle.billing.imports.problems import ImportRefused
from marelle.billing.imports.services import import_confirm, import_prepare, import_report
from marelle.billing.labels import problem_text
from marelle.billing.mandates.announcing import announced_of, debits_announce
from marelle.billing.mandates.rules import lapses_on, sequence_of
from marelle.billing.mandates.selectors import lives_of
from marelle.billing.models import ImportRun, Invoice, InvoiceLine, Mandate, TresorTerms
from marelle.core.actor import Actor
from marelle.core.sealed import opened
from marelle.families.models import Residence
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.billing.files import csv_of, upload
from tests.billing.mandates.held import IBAN, NOW, OTHER, Debited
from tests.standing import built_once

pytestmark = pytest.mark.django_db

HEADER = ";".join(column.title for column in COLUMNS)


class Moved(Debited):
    def __init__(self) -> None:
        super().__init__()
        self.roy = self.home("Roy", "Anne")

    def row(self, home=None, **said: str) -> str:
        """A line that is right, but for what is `said` of it."""
        number = (home or self.durand).family.number
        cells = {
            "family": number, "rum": f"ANC-{number}", "iban": IBAN, "bic": "PSSTFRPPPAR",
            "holder": "Camille Durand", "signed_on": "03/05/2024", "drawn_before": "05/11/2026",
            "turn": "RCUR", "street": "4 rue du Lavoir", "postal_code": "21999", "city": "Arelle",
            "country": "", **said,
        }  # fmt: skip
        return ";".join(cells[column.code] for column in COLUMNS)

    def reads(self, *rows: str, actor: Actor | None = None) -> ImportRun:
        return import_prepare(
            actor=actor or self.first, authority_id=self.the_authority.pk, kind="mandates", month=None,
            correction=False, upload=upload(csv_of(*rows, header=HEADER)), now=NOW,
        )  # fmt: skip

    def brings(self, *rows: str, tell: bool = False) -> ImportRun:
        return import_confirm(actor=self.second, run_id=self.reads(*rows).pk, tell=tell, now=NOW)

    def problems(self, *rows: str) -> list[str]:
        run = self.reads(*rows)
        report = import_report(actor=self.first, run_id=run.pk, now=NOW)[1]
        return [problem_text(one).replace("\u00a0", " ") for one in report.problems]


built = built_once(Moved)


@pytest.fixture
def world(built, db) -> Moved:
    return deepcopy(built)


def bill(world: Moved, home) -> Invoice:
    invoice = Invoice.objects.create(
        authority=world.the_authority, family=home.family, number=f"N{home.family.pk}",
        month=date(2026, 11, 1), issued_on=NOW.date(), due_on=date(2026, 12, 31), total=30,
    )  # fmt: skip
    InvoiceLine.objects.create(
        invoice=invoice, activity="Mercredis", label="", quantity=1, unit_price=30, amount=30, order=1
    )
    return invoice


def test_what_is_brought_is_debited_next_as_one_that_follows_or_as_the_first(world):
    done = world.brings(
        world.row(), world.row(world.roy, iban=OTHER, drawn_before="", turn="FRST", holder="Anne Roy")
    )
    assert (done.counts["created"], done.counts["recurrent"], done.counts["first"]) == (2, 1, 1)
    durand, roy = Mandate.objects.order_by("family")
    assert (durand.state, durand.how, durand.last_digits, opened(durand.iban)) == (
        "active",
        "moved",
        IBAN[-4:],
        IBAN,
    )
    assert (durand.signed_on, durand.noted_by, durand.checked_by) == (date(2024, 5, 3), "Line", "Agnes")
    life = lives_of([durand])[durand.pk]
    assert (life.drawn_on, life.lapses_on) == (
        date(2026, 11, 5),
        lapses_on(durand.signed_on, date(2026, 11, 5)),
    )
    bills = [bill(world, home) for home in (world.durand, world.roy)]
    debits_announce(bills, world.the_authority.pk)
    announced = announced_of(bills)
    assert [sequence_of(drawn_before=announced[one.pk].drawn_before).value for one in bills] == ["03", "02"]
    assert [announced[one.pk].iban for one in bills] == [IBAN, OTHER]
    assert IBAN not in str(list(Mandate.objects.values()))
    assert [entry.subject_label for entry in Entry.objects.filter(verb="mandate.brought").order_by("pk")] == [
        durand.rum, roy.rum,
    ]  # fmt: skip
    assert not Message.objects.exists()


def test_who_sent_the_file_does_not_confirm_it(world):
    run = world.reads(world.row())
    for actor in (world.first, Actor(None, "Line", powers=world.first.powers)):
        with pytest.raises(ImportRefused, match="same_person"):
            import_confirm(actor=actor, run_id=run.pk, tell=False, now=NOW)
    assert not Mandate.objects.exists()


def test_all_that_is_wrong_is_told_with_its_column_and_no_account(world):
    wrong = "FR7630006000011234567890188"
    said = world.problems(
        world.row(iban=wrong), world.row(world.roy, bic="PSST", holder="ÀÀ☃"[2:]),
        world.row(family="F9999", rum="X//Y", turn="parfois"),
        world.row(rum="A1", drawn_before="", turn="RCUR"),
        world.row(rum="A1", turn="FRST", signed_on="04/05/2027"),
        world.row(rum="A2", drawn_before="01/01/2020"),
    )  # fmt: skip
    durand = world.durand.family.number
    assert said == [
        "Ligne 2 : colonne « iban » : la clé de cet IBAN est fausse, un signe est mal copié.",
        "Ligne 3 : colonne « titulaire » : ce nom ne s’écrit pas pour une banque.",
        "Ligne 3 : colonne « bic » : ce n’est pas un BIC, de huit ou onze signes.",
        "Ligne 4 : « X//Y », colonne « rum », n’est pas une référence de mandat.",
        "Ligne 4 : « parfois » n’est pas une séquence : écrivez FRST ou RCUR.",
        "Ligne 5 : il est dit déjà prélevé (RCUR) : écrivez le jour de son dernier prélèvement.",
        f"Ligne 5 : la famille « {durand.casefold()} » est déjà à la ligne 2 : une seule ligne chacune.",
        "Ligne 6 : la date du 4 mai 2027 n’est pas encore venue.",
        "Ligne 6 : son dernier prélèvement, le 5 novembre 2026, vient avant sa signature.",
        "Ligne 6 : il est dit jamais prélevé (FRST), et son dernier prélèvement est du 5 novembre 2026.",
        f"Ligne 6 : la famille « {durand.casefold()} » est déjà à la ligne 2 : une seule ligne chacune.",
        "Ligne 6 : la référence « A1 » est déjà à la ligne 5.",
        "Ligne 7 : son dernier prélèvement, le 1er janvier 2020, vient avant sa signature.",
        f"Ligne 7 : la famille « {durand.casefold()} » est déjà à la ligne 2 : une seule ligne chacune.",
    ]
    assert wrong not in str(said)


def test_homes_references_and_lives_are_looked_up_together(world):
    world.accepts()
    world.terms.delete()
    Residence.objects.filter(family=world.roy.family).delete()
    said = world.problems(
        world.row(), world.row(world.roy, street="", postal_code="", city=""),
        world.row(family="F9999", rum="A3"),
    )  # fmt: skip
    assert said[0].startswith("Cette collectivité ne fait rien prélever")
    assert said[1].startswith("Ligne 2 : cette famille a déjà un mandat, MRL-")
    assert said[2:] == [
        "Ligne 3 : l’adresse du titulaire n’est ni dans le fichier ni dans le dossier de la famille.",
        "Ligne 4 : aucune famille n’a le numéro « F9999 ».",
    ]


def test_one_that_was_not_used_for_three_years_is_dead(world):
    row = world.row(signed_on="03/05/2020", drawn_before="29/11/2023")
    [said] = world.problems(row)
    assert said.startswith("Ligne 2 : rien n’a été prélevé par ce mandat depuis le 29 novembre 2023")
    assert world.problems(world.row(signed_on="03/05/2020", drawn_before="30/11/2023")) == []


def test_twice_changes_nothing_and_another_account_is_refused(world):
    world.brings(world.row())
    before = list(Mandate.objects.values())
    again = world.brings(world.row(holder="CAMILLE DURAND"))
    assert (again.counts["created"], again.counts["same"]) == (0, 1)
    assert list(Mandate.objects.values()) == before
    [said] = world.problems(world.row(iban=OTHER))
    assert "est celle d’un mandat d’une autre famille, ou d’un autre compte" in said


def test_the_home_is_told_where_an_agent_wants_it(world):
    world.brings(world.row(), tell=True)
    mail = Message.objects.get(kind="billing/mandate")
    assert IBAN[-4:] in mail.text
    assert IBAN not in mail.text
    assert TresorTerms.objects.count() == 1
