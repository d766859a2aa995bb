"""The incomes of a home as agents read and write them: by date, one more, one corrected, one ended."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.kept import kept_changed
from marelle.families.incomes.reading import READ
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, Told
from marelle.families.models import Income
from marelle.journal.models import Entry
from marelle.places.models import Authority, Post
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.enrolment(zoe, self.activity("Mercredis"), self.durand)
        self.page = f"/agents/familles/{self.durand.family.pk}/revenus/"
        self.office = self.client(self.staff("nadege", Role.OFFICE))

    def client(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def send(self, path: str, client: Client | None = None, **changes: Any) -> Any:
        """What the form shows, with changes."""
        client = client or self.office
        form = client.get(self.page + path).context["form"]
        shown = {bound.name: bound.value() for bound in form if bound.value() not in (None, "")}
        return client.post(self.page + path, {**shown, **changes})

    def note(self, client: Client | None = None, **changes: Any) -> Any:
        return self.send("noter/", client, source="attestation CAF", **changes)

    def rows(self, kind: IncomeKind = IncomeKind.QUOTIENT) -> list[tuple[date, date | None, Told]]:
        rows = Income.objects.filter(kind=kind).order_by("since")
        return [(row.since, row.until, row.told) for row in rows]


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW, tick=False)
    return deepcopy(built)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def proved(amount: str) -> Told:
    return Told(IncomeStatus.PROVED, Decimal(amount))


def test_one_is_noted_then_another_from_the_next_month_and_both_are_read_by_date(world: Village) -> None:
    assert "Rien de noté." in text(world.office.get(world.page))
    assert world.note(kind="quotient", amount="734,50 €", since="2026-11-16").status_code == 302
    page = text(world.office.get(world.page))
    assert "Un revenu qui change compte à partir du mois suivant" in page
    assert "734,50\u00a0€" in page
    assert (
        "depuis le 16 novembre 2026 · justifié · attestation CAF · compte à partir du 1er décembre 2026"
        in page
    )
    first = Income.objects.get()
    assert world.send(f"{first.pk}/", amount="600", since="mois").status_code == 302
    assert world.rows() == [
        (date(2026, 11, 16), None, proved("734.50")),
        (date(2026, 12, 1), None, proved("600.00")),
    ]
    assert ">à venir<" in text(world.office.get(world.page))
    assert ">en cours<" in text(world.office.get(world.page))
    assert (
        list(Entry.objects.filter(verb__startswith="income.").exclude(verb=READ).values_list("verb", "data"))
        == [("income.noted", {})] * 2
    )


def test_one_is_corrected_from_its_own_date_and_ended(world: Village) -> None:
    row = world.quotient(world.durand, "734.50", since=date(2026, 1, 1))
    assert "Noté aujourd’hui\u00a0: 734,50\u00a0€, depuis le 1er janvier 2026" in text(
        world.office.get(f"{world.page}{row.pk}/")
    )
    assert world.send(f"{row.pk}/", amount="700", until="2026-11-24").status_code == 302
    assert world.rows() == [(date(2026, 1, 1), date(2026, 11, 24), proved("700.00"))]
    assert Entry.objects.get(verb="income.corrected").subject_label == "quotient familial"
    assert ">passé<" in text(world.office.get(world.page))
    home = text(world.office.get(f"/agents/familles/{world.durand.family.pk}/"))
    assert "700,00" not in home


@pytest.mark.parametrize(
    ("kind", "amount", "shown"),
    [
        ("dependants", "3", "3 enfants"),
        ("aeeh", "1", "1 enfant"),
        ("resources", "2345,67", "345,67\u00a0€"),
    ],
)
def test_each_kind_is_told_in_its_own_words(world: Village, kind: str, amount: str, shown: str) -> None:
    assert world.note(kind=kind, amount=amount).status_code == 302
    assert shown in text(world.office.get(world.page))


@pytest.mark.parametrize("status", ["refused", "none", "unknown"])
def test_a_status_without_an_amount(world: Village, status: str) -> None:
    answer = world.note(kind="quotient", status=status, amount="12")
    assert "Laissez le montant vide" in text(answer)
    assert world.note(kind="quotient", status=status).status_code == 302
    assert Income.objects.get().told == Told(IncomeStatus(status))
    assert str(IncomeStatus(status).label) in text(world.office.get(world.page))


@pytest.mark.parametrize(
    ("wrong", "field", "told"),
    [
        ({"amount": ""}, "amount", "Donnez un montant ou un nombre."),
        ({"amount": "-3"}, "amount", "jamais négatif"),
        ({"amount": "beaucoup"}, "amount", "Écrivez un montant ou un nombre"),
        ({"amount": "1e9"}, "amount", "Écrivez un montant ou un nombre"),
        ({"amount": "734,505"}, "amount", "Écrivez un montant ou un nombre"),
        ({"amount": "1000000"}, "amount", "trop élevé"),
        ({"kind": "dependants", "amount": "2,5"}, "amount", "nombre entier"),
        ({"kind": "dependants", "amount": "21"}, "amount", "trop élevé"),
        ({"kind": "salary"}, "kind", "choix"),
        ({"status": "certain"}, "status", "choix"),
        ({"since": "hier"}, "since", "date qui existe"),
        ({"since": "1850-01-01"}, "since", "trop lointaine"),
        ({"until": "2026-01-01"}, "until", "Le dernier jour vient après"),
        ({"source": ""}, "source", "obligatoire"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_stays_typed(
    world: Village, wrong: dict[str, str], field: str, told: str
) -> None:
    sent = {"kind": "quotient", "amount": "734", "source": "CAF", **wrong}
    answer = world.send("noter/", **sent)
    assert told in str(answer.context["form"].errors[field])
    if field == "amount" and wrong["amount"]:
        assert f'value="{wrong["amount"]}"' in text(answer)
    assert not Income.objects.exists()


def test_of_two_agents_the_second_is_told_and_may_send_again(world: Village) -> None:
    omar = world.client(world.staff("omar", Role.OFFICE))
    late = {bound.name: bound.value() for bound in omar.get(f"{world.page}noter/").context["form"]}
    assert world.note(kind="quotient", amount="700", since="2026-11-01").status_code == 302
    sent = {**late, "kind": "quotient", "amount": "800", "since": "2026-11-01", "source": "CAF", "until": ""}
    answer = omar.post(f"{world.page}noter/", sent)
    assert "Nadege a modifié ceci" in text(answer)
    assert 'value="800"' in text(answer)
    assert world.rows() == [(date(2026, 11, 1), None, proved("700.00"))]
    again = {**sent, "seen": answer.context["form"]["seen"].value()}
    assert omar.post(f"{world.page}noter/", again).status_code == 302
    assert world.rows() == [(date(2026, 11, 1), None, proved("800.00"))]


@pytest.mark.parametrize("forged", ["", "x" * 32])
def test_a_form_that_says_nothing_of_what_it_showed_overwrites_nothing(world: Village, forged: str) -> None:
    world.quotient(world.durand, "734.00", since=date(2026, 11, 1))
    assert world.note(kind="quotient", amount="1", since="2026-11-01", seen=forged).status_code == 200
    assert world.rows() == [(date(2026, 11, 1), None, proved("734.00"))]


def test_a_director_reads_which_only_when_given_it_and_writes_none(world: Village) -> None:
    row = world.quotient(world.durand, "734.50")
    user = world.staff("direction", Role.DIRECTOR)
    director = world.client(user)
    page = text(director.get(world.page))
    assert "Votre poste voit qu’il y a un revenu, pas lequel." in page
    assert "noté" in page
    assert "734," not in page
    assert "justifié" not in page
    Post.objects.filter(user=user).update(reads_incomes=True)
    page = text(director.get(world.page))
    assert "734,50\u00a0€" in page
    assert "Noter un revenu" not in page
    for path in ("noter/", f"{row.pk}/"):
        assert director.get(world.page + path).status_code == 403
        assert director.post(world.page + path, {}).status_code == 403
    elsewhere = world.client(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Dojo")))
    assert elsewhere.get(world.page).status_code == 404


def test_what_one_authority_is_told_alone_is_written_and_read_by_its_office_alone(world: Village) -> None:
    other = world.authority("Syndicat")
    there = world.client(world.staff("sylvie", Role.OFFICE, authority=other))
    assert world.note(there, kind="resources", amount="2000", authority=other.pk).status_code == 302
    row = Income.objects.get()
    assert row.authority == other
    assert "pour Syndicat seulement" in text(there.get(world.page))
    assert "000,00" not in text(world.office.get(world.page))
    assert world.office.get(f"{world.page}{row.pk}/").status_code == 404
    assert world.office.post(f"{world.page}{row.pk}/", {}).status_code == 404
    answer = world.note(kind="resources", amount="1", authority=other.pk)
    assert "choix" in str(answer.context["form"].errors["authority"])
    Authority.objects.filter(pk=other.pk).update(incomes_count="its_date")
    kept_changed()
    assert "compte à partir de sa date, avec régularisation" in text(there.get(world.page))


def test_nobody_opens_the_incomes_of_its_own_home(world: Village) -> None:
    Post.objects.create(user=world.durand.user, role=Role.OFFICE.value, authority=world.the_authority)
    client = world.client(world.durand.user)
    for path in ("", "noter/"):
        assert client.get(world.page + path).status_code == 404
    assert client.post(f"{world.page}noter/", {"kind": "quotient", "amount": "1"}).status_code == 404


def test_the_page_asks_as_much_for_one_row_as_for_many(world: Village, count_queries: Any) -> None:
    world.quotient(world.durand, "734.50")
    world.office.get(world.page)
    with count_queries() as one:
        world.office.get(world.page)
    for kind in IncomeKind:
        for year in range(2015, 2024):
            world.income(world.durand, kind, "3", since=date(year, 1, 1))
    with count_queries(len(one)):
        world.office.get(world.page)
