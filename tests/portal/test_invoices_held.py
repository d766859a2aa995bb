"""« Mes factures » of what is debited, or that the Trésor refused: nothing of it is to be paid by hand."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date
from html import unescape

import pytest
from django.test import Client

from marelle.billing.models import AnnouncedDebit, Invoice, Mandate, TresorTerms
from tests.billing.reminders.late import NOW, Late
from tests.billing.world import mandate_row
from tests.standing import built_once

pytestmark = pytest.mark.django_db

ALL_PAY = "Les factures restent à régler auprès du Trésor public."
SOME_PAY = "Les factures qui ne sont pas prélevées restent à régler auprès du Trésor public."
NOTHING = "Vous n’avez rien à faire pour le moment."
DUE = date(2026, 12, 15)


class Held(Late):
    """The Durand home has a mandate in force."""

    def __init__(self) -> None:
        super().__init__()
        TresorTerms.objects.create(
            authority=self.the_authority, post="021030", collection="217", acronym="A", ics="FR72ZZZ123456"
        )
        self.mandate = mandate_row(self.the_authority, self.durand, state="active", started_at=NOW)

    def drawn(self, total: str = "86.40", **fields: object) -> Invoice:
        bill = self.invoice(total=total, **{"due_on": DUE, **fields})
        AnnouncedDebit.objects.create(invoice=bill, mandate=self.mandate)
        return bill

    def refused(self, total: str = "30.00", number: int = 1) -> Invoice:
        bill = self.late(total=total)
        self.in_file(bill, number, state="rejected")
        return bill


built = built_once(Held, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Held:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def text(answer) -> str:
    plain = re.sub(r"<[^>]+>", " ", unescape(answer.content.decode()))
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def test_who_has_only_debited_bills_has_nothing_to_do(world, parent):
    world.drawn()
    page = text(parent.get("/factures/"))
    assert "Factures mensuelles : rien à payer, 86,40 € en prélèvement" in page
    told = "Le Trésor public prélèvera 86,40 € sur votre compte, le 15 décembre 2026 ou peu après."
    assert f"{NOTHING} {told}" in page
    assert "restent à régler" not in page
    assert "Comment payer et contester" not in page
    assert "Trésor public, et comment contester" in page
    assert "au guichet" not in page, "how to pay"
    world.drawn("13.60", due_on=date(2027, 1, 15))
    page = text(parent.get("/factures/"))
    assert (
        "Le Trésor public prélèvera 100,00 € en tout sur votre compte, à partir du 15 décembre 2026." in page
    )
    board = text(parent.get("/tableau-de-bord/"))
    assert "100,00 € en prélèvement, à partir du 15 décembre 2026" in board


def test_a_debit_of_a_month_before_gives_the_next_no_date(world, parent):
    """The Trésor has not told what became of the first: its date is past, that of the second is not."""
    world.drawn("13.60", issued_on=date(2026, 10, 5), due_on=date(2026, 11, 4))
    page = text(parent.get("/factures/"))
    assert f"{NOTHING} Un prélèvement de 13,60 €, annoncé pour le 4 novembre 2026, est en cours." in page
    assert "13,60 € en cours de prélèvement" in text(parent.get("/tableau-de-bord/"))
    world.drawn()
    page = text(parent.get("/factures/"))
    assert (
        "prélèvera 86,40 € sur votre compte, le 15 décembre 2026 ou peu après. Un prélèvement de 13" in page
    )
    board = text(parent.get("/tableau-de-bord/"))
    assert "100,00 € en prélèvement, dont 86,40 € à partir du 15 décembre 2026" in board


def test_what_is_debited_is_not_counted_with_what_is_to_be_paid(world, parent):
    world.drawn()
    world.invoice(total="13.60")
    page = text(parent.get("/factures/"))
    assert "Factures mensuelles à payer : 13,60 € en tout, 86,40 € en prélèvement" in page
    assert SOME_PAY in page
    assert ALL_PAY not in page
    assert "Comment payer et contester" in page
    assert NOTHING not in page


def test_each_authority_is_paid_in_its_own_way(world, parent):
    world.drawn()
    elsewhere = world.authority("Syndicat des rivières")
    world.treasury(elsewhere)
    world.invoice(authority=elsewhere)
    page = text(parent.get("/factures/"))
    assert f"Comment payer et contester : {elsewhere.name}" in page
    assert f"Trésor public, et comment contester : {world.the_authority.name}" in page


def test_what_is_not_debited_is_to_be_paid_as_ever(world, parent):
    assert SOME_PAY in text(parent.get("/factures/")), "its next bills will be debited"
    bill = world.drawn()
    Mandate.objects.update(state="ended", end="home", ended_at=NOW)
    page = text(parent.get("/factures/"))
    assert ALL_PAY in page
    assert "Factures mensuelles à payer : 86,40 € en tout" in page
    assert "est à payer par vous" in text(parent.get(f"/factures/{bill.pk}/"))


def test_what_the_tresor_refused_is_being_mended_and_nothing_of_it_is_to_be_paid(world, parent):
    bill = world.refused()
    page = text(parent.get("/factures/"))
    assert "Factures mensuelles : rien à payer, 30,00 € en correction" in page
    assert f"{NOTHING} Le Trésor public nous a renvoyé une facture : le service la corrige." in page
    one = text(parent.get(f"/factures/{bill.pk}/"))
    told = "le Trésor public nous a renvoyé cette facture, et le service la corrige."
    assert f"Vous n’avez rien à payer pour le moment : {told}" in one
    assert "Reste dû, rien à payer pour le moment 30,00 €" in one
    for said in (page, one):
        for late in ("est passée", "À payer avant", "à payer avant", "restent à régler", "Comment payer"):
            assert late not in said, late
    assert "Prélèvement automatique" not in one
    board = text(parent.get("/tableau-de-bord/"))
    assert "en retard" not in board
    assert "Rien à régler pour le moment" in board
    world.refused(number=2)
    page = text(parent.get("/factures/"))
    assert "Le Trésor public nous a renvoyé 2 factures : le service les corrige." in page


def test_a_debit_that_the_tresor_refused_is_not_to_be_paid_by_hand_either(world, parent):
    bill = world.drawn()
    piece = world.in_file(bill, state="rejected", drawn_on=DUE, sequence="02")
    for live in (True, False):
        piece.live = live
        piece.save()
        one = text(parent.get(f"/factures/{bill.pk}/"))
        assert "rien à payer pour le moment" in one
        assert "est à payer par vous" not in one
        assert "Sera prélevé" not in one


def test_other_bills_that_ask_for_nothing_are_told_without_asking(world, parent):
    world.drawn(kind="other")
    page = text(parent.get("/factures/"))
    assert "1 autre facture ne vous demande rien pour le moment. Voir les autres factures" in page
    world.invoice(kind="other")
    assert "1 autre facture est aussi à payer." in text(parent.get("/factures/"))
    others = text(parent.get("/factures/?nature=autres"))
    assert "Autres factures à payer : 40,00 € en tout, 86,40 € en prélèvement" in others


def test_the_office_reads_the_same_of_the_home(world, client):
    client.force_login(world.guichet)
    url = f"/agents/familles/{world.durand.family.pk}/"
    world.drawn(issued_on=date(2026, 10, 2), due_on=date(2026, 11, 2))
    world.refused()
    page = text(client.get(url))
    assert "86,40 € en prélèvement, 30,00 € en correction, après un rejet du Trésor" in page
    assert "en retard" not in page
    assert "sera prélevée" in page
    assert "à régler en tout" not in page
    world.late()
    page = text(client.get(url))
    assert "40,00 € à régler en tout, 86,40 € en prélèvement" in page
    assert "en retard" in page
