"""A home whose parent may agree to have the CAF asked, and a server that answers in its place."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

from django.test import Client

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.incomes.rules import IncomeStatus, Told
from marelle.families.models import ChangeRequest, Income
from tests.scenario import Home, Scenario

NOW = datetime(2026, 11, 24, 9, 14, tzinfo=PARIS)
PAGE = "/famille/quotient/"
TYPED = {
    "birth_name": "LEFEBVRE",
    "first_names": "ALEXIS",
    "birth_date": "1982-12-27",
    "sex": "F",
    "place": "08480",
    "agreed": "on",
}


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.home_ = self.home("Durand", "Alexis")
        self.other = self.adult(self.home_, "Dominique", identifier="dominique")
        self.zoe = self.child(self.home_, "Zoé", born=date(2019, 3, 4))
        self.enrolment(self.zoe, self.activity("Mercredis"), self.home_)
        self.quotient(self.home_, "734.00")
        self.stranger = self.home("Petit", "Karim")
        self.office = self.staff("guichet", Role.OFFICE)
        self.director = self.staff("direction", Role.DIRECTOR)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return unescape(answer.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def give(client: Client, **changes: str) -> Any:
    form = client.get(PAGE).context["form"]
    return client.post(PAGE, {**TYPED, "seen": form["seen"].value(), **changes}, follow=True)


def parent(world: Village) -> Client:
    return client_of(world.home_.user)


def waits() -> ChangeRequest:
    return ChangeRequest.objects.get(state="open", kind="caf")


def decide(world: Village, change: ChangeRequest, **answer: str) -> Any:
    client = client_of(world.office)
    url = f"/agents/modifications/{change.pk}/"
    forms = [card.form for card in client.get(url).context["cards"] if card.form]
    shown = {bound.html_name: bound.value() or "" for form in forms for bound in form}
    return client.post(url, {**shown, **{f"{change.pk}-{name}": value for name, value in answer.items()}})


def held() -> list[tuple[str, date, Told, str]]:
    rows = Income.objects.order_by("since", "kind")
    return [(row.kind, row.since, row.told, row.source) for row in rows]


BEFORE = [
    ("quotient", date(2026, 1, 1), Told(IncomeStatus.PROVED, Decimal("734.00")), "attestation de la CAF")
]
ANSWERED = (
    "quotient",
    date(2026, 10, 1),
    Told(IncomeStatus.PROVED, Decimal(900)),
    "CNAF, quotient pour octobre 2026 (API Particulier, le 24/11/2026)",
)


def waits_of(home: Home) -> bool:
    return ChangeRequest.objects.filter(family=home.family, kind="caf", state="open").exists()
