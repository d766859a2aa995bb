"""« Contester cette ligne »: from the bill to the answer, by plain forms."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest
from django.test import Client

from marelle.billing.contests import contest_accept, contest_refuse, contests_to_withdraw
from marelle.billing.models import Contest, Invoice
from tests.flows.bills.billed import FIRST, NOW, SECOND
from tests.flows.bills.test_contests import WHY, Contested
from tests.standing import built_once

pytestmark = pytest.mark.django_db


def client_of(home) -> Client:
    client = Client()
    client.force_login(home.user)
    return client


def plain(content: bytes) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


def page_of(world: Contested) -> str:
    return client_of(world.roy).get(f"/factures/{world.bill.pk}/").content.decode()


def url_of(world: Contested) -> str:
    return f"/factures/{world.bill.pk}/contester/{world.line.pk}/"


built = built_once(Contested, now=NOW)


@pytest.fixture
def world(built, db) -> Contested:
    return deepcopy(built)


def test_a_line_is_contested_from_its_bill_which_then_says_so(world):
    client, url = client_of(world.roy), url_of(world)
    assert f'href="{url}"' in page_of(world)
    assert client.get(url).status_code == 200
    answer = client.post(url, {"days": [FIRST.isoformat(), SECOND.isoformat()], "words": WHY})
    assert answer.headers["Location"] == f"/factures/{world.bill.pk}/#ligne-{world.line.pk}"
    row = Contest.objects.get()
    assert (row.days, row.words) == ([FIRST.isoformat(), SECOND.isoformat()], WHY)
    told = plain(page_of(world).encode())
    assert "contestée Les 4 et 18 novembre 2026 : votre message du" in told
    assert f'href="{url}"' in page_of(world), "of the third day"


def test_what_was_typed_stays_when_it_is_refused(world):
    client, url = client_of(world.roy), url_of(world)
    page = client.post(url, {"days": [], "words": WHY}).content.decode()
    assert WHY in page
    assert "Cochez au moins un jour." in page
    page = client.post(url, {"days": [SECOND.isoformat()], "words": ""}).content.decode()
    assert re.search(rf'value="{SECOND}"[^>]* checked', page)
    assert "c’est ce que l’agent lira" in page
    page = client.post(url, {"days": ["2026-11-19", "demain"], "words": WHY}).content.decode()
    assert WHY in page
    page = client.post(url, {"days": [SECOND.isoformat()], "words": "a" * 1_001}).content.decode()
    assert "a" * 1_001 in page
    assert not Contest.objects.exists()


def test_the_home_reads_the_answer_on_its_bill(world):
    contest_accept(actor=world.bursar, contest_id=world.contests(FIRST).pk, words="D’accord.", now=NOW)
    contest_refuse(actor=world.bursar, contest_id=world.contests(SECOND).pk, reason="Pointée.", now=NOW)
    told = plain(page_of(world).encode())
    assert "plus due Le 4 novembre 2026 : ce n’est plus dû" in told
    assert "Réponse : « D’accord. »" in told
    assert "contestation non retenue Le 18 novembre 2026 : ce qui est facturé reste dû" in told
    assert "Réponse : « Pointée. »" in told


def withdraw_url(row: Contest) -> str:
    return f"/factures/{row.line.invoice_id}/contestations/{row.pk}/retirer/"


def test_it_is_taken_back_from_the_bill_while_it_waits(world):
    row = world.contests(SECOND)
    page, url = page_of(world), withdraw_url(row)
    assert f'action="{url}"' in page
    assert "data-confirm" in page
    assert "Retirer ma contestation : le 18 novembre 2026" in plain(page.encode())
    client = client_of(world.roy)
    assert url not in client.get(url_of(world)).content.decode(), "what is typed there would be lost"
    assert client.get(url).status_code == 405
    answer = client.post(url)
    assert answer.headers["Location"] == f"/factures/{world.bill.pk}/#ligne-{world.line.pk}"
    page = page_of(world)
    told = plain(page.encode())
    assert "Votre contestation est retirée" in plain(client.get(f"/factures/{world.bill.pk}/").content)
    assert "contestation retirée Le 18 novembre 2026 : vous avez retiré votre contestation le" in told
    assert url not in page
    assert client.get(url_of(world)).content.decode().count(f'value="{SECOND}"') == 1, "to contest again"


def test_an_answer_that_came_first_is_told_to_who_takes_it_back(world):
    row = world.contests(SECOND)
    contest_accept(actor=world.bursar, contest_id=row.pk, now=NOW)
    assert withdraw_url(row) not in page_of(world)
    told = plain(client_of(world.roy).post(withdraw_url(row), follow=True).content)
    assert f"{world.bursar.label} a déjà accepté cette demande" in told
    row.refresh_from_db()
    assert row.state == "accepted"


def test_a_contest_of_another_home_is_not_found(world):
    row = world.contests(SECOND)
    assert client_of(world.home("Blanc")).post(withdraw_url(row)).status_code == 404
    row.refresh_from_db()
    assert row.state == "open"


def test_who_reads_the_bill_of_a_former_home_is_offered_nothing(world):
    row = world.contests(SECOND)
    assert contests_to_withdraw(world.roy.actor, world.bill, [row]) == {row.pk}
    assert not contests_to_withdraw(world.home("Blanc").actor, world.bill, [row])


def test_what_may_not_be_contested_has_no_link_and_no_page(world):
    other = world.home("Blanc")
    assert client_of(other).get(url_of(world)).status_code == 404
    elsewhere = f"/factures/{world.bill.pk}/contester/{world.line.pk + 1}/"
    assert client_of(world.roy).get(elsewhere).status_code == 404
    Invoice.objects.update(run=None)
    assert client_of(world.roy).get(url_of(world)).status_code == 404
    assert "contester/" not in page_of(world)


def test_a_line_all_of_whose_days_are_contested_says_so(world):
    for day in world.line.days:
        world.contests(type(FIRST).fromisoformat(day))
    assert "Chaque jour de cette ligne" in client_of(world.roy).get(url_of(world)).content.decode()
    assert f'href="{url_of(world)}"' not in page_of(world)
