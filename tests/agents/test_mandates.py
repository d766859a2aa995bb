"""« Prélèvement »: a mandate on paper, seen by another agent; the list of those that wait."""

from __future__ import annotations

import re
from copy import deepcopy
from html import unescape

import pytest
from django.test import Client

from marelle.billing.models import Mandate
from marelle.core.actor import Role
from marelle.flows.actor.actors import actor_for
from marelle.flows.desk.cases import MANDATE, waiting_counts
from tests.billing.mandates.held import IBAN, NOW, OTHER, Debited
from tests.papers.files import pdf
from tests.standing import built_once

pytestmark = pytest.mark.django_db

WAITING = "/agents/factures/prelevement/"
SAID = {
    "holder": "Camille Durand", "street": "4 rue du Lavoir", "postal_code": "21999", "city": "Arelle",
    "country": "", "iban": IBAN, "bic": "AGRIFRPP882", "rum": "ANCIEN-12", "signed_on": "2026-11-20",
}  # fmt: skip


built = built_once(Debited, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Debited:
    time_machine.move_to(NOW)
    return deepcopy(built)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer) -> str:
    plain = re.sub(r"<[^>]+>", " ", unescape(answer.content.decode()))
    return re.sub(r"[\s\u00a0]+", " ", plain)


def page(world) -> str:
    return f"/agents/factures/foyers/{world.durand.family.pk}/prelevement/"


def sends(world, client, **said: object):
    seen = client.get(page(world)).context["form"].initial["seen"]
    return client.post(page(world), {**SAID, "seen": seen, "scan": pdf(), **said})


def test_typed_by_one_seen_by_another(world):
    line, agnes = client_of(world.line), client_of(world.agnes)
    assert sends(world, line).status_code == 302
    row = Mandate.objects.get()
    assert (row.rum, row.state) == ("ANCIEN-12", "waiting")
    its = f"{page(world)}{row.pk}/"
    assert its in agnes.get(WAITING).content.decode()
    assert line.get(f"{its}papier/").getvalue().startswith(b"%PDF")
    assert "une autre personne le vérifie" in text(line.get(its))
    assert "une autre personne le vérifie" in text(line.post(its, {"act": "check", "iban": IBAN}))
    wrong = agnes.post(its, {"act": "check", "iban": OTHER})
    assert "l’un des deux est mal recopié" in text(wrong)
    assert f'value="{OTHER}"' in wrong.content.decode()
    assert IBAN not in agnes.get(its).content.decode()
    assert agnes.post(its, {"act": "check", "iban": IBAN.lower()}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.checked_by) == ("active", str(world.agnes))
    assert its not in agnes.get(WAITING).content.decode()


def test_refused_then_ended_each_with_its_reason(world):
    line, agnes = client_of(world.line), client_of(world.agnes)
    sends(world, line)
    row = Mandate.objects.get()
    its = f"{page(world)}{row.pk}/"
    assert "obligatoire" in text(agnes.post(its, {"act": "refuse", "reason": ""}))
    assert agnes.post(its, {"act": "refuse", "reason": "Sans signature"}).status_code == 302
    assert "Sans signature" in text(agnes.get(its))
    live = world.accepts()
    path = f"{page(world)}{live.pk}/"
    assert agnes.post(path, {"act": "end", "reason": "Compte clos"}).status_code == 302
    assert "déjà arrêté" in text(agnes.post(path, {"act": "end", "reason": "Encore"}))
    assert agnes.post(path, {"act": "autre", "reason": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"iban": IBAN[:-1]}, "iban"),
        ({"bic": "x"}, "bic"),
        ({"rum": "é"}, "rum"),
        ({"signed_on": "2026-12-24"}, "signed_on"),
        ({"scan": ""}, "scan"),
        ({"holder": ""}, "holder"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(world, said, field):
    answer = sends(world, client_of(world.line), **said)
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["street"].value() == "4 rue du Lavoir"
    assert not Mandate.objects.exists()


def test_of_two_pages_the_second_is_told(world):
    line = client_of(world.line)
    seen = line.get(page(world)).context["form"].initial["seen"]
    sends(world, line)
    answer = line.post(page(world), {**SAID, "rum": "", "seen": seen, "scan": pdf()})
    assert "ont changé entre-temps" in text(answer)
    assert "ont changé entre-temps" in text(sends(world, line, rum="", seen="x,é,99999999999999999999"))
    assert Mandate.objects.count() == 1


def test_without_an_identifier_of_the_creditor_it_says_where_to_set_it(world):
    world.terms.ics = ""
    world.terms.save()
    line = client_of(world.line)
    assert "réglages de l’envoi au Trésor" in text(line.get(page(world)))
    path = f"/agents/factures/tresor/reglages/{world.the_authority.pk}/"
    form = line.get(path).context["form"]
    sent = {bound.html_name: bound.value() or "" for bound in form}
    assert "n’est pas juste" in text(line.post(path, {**sent, "ics": "FR73ZZZ123456"}))
    assert line.post(path, {**sent, "ics": "fr72 zzz 123456"}).status_code == 302
    world.terms.refresh_from_db()
    assert world.terms.ics == "FR72ZZZ123456"


def badge(client: Client, path: str = WAITING) -> tuple[str, str, str]:
    """Beside « À traiter », « Facturation » and « Mandats à vérifier »."""
    shell = client.get(path).context["shell"]
    found = {str(one.label): one.badge for one in (*shell.menu, *shell.tabs)}
    return found["À traiter"], found["Facturation"], found["Mandats à vérifier"]


def test_a_mandate_that_waits_is_counted_for_the_second_person(world, count_queries):
    line, agnes = client_of(world.line), client_of(world.agnes)
    assert badge(agnes) == ("", "", "")
    row = world.notes()
    actor = actor_for(world.agnes)
    with count_queries(1):
        assert waiting_counts(actor) == {MANDATE: 1}
    assert badge(agnes) == ("", "1", "1")
    assert badge(line) == ("", "", ""), "who typed it is not the second"
    stranger = world.staff("ailleurs", Role.OFFICE, authority=world.authority("Ailleurs"))
    assert badge(client_of(stranger)) == ("", "", "")
    assert badge(client_of(world.staff("admin", Role.ADMINISTRATOR))) == ("", "1", "1")
    Mandate.objects.filter(pk=row.pk).update(state="active", started_at=NOW)
    assert badge(agnes) == ("", "", "")


def test_another_office_reaches_none(world):
    row = world.notes()
    elsewhere = world.authority("Ailleurs")
    stranger = client_of(world.staff("ailleurs", Role.OFFICE, authority=elsewhere))
    for path in (f"{page(world)}{row.pk}/", f"{page(world)}{row.pk}/papier/"):
        assert stranger.get(path).status_code == 404
    assert row.rum not in text(stranger.get(WAITING))
