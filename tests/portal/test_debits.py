"""« Prélèvement automatique »: a home reads the mandate, shows again who it is, accepts it, stops it."""

from __future__ import annotations

import logging
import re
from copy import deepcopy
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from marelle.accounts.models import Attempt
from marelle.billing.models import Mandate
from marelle.journal.models import Entry
from marelle.mail.models import Message
from tests.billing.mandates.held import IBAN, NOW, OTHER, Debited
from tests.scenario import PASSWORD
from tests.standing import built_once

pytestmark = pytest.mark.django_db

HOME = "/factures/prelevement/"
SPACED = "fr14 2004 1010 0505 0001 3M02 606"
SAID = {
    "holder": "Camille Durand", "street": "4 rue du Lavoir", "postal_code": "21999", "city": "Arelle",
    "country": "", "iban": SPACED, "bic": "agrifrpp882",
}  # fmt: skip


built = built_once(Debited, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Debited:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def text(answer) -> str:
    plain = re.sub(r"<[^>]+>", " ", unescape(answer.content.decode()))
    return re.sub(r"[\s\u00a0]+", " ", plain)


def form(world) -> str:
    return f"{HOME}{world.the_authority.pk}/"


def shown(world, parent, **said: str):
    answer = parent.post(form(world), {**SAID, **said})
    assert answer.status_code == 200
    return answer


def accepted(world, parent, page, **said: str):
    offer = page.context["form"].initial.get("offer") or page.context["form"].data["offer"]
    sent = {"offer": offer, "agreed": "on", "present": PASSWORD, **said}
    return parent.post(f"{form(world)}accepter/", sent, follow=True)


def test_the_mandate_is_read_whole_then_accepted_with_the_password(world, parent):
    assert HOME in parent.get("/factures/").content.decode()
    assert "Mettre en place" in text(parent.get(HOME))
    page = shown(world, parent)
    assert "IBAN FR14 2004 1010 0505 0001 3M02 606" in text(page)
    for told in ("13 mois", "FR72ZZZ123456", "IBAN finissant par 2606"):
        assert told in text(page)
    assert not Mandate.objects.exists()
    done = accepted(world, parent, page)
    row = Mandate.objects.get()
    assert row.state == "active"
    assert "compte finissant par 2606" in text(done)
    read = parent.get(f"{HOME}mandats/{row.pk}/")
    assert row.rum in text(read)
    assert unescape(row.text.split("\n\n", maxsplit=1)[0]) in text(read)
    for seen in (done, read):
        assert "2004" not in seen.content.decode()


def test_a_wrong_password_keeps_what_was_typed_and_is_counted(world, parent, settings):
    settings.ATTEMPTS_PER_ACCOUNT = 3
    page = shown(world, parent)
    answer = accepted(world, parent, page, present="faux")
    assert "Ce n’est pas votre mot de passe actuel" in text(answer)
    assert "0505 0001 3M02 606" in text(answer)
    assert not Mandate.objects.exists()
    for _try in range(2):
        accepted(world, parent, page, present="faux")
    assert accepted(world, parent, page).status_code == 429
    Attempt.objects.all().delete()
    assert "Votre mandat est enregistré" in text(accepted(world, parent, answer))


def test_the_box_is_asked_for(world, parent):
    answer = accepted(world, parent, shown(world, parent), agreed="")
    assert "Cochez cette case" in text(answer)
    assert not Mandate.objects.exists()


def test_once_recognised_it_is_so_for_some_minutes(world, parent, time_machine):
    accepted(world, parent, shown(world, parent))
    assert "present" not in shown(world, parent, iban=OTHER).context["form"].fields
    time_machine.move_to(NOW.replace(minute=11))
    page = shown(world, parent, iban=OTHER)
    assert "present" in page.context["form"].fields
    answer = accepted(world, parent, page, present="")
    assert "obligatoire" in text(answer)
    assert Mandate.objects.count() == 1


def test_another_account_waits_and_may_be_taken_back(world, parent):
    accepted(world, parent, shown(world, parent))
    accepted(world, parent, shown(world, parent, iban=OTHER))
    assert "Un agent doit encore vérifier" in text(parent.get(HOME))
    waits = Mandate.objects.get(state="waiting")
    parent.post(f"{HOME}mandats/{waits.pk}/arreter/")
    active = Mandate.objects.get(state="active")
    assert "ARRÊTER" in text(parent.get(f"{HOME}mandats/{active.pk}/arreter/"))
    answer = parent.post(f"{HOME}mandats/{active.pk}/arreter/", follow=True)
    assert "Le prélèvement est arrêté" in text(answer)
    again = parent.post(f"{HOME}mandats/{active.pk}/arreter/", follow=True)
    assert "déjà arrêté" in text(again)


@pytest.mark.parametrize(
    ("iban", "told"),
    [
        (IBAN[:-1], "Il manque des signes"),
        (IBAN[:-1] + "7", "mal recopié"),
        ("BR1800000000141455123924100C2", "zone SEPA"),
        ("12 34 56 78", "deux lettres"),
        ("", "obligatoire"),
        ("F" * 10_240, "60 caractères"),
    ],
)
def test_what_is_no_iban_is_told_at_its_field_and_stays(world, parent, caplog, iban, told):
    with caplog.at_level(logging.DEBUG):
        page = shown(world, parent, iban=iban)
    assert told in " ".join(page.context["form"].errors["iban"])
    assert list(page.context["form"].errors) == ["iban"]
    assert iban in page.content.decode()
    assert not iban or iban not in caplog.text


def test_a_bank_that_is_none_is_told_at_its_field(world, parent):
    assert list(shown(world, parent, bic="AGRI").context["form"].errors) == ["bic"]


def test_the_account_is_nowhere_in_the_clear(world, parent, caplog):
    with caplog.at_level(logging.DEBUG):
        accepted(world, parent, shown(world, parent))
    held = [
        *(str(row) for row in Session.objects.values_list("session_data")),
        *(str(row) for row in Entry.objects.values()),
        *(str(row) for row in Message.objects.values()),
        caplog.text,
    ]
    assert not any("0505" in one or "3M02" in one for one in held)
    session = parent.session
    assert "iban" not in str(dict(session)).lower()


def test_of_two_tabs_the_second_is_told(world, parent):
    first, second = shown(world, parent), shown(world, parent, iban=OTHER)
    accepted(world, parent, first)
    answer = accepted(world, parent, second)
    assert "Ce mandat n’est plus celui que vous aviez lu" in text(answer)
    assert Mandate.objects.count() == 1


def test_the_other_home_of_a_child_sees_nothing(world, parent):
    accepted(world, parent, shown(world, parent))
    row = Mandate.objects.get()
    martin = world.home("Martin", "Nora")
    world.shared(world.zoe, world.durand, martin)
    other = Client()
    other.force_login(martin.user)
    assert row.rum not in text(other.get(HOME))
    for path in (f"{HOME}mandats/{row.pk}/", f"{HOME}mandats/{row.pk}/arreter/"):
        assert other.get(path).status_code == 404
        assert other.post(path).status_code in (404, 405)


def test_without_a_key_it_is_said_and_nothing_is_kept(world, parent, settings):
    settings.SEALING_KEYS = ()
    page = shown(world, parent)
    assert "pour le moment" in text(page)
    assert not Mandate.objects.exists()


def test_an_authority_that_debits_nothing_offers_nothing(world, parent):
    world.terms.ics = ""
    world.terms.save()
    assert "n’est pas proposé" in text(parent.get(HOME))
    assert parent.get(form(world)).status_code == 404
    assert HOME not in parent.get("/factures/").content.decode()


def test_an_agent_in_its_name_reads_and_accepts_nothing(world, parent):
    accepted(world, parent, shown(world, parent))
    row = Mandate.objects.get()
    office = Client()
    office.force_login(world.line)
    office.post(f"/agents/familles/{world.durand.family.pk}/agir/")
    page = office.get(HOME)
    assert row.rum in text(page)
    assert "Changer de compte" not in text(page)
    assert office.get(form(world)).status_code == 404
    assert office.post(f"{HOME}mandats/{row.pk}/arreter/").status_code == 404
