"""« Relances »: what an office reads, unticks and sends; steps and delays."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client

from marelle.billing.models import Deferral, ImportRun, Reminder, ReminderRun, ReminderStep
from marelle.core.actor import Role
from marelle.families.models import Member, Person, Residence
from marelle.mail.models import Message
from marelle.places.models import Post
from tests.billing.pdf_text import text_of
from tests.billing.reminders.late import NOW, TODAY, Late
from tests.standing import built_once

pytestmark = pytest.mark.django_db

PAGE = "/agents/factures/relances/"
SEND = f"{PAGE}envoi/"


built = built_once(Late, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Late:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def office(world, client) -> Client:
    client.force_login(world.guichet)
    return client


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def paid_until(world: Late, days: int) -> None:
    ImportRun.objects.create(
        authority=world.the_authority, kind="payments", file_name="p.csv", sha256="0" * 64, prepared_at=NOW,
        prepared_by="Line", done_at=NOW - timedelta(days=days), done_by="Line",
    )  # fmt: skip


def leaves(office: Client, world: Late, *keys: str):
    return office.post(SEND, {"collectivite": world.the_authority.pk, "foyer": keys})


def confirmed(office: Client, world: Late, page):
    found = re.search(r'name="seen" value="([^"]*)"', page.content.decode())
    assert found
    return office.post(SEND, {"collectivite": world.the_authority.pk, "seen": found[1]}, follow=True)


def test_who_is_late_is_read_then_sent_then_printed(world, office):
    durand, martin = world.late(total="123.45"), world.home("Martin", "Julie")
    world.late(martin, days=40)
    martin.adult.email = ""
    martin.adult.save()
    keys = [f"f{world.durand.family.pk}", f"f{martin.family.pk}"]
    page = office.get(PAGE)
    told = text(page)
    assert "2 foyers et payeurs, 163,45 €" in told
    assert "Durand 1 facture en retard, 123,45 € · par courriel Rappel 15" in told
    assert "Martin 1 facture en retard, 40,00 € · par lettre Personne du foyer" in told
    assert all(f'value="{key}" checked' in page.content.decode() for key in keys)
    leaving = leaves(office, world, *keys)
    assert "1 par courriel et 1 par lettre" in text(leaving)
    assert not Reminder.objects.exists()
    Residence.objects.filter(family=martin.family).delete()
    answer = confirmed(office, world, leaving)
    told = text(answer)
    assert "Les relances sont envoyées." in told
    assert told.count("n’a pas d’adresse") == 1
    assert "Imprimer les lettres" in told
    run = ReminderRun.objects.get()
    assert answer.request["PATH_INFO"] == f"{PAGE}envois/{run.pk}/"
    pdf = office.get(f"{PAGE}envois/{run.pk}/lettres/1/")
    assert pdf["Content-Type"] == "application/pdf"
    assert "Julie Martin" in text_of(pdf.content)
    assert "Durand" not in text_of(pdf.content)
    assert office.get(f"{PAGE}envois/{run.pk}/lettres/2/").status_code == 404
    told = text(office.get(f"/agents/factures/foyers/{durand.family_id}/"))
    assert "Relances : Rappel 15 le 1er décembre 2026" in told
    told = text(office.get(PAGE))
    assert "Personne à relancer aujourd’hui" in told
    assert "Rappel 30, à partir du 16 décembre 2026" in told
    assert "Dernière relance le 1er décembre 2026" in told


def test_a_mail_that_reached_nobody_is_told_and_becomes_a_letter(world, office):
    world.late()
    martin = world.home("Martin", "Julie")
    Person.objects.filter(pk=martin.adult.pk).update(email="")
    world.late(martin)
    told = text(office.get(PAGE))
    assert told.count("une lettre part à sa place") == 1
    assert "Personne du foyer n’a d’adresse de courriel" in told
    run = world.reminded()
    Message.objects.update(state="failed")
    told = text(office.get(PAGE))
    assert "Le courriel n’a pu être remis à personne : une lettre part à sa place." in told
    assert "1 facture en retard, 40,00 € · par lettre" in told
    assert "« Relances » propose une lettre" in text(office.get(f"{PAGE}envois/{run.pk}/"))


def test_a_home_that_is_unticked_is_not_reminded_and_nobody_ticked_says_so(world, office):
    world.late()
    martin = world.home("Martin", "Julie")
    world.late(martin)
    confirmed(office, world, leaves(office, world, f"f{martin.family.pk}"))
    assert [row.family for row in Reminder.objects.all()] == [martin.family]
    answer = office.post(SEND, {"collectivite": world.the_authority.pk}, follow=True)
    assert "Cochez au moins un foyer." in text(answer)


def test_what_changed_before_each_screen_is_left_out_and_told(world, office):
    bill = world.late()
    martin = world.late(world.home("Martin", "Julie"))
    keys = [f"f{bill.family_id}", f"f{martin.family_id}"]
    world.contests(bill)
    leaving = leaves(office, world, *keys)
    assert "1 foyer choisi a changé entre-temps" in text(leaving)
    Deferral.objects.create(
        authority=world.the_authority, family=martin.family, until=TODAY, reason="?", granted_at=NOW,
        granted_by="Line",
    )  # fmt: skip
    told = text(confirmed(office, world, leaving))
    assert "rien n’est parti" in told
    assert not Reminder.objects.exists()
    assert leaves(office, world, *keys).status_code == 302


def test_sent_twice_it_leaves_once(world, office):
    world.late()
    leaving = leaves(office, world, f"f{world.durand.family.pk}")
    confirmed(office, world, leaving)
    told = text(confirmed(office, world, leaving))
    assert "rien n’est parti" in told
    assert Reminder.objects.count() == 1


@pytest.mark.parametrize("seen", ["", "f1", "f1:", ":x", "é", "f1:x f2:y", "x" * 5000])
def test_nonsense_that_was_read_sends_nothing(world, office, seen):
    world.late()
    answer = office.post(SEND, {"collectivite": world.the_authority.pk, "seen": seen})
    assert answer.status_code == 302
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("authority", ["", "0", "x", "9" * 30, "²"])
def test_no_other_authority_is_opened(world, office, authority):
    assert office.post(SEND, {"collectivite": authority, "foyer": "f1"}).status_code == 404


@pytest.mark.parametrize(
    ("known", "told", "warned"),
    [
        (None, "Aucun état des paiements n’est encore importé", True),
        (3, "Paiements connus jusqu’au 28 novembre 2026.", False),
        (8, "C’est ancien : relancer qui a déjà payé fâche.", True),
    ],
)
def test_the_page_warns_when_what_is_paid_is_not_known(world, office, known, told, warned):
    world.late()
    if known is not None:
        paid_until(world, known)
    page = office.get(PAGE)
    assert told in text(page)
    assert ("note warn" in page.content.decode()) is warned
    leaving = leaves(office, world, f"f{world.durand.family.pk}")
    assert (told in text(leaving)) is warned


def test_who_is_held_back_is_told_with_the_reason(world, office):
    contested = world.late()
    world.contests(contested)
    payer = world.payer()
    bill, other = world.late(payer=payer), world.late(payer=payer)
    Deferral.objects.create(
        authority=world.the_authority, payer=payer, until=TODAY + timedelta(days=9), reason="Accord",
        granted_at=NOW, granted_by="Line",
    )  # fmt: skip
    world.in_file(world.late(world.home("Martin", "Julie")), state="rejected")
    told = text(office.get(PAGE))
    assert "Laissés de côté (3)" in told
    assert "laissée de côté : rejetée ou annulée par le Trésor, à renvoyer ou à corriger" in told
    assert f"{contested.number}, laissée de côté : une ligne est contestée, et attend une réponse" in told
    aside = f"{bill.number} et {other.number}, laissées de côté : délai accordé jusqu’au 10 décembre 2026"
    assert aside in told
    assert f"/agents/factures/payeurs/{payer.pk}/" in office.get(PAGE).content.decode()


def test_the_agents_own_homes_are_counted_and_not_named(world, client):
    world.late()
    apart = world.home("Martin", "Julie")
    Member.objects.create(family=apart.family, person=world.zoe, kind="child", since=TODAY)
    world.late(apart)
    run = world.reminded()
    Post.objects.create(user=world.durand.user, role=Role.OFFICE, authority=world.the_authority)
    client.force_login(world.durand.user)
    told = text(client.get(f"{PAGE}?collectivite={world.the_authority.pk}"))
    assert "2 foyers vous sont proches" in told
    assert "Martin" not in told
    told = text(client.get(f"{PAGE}envois/{run.pk}/"))
    assert "Martin" not in told
    assert told.count("Un foyer qui vous est proche") == 2


def test_steps_are_added_with_words_that_are_proposed_changed_and_removed(world, office):
    ReminderStep.objects.all().delete()
    here = f"{PAGE}etapes/{world.the_authority.pk}/"
    assert "personne n’est relancé" in text(office.get(PAGE))
    page = office.get(here).content.decode()
    assert "Premier rappel" in page
    said = {"days": 10, "title": "Un oubli ?", "text": "Bonjour.\r\n\r\nMerci.", "way": "mail"}
    answer = office.post(here, said, follow=True)
    assert "L’étape est ajoutée" in text(answer)
    row = ReminderStep.objects.get()
    assert row.text == "Bonjour.\n\nMerci."
    assert "<p>Bonjour.</p><p>Merci.</p>" in answer.content.decode()
    refused = office.post(here, {**said, "title": "Autre"})
    assert "Une autre étape est déjà prévue ce jour-là." in text(refused)
    assert "Autre" in refused.content.decode()
    one = f"{PAGE}etape/{row.pk}/"
    office.post(one, {**said, "days": 12})
    assert ReminderStep.objects.get().days == 12
    office.post(one, {"remove": "1"})
    assert not ReminderStep.objects.exists()


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("text", "x\x01", "ne s’imprime pas"),
        ("text", "Voir http://arelle.example", "ne s’imprime pas"),
        ("text", "{nom}", "ne s’imprime pas"),
        ("text", "", "obligatoire"),
        ("days", "0", "1"),
        ("days", "366", "365"),
        ("way", "pigeon", "pigeon"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused_and_kept_on_the_page(world, office, name, typed, told):
    said = {"days": 10, "title": "Un oubli ?", "text": "Bonjour.", "way": "mail", name: typed}
    answer = office.post(f"{PAGE}etapes/{world.the_authority.pk}/", said)
    assert answer.status_code == 200
    assert told in text(answer)
    assert "Un oubli ?" in answer.content.decode()
    assert ReminderStep.objects.count() == 3


def test_a_delay_is_granted_read_and_ended(world, office):
    bill = world.late()
    here = f"/agents/factures/foyers/{bill.family_id}/delais/"
    refused = office.post(here, {"until": "2020-01-01", "reason": "Accord"})
    assert "dans les deux ans" in text(refused)
    assert "Accord" in refused.content.decode()
    until = TODAY + timedelta(days=30)
    answer = office.post(here, {"until": until.isoformat(), "reason": "Échéancier"}, follow=True)
    assert "Jusqu’au 31 décembre 2026" in text(answer)
    assert "délai accordé jusqu’au 31 décembre 2026" in text(
        office.get(f"/agents/factures/foyers/{bill.family_id}/")
    )
    row = Deferral.objects.get()
    assert office.post(here, {"end": row.pk + 1}).status_code == 404
    assert "Le délai est arrêté" in text(office.post(here, {"end": row.pk}, follow=True))
    assert "Ce délai est déjà terminé." in text(office.post(here, {"end": row.pk}, follow=True))
    assert Deferral.objects.get().ended_by


def test_a_delay_of_who_pays_is_on_its_own_page(world, office):
    payer = world.payer()
    here = f"/agents/factures/payeurs/{payer.pk}/delais/"
    office.post(here, {"until": TODAY.isoformat(), "reason": "Accord"})
    assert Deferral.objects.get().payer == payer
    assert "Accord" in text(office.get(here))


def test_a_director_reads_of_no_delay_and_no_reminder(world, client):
    world.late()
    world.enrolment(world.zoe, world.activity("Mercredis"), world.durand)
    run = world.reminded()
    Deferral.objects.create(
        authority=world.the_authority, family=world.durand.family, until=TODAY, reason="Surendettement",
        granted_at=NOW, granted_by="Line",
    )  # fmt: skip
    client.force_login(world.staff("direction", Role.DIRECTOR))
    for url in (PAGE, f"{PAGE}envois/{run.pk}/", f"/agents/factures/foyers/{world.durand.family.pk}/delais/"):
        assert client.get(url).status_code == 403
    page = client.get(f"/agents/familles/{world.durand.family.pk}/")
    assert page.status_code == 200
    told = text(page)
    assert "Rappel" not in told
    assert "élai accordé" not in told
