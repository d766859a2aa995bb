"""Two agents on one page of settings: the second reads what the first wrote, and writes over it knowingly."""

from __future__ import annotations

from datetime import datetime
from html import unescape

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.flows.actor.actors import actor_for
from marelle.messaging.models import News, Thread
from marelle.messaging.publishing import Words, news_write
from tests.care import asked
from tests.forms import form_with
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
TREASURY = {
    "address": "1 place du Marché",
    "how_to_pay": "Par chèque.",
    "signatory": "Agnès Aubry",
    "signatory_capacity": "présidente",
}


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.agent = self.staff("guichet", Role.OFFICE)
        self.first, self.second = Client(), Client()
        self.first.force_login(self.staff("nadege", Role.OFFICE))
        self.second.force_login(self.agent)

    def news(self) -> News:
        words = Words(self.the_structure.pk, None, "Menus", "Les menus de mai.", None)
        return news_write(actor=actor_for(self.agent), words=words, publish=True, now=NOW)

    def page(self, name: str) -> str:
        settings, authority = "/agents/reglages/", self.the_authority.pk
        if name == "news":
            return f"/agents/actualites/{self.news().pk}/"
        if name == "consent":
            return f"{settings}autorisations/{asked(self.the_authority).pk}/"
        return {
            "authority": f"{settings}collectivite/{authority}/",
            "delays": f"{settings}conservation/",
            "look": f"{settings}apparence/",
            "treasury": f"/agents/factures/tresorerie/{authority}/",
        }[name]


def text(answer) -> str:
    return answer.content.decode()


def value(page: str, field: str) -> str:
    return form_with(page, field).inputs[field].values[0]


@pytest.mark.parametrize(
    ("name", "field", "before", "first", "second"),
    [
        ("consent", "label", {}, "Photos de groupe", "Photos au journal"),
        ("authority", "host_name", {}, "Hébergeur du Val", "Hébergeur d’Arelle"),
        ("delays", "acts", {}, "48", "60"),
        ("look", "short_name", {}, "Arelle", "Le Val"),
        ("treasury", "name", TREASURY, "Trésorerie d’Arelle", "Trésorerie du Val"),
        ("news", "text", {}, "Les menus de juin.", "Les menus de mai et de juin."),
    ],
)
def test_the_second_is_told_what_the_first_wrote(name, field, before, first, second):
    world = Village()
    page = world.page(name)
    shown = form_with(text(world.second.get(page)), field).data() | before
    assert world.first.post(page, {**shown, field: first}).status_code == 302
    stale = text(world.second.post(page, {**shown, field: second}))
    assert "Il y a maintenant" in stale
    assert first in unescape(stale)
    assert value(stale, field) == second
    assert value(text(world.first.get(page)), field) == first
    assert world.second.post(page, form_with(stale, field).data()).status_code == 302
    assert value(text(world.second.get(page)), field) == second


def test_a_delay_that_a_colleague_did_not_touch_is_kept():
    world = Village()
    page = world.page("delays")
    shown = form_with(text(world.second.get(page)), "acts").data()
    world.first.post(page, {**shown, "acts": "48"})
    world.second.post(page, {**shown, "mails": "20"})
    found = form_with(text(world.first.get(page)), "acts").inputs
    assert [found[name].values for name in ("acts", "mails")] == [["48"], ["20"]]


def test_an_exchange_given_by_a_colleague_is_not_given_to_another_without_a_word():
    world = Village()
    home = world.home("Durand", "Camille")
    thread = Thread.objects.create(
        family=home.family, structure=world.the_structure, subject="Bonnet", opened_at=NOW, last_at=NOW
    )
    page = f"/agents/messages/{thread.pk}/"
    form = form_with(text(world.second.get(page)), "agent")
    other, *_more = (key for key in form.inputs["agent"].offered if key not in {"", str(world.agent.pk)})
    world.first.post(form.action, {**form.data(), "agent": other})
    told = text(world.second.post(form.action, {**form.data(), "agent": world.agent.pk}, follow=True))
    thread.refresh_from_db()
    assert f"à qui cet échange est confié : {thread.assigned_to}." in unescape(told)
    assert str(thread.assigned_to_id) == other
    again = form_with(told, "agent").data()
    world.second.post(form.action, {**again, "agent": world.agent.pk})
    thread.refresh_from_db()
    assert thread.assigned_to_id == world.agent.pk
