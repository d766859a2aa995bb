"""An activity that a director keeps, and what its pages say."""

from __future__ import annotations

from datetime import datetime
from html import unescape

from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from tests.scenario import Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
HERE = "/agents/activites/"


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.wednesdays = self.activity("Mercredis", years=(3, 11))
        self.small = self.group(self.wednesdays, "3–5 ans", (3, 5))
        self.morning = self.slot(self.wednesdays, capacity=24)
        self.rule(self.wednesdays)
        self.director = self.logged("direction", Role.DIRECTOR)
        self.page = f"{HERE}{self.wednesdays.pk}/"

    def logged(self, name: str, role: Role) -> Client:
        client = Client()
        client.force_login(self.staff(name, role))
        return client


def text(response) -> str:
    return unescape(response.content.decode()).replace("\u00a0", " ")


def seen(response) -> str:
    return unescape(response.content.decode().split('name="seen" value="')[1].split('"', maxsplit=1)[0])
