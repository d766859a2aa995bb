"""« Contester cette ligne » in a real browser: by keyboard, accessible, never too wide."""

from __future__ import annotations

import pytest
import time_machine

from marelle.billing.contests import contest_refuse
from marelle.billing.models import Contest
from marelle.core.actor import Role
from tests.flows.bills.billed import FIRST, NOW, SECOND
from tests.flows.bills.test_contests import WHY, Contested
from tests.portal.test_invoices_browser import fits, log_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_a_parent_contests_and_the_office_reads_it(open_page, axe, width):
    with time_machine.travel(NOW):
        world = Contested()
        office = world.staff("guichet", Role.OFFICE, authority=world.the_authority)
        contest_refuse(actor=world.bursar, contest_id=world.contests(FIRST).pk, reason="Pointée.", now=NOW)
        page = open_page(width=width)
        log_in(page, world.roy.user.identifier)
        page.goto(f"/factures/{world.bill.pk}/")
        assert (axe(page), fits(page)) == ([], True)
        page.get_by_role("link", name="Contester cette ligne").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/contester/**")
        assert (axe(page), fits(page)) == ([], True)
        page.locator(f'input[value="{SECOND}"]').focus()
        page.keyboard.press("Space")
        page.get_by_label("Pourquoi ?").fill(WHY)
        page.get_by_role("button", name="ENVOYER").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/contester/" not in url)
        assert (axe(page), fits(page)) == ([], True)
        row = Contest.objects.get(state="open")
        assert row.days == [SECOND.isoformat()]
        desk = open_page(width=width)
        log_in(desk, office.identifier)
        desk.goto(f"/agents/contestations/{row.pk}/")
        assert (axe(desk), fits(desk)) == ([], True)
