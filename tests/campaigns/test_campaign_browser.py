"""From the wishes to the acceptance in a real browser: a parent on a telephone, without a script, and the
director who runs, verifies and publishes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from marelle.bookings.models import Booking
from marelle.campaigns.models import Campaign
from marelle.campaigns.publishing import answers_go_out
from tests.campaigns.world import ANSWERS, FIRST, IN_WINDOW, OVER, SECOND, Summer
from tests.portal.test_invoices_browser import fits, log_in

pytestmark = pytest.mark.django_db(transaction=True)


def seen(page, axe, name: str) -> None:
    """Nothing to find for axe, nothing too wide, where scripts run (`tests/test_pages.py` looks at the
    parent's pages); kept as a picture where a folder is named."""
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
    if axe is not None:
        assert (axe(page), fits(page)) == ([], True)


def test_wishes_run_published_and_accepted(open_page, axe, time_machine):
    time_machine.move_to(IN_WINDOW)
    world = Summer(places=2)
    world.criterion("residents", label="Habiter le territoire")
    world.criterion("siblings", points=3, label="Un frère ou une sœur inscrit")
    world.campaign.refresh_from_db()
    world.announced()
    parent, rival = world.family("Roy", "Zoé", "Max"), world.family("Blanc", "Léa")
    world.wishes(rival, FIRST, SECOND)
    phone = open_page(width=390, javascript=False)
    log_in(phone, parent.user.identifier)
    phone.goto("/tableau-de-bord/")
    phone.get_by_role("link", name="Été 2027 : donnez vos vœux").click()
    seen(phone, None, "1-pour-qui")
    phone.get_by_role("button", name="CONTINUER").click()
    phone.get_by_label("Semaine du 5 au 9 juillet 2027 · Journée").select_option("1")
    phone.get_by_label("Semaine du 12 au 16 juillet 2027 · Journée").select_option("2")
    seen(phone, None, "2-rangs")
    phone.get_by_role("button", name="ENREGISTRER MES VŒUX").click()
    phone.get_by_text("Vos vœux sont enregistrés").wait_for()
    seen(phone, None, "3-enregistres")

    time_machine.move_to(OVER)
    desk = open_page(width=1280)
    log_in(desk, "direction")
    desk.goto(f"/agents/attribution/{world.campaign.pk}/")
    desk.get_by_label("Le nombre public").fill("4 8 15 16 23")
    seen(desk, axe, "4-tirage")
    desk.get_by_role("button", name="Faire le tirage").click()
    desk.get_by_role("button", name="Lancer la simulation").click()
    desk.get_by_role("button", name="Vérifier").click()
    desk.get_by_text("Le vérificateur n’a rien à redire").wait_for()
    seen(desk, axe, "5-simulation")
    desk.get_by_role("link", name="Les réponses, foyer par foyer").click()
    seen(desk, axe, "6-foyers")
    desk.get_by_role("link", name="Roy").click()
    seen(desk, axe, "7-foyer")
    desk.goto(f"/agents/attribution/{world.campaign.pk}/")
    desk.get_by_role("button", name="Publier les réponses").click()
    desk.get_by_text("C’est publié").wait_for()
    assert Campaign.objects.get().state == "published"
    while answers_go_out(now=OVER):
        pass
    desk.reload()
    seen(desk, axe, "8-publiee")

    time_machine.move_to(ANSWERS)
    phone.context.clear_cookies()
    log_in(phone, parent.user.identifier)
    phone.goto("/tableau-de-bord/")
    phone.get_by_role("link", name="Été 2027 : des places vous sont accordées").click()
    seen(phone, None, "9-recepisse")
    phone.get_by_role("button", name="J’accepte").click()
    phone.get_by_text("C’est réservé").wait_for()
    seen(phone, None, "10-accepte")
    mine = Booking.objects.filter(family=parent.family)
    assert {(row.child.first_name, row.state) for row in mine} == {("Zoé", "booked"), ("Max", "booked")}
