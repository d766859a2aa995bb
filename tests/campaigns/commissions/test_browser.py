"""A commission in a real browser: an agent prepares it, has it sit, decides, sends; a parent reads why on a
telephone, and accepts."""

from __future__ import annotations

import pytest

from marelle.campaigns.models import Commission, CommissionSheet
from marelle.relay.models import CareRequest
from tests.campaigns.commissions.world import NOW, SITS, Sitting
from tests.campaigns.test_campaign_browser import seen
from tests.portal.test_invoices_browser import log_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_prepared_sat_sent_and_accepted(open_page, axe, time_machine):
    time_machine.move_to(NOW)
    world = Sitting()
    Commission.objects.all().delete()
    home = world.home("Roy")
    mine = world.demand("Camille Roy", home=home, days=(0, 1))
    other = world.demand("Clara Weiss")
    desk = open_page(width=1280)
    log_in(desk, "relais")
    desk.goto("/agents/commissions/")
    desk.get_by_role("link", name="Préparer une commission").click()
    desk.get_by_label("Nom", exact=True).fill("Rentrée 2027")
    desk.get_by_label("Jour de la séance").fill("2027-03-22")
    desk.get_by_label("Nombre public utilisé").fill("Loto de la veille")
    seen(desk, axe, "c1-nouvelle")
    desk.get_by_role("button", name="ENREGISTRER").click()
    desk.get_by_role("link", name="Ajouter des places").click()
    desk.get_by_label("Section").fill("Grands")
    desk.get_by_label("Âge à l’entrée, depuis (mois)").fill("12")
    desk.get_by_label("Âge à l’entrée, jusqu’à (mois)").fill("36")
    desk.get_by_label("Places à partir du").fill("2027-08-30")
    for day in ("lundi", "mardi"):
        desk.get_by_label(f"Places le {day}").fill("1")
    seen(desk, axe, "c2-places")
    desk.get_by_role("button", name="ENREGISTRER").click()
    desk.get_by_role("link", name="Ajouter un critère").click()
    desk.get_by_label("Ce que les familles lisent").fill("Parent isolé")
    desk.get_by_label("Ce qui le prouve").fill("Attestation de la CAF")
    desk.get_by_role("button", name="ENREGISTRER").click()
    desk.get_by_role("link", name="Choisir les demandes").click()
    desk.get_by_label("Camille Roy").check()
    desk.get_by_label("Clara Weiss").check()
    seen(desk, axe, "c3-demandes")
    desk.get_by_role("button", name="ENREGISTRER").click()
    desk.get_by_text("La commission regarde 2 demandes").wait_for()
    desk.get_by_role("link", name="Bébé Clara").click()
    desk.get_by_label("Parent isolé").fill("Attestation du 2 mars")
    seen(desk, axe, "c4-fiche")
    desk.get_by_role("button", name="ENREGISTRER").click()
    seen(desk, axe, "c5-prete")

    time_machine.move_to(SITS)
    log_in(desk, "relais") if desk.goto("/agents/commissions/") and "connexion" in desk.url else None
    row = Commission.objects.get()
    desk.goto(f"/agents/commissions/{row.pk}/")
    desk.get_by_label("Le nombre public").fill("4 8 15 16 23")
    desk.get_by_role("button", name="Faire le classement").click()
    desk.get_by_text("vérifié par un autre programme").first.wait_for()
    desk.get_by_role("link", name="Dire qui siège").click()
    desk.get_by_label("Ont siégé").fill("Nadège Courtin, vice-présidente")
    desk.get_by_role("button", name="ENREGISTRER").click()
    seen(desk, axe, "c6-classement")
    sheet, theirs = CommissionSheet.objects.get(request=mine), CommissionSheet.objects.get(request=other)
    assert (theirs.outcome, sheet.outcome) == ("given", "waiting")
    for pk, decision, reason in (
        (theirs.pk, "Refusée", "Une autre solution est trouvée"),
        (sheet.pk, "Place proposée", "La place est libre"),
    ):
        desk.goto(f"/agents/commissions/fiches/{pk}/")
        desk.get_by_label(decision).check()
        desk.get_by_label("Raison, que la famille lira").fill(reason)
        seen(desk, axe, f"c7-decision-{pk}")
        desk.get_by_role("button", name="Décider").click()
        desk.get_by_text("La décision est enregistrée").wait_for()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Procès-verbal, avec les noms").click()
    assert download.value.suggested_filename == f"proces-verbal-{row.pk}.pdf"
    desk.get_by_role("button", name="Envoyer les réponses").click()
    desk.get_by_text("Les réponses sont parties").first.wait_for()
    seen(desk, axe, "c8-envoyee")

    phone = open_page(width=390, javascript=False)
    log_in(phone, home.user.identifier)
    phone.goto("/guichet-unique/mes-demandes/")
    phone.get_by_text("À accepter, ou à rendre, jusqu’au jeudi 1").wait_for()
    phone.get_by_text("le vôtre était le 2").wait_for()
    seen(phone, None, "c9-recepisse")
    assert "Weiss" not in phone.content()
    phone.get_by_role("button", name="J’accepte").click()
    phone.get_by_text("La place est à vous").wait_for()
    seen(phone, None, "c10-acceptee")
    assert CareRequest.objects.get(pk=mine.pk).state == "found"
