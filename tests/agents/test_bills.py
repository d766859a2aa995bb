"""An office bills a month: it says so, prepares it, looks at it, issues it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from marelle.accounts.models import User
from marelle.billing.models import BillingRun, BillingTerms, Invoice
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, payments_add
from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.sealed import seal
from marelle.families.models import Guardianship, Member, Person
from marelle.flows.bills.working import runs_advance
from marelle.places.models import Post
from tests.flows.bills.billed import FIRST, NOW, SECOND, Billed
from tests.pricing.sheets import MEAL, MORNING

pytestmark = pytest.mark.django_db

MONTHS = "/agents/factures/mois/"


@pytest.fixture
def world(time_machine) -> Billed:
    time_machine.move_to(NOW)
    world = Billed("wednesdays", threshold=Decimal("6.00"))
    for name, slots in (("Roy", (MORNING, MEAL)), ("Blanc", (MORNING,))):
        home = world.home(name)
        if name == "Roy":
            world.quotient(home, "400")
        child = world.enrols(home, "Zoé")
        world.books(child, FIRST, *slots)
        if name == "Roy":
            world.books(child, SECOND, world.whole_day)
    return world


@pytest.fixture
def office(world, client) -> Client:
    client.force_login(world.staff("guichet", Role.OFFICE))
    return client


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain)


def begun(office: Client, **said) -> str:
    answer = office.post(f"{MONTHS}nouveau/", {"month": "11/2026", "issued_on": "2026-12-01", **said})
    assert answer.status_code == 302, text(answer)
    return str(answer.headers["Location"])


def begun_and_worked(office: Client, **said) -> str:
    address = begun(office, **said)
    worked()
    return address


def worked() -> None:
    for _batch in range(6):
        runs_advance(now=NOW)


def test_a_month_is_prepared_looked_at_and_issued(world, office):
    address = begun(office)
    assert "0 foyers sur 2" in text(office.get(address))
    worked()
    page = text(office.get(address))
    assert "prête à vérifier" in page
    assert "Factures 2, pour 26,50 €" in page
    assert "Quotient ou ressources inconnus" in page, "what is to be looked at comes first"
    assert page.index("À vérifier d’abord") < page.index("Émettre 2 factures") < page.index("Totaux")
    assert "Appels qui ne sont pas clos" in page
    home = office.get(re.search(rf'href="({address}foyers/\d+/)"', office.get(address).content.decode())[1])
    assert "Blanc" in text(home)
    assert "les 4" in text(home) or "le 4" in text(home)
    assert not Invoice.objects.exists()
    office.post(address, {"action": "issue"})
    worked()
    page = text(office.get(address))
    assert "émise" in page
    assert [one.total for one in Invoice.objects.order_by("number")] == [Decimal("8.00"), Decimal("18.50")]
    assert "novembre 2026".capitalize() in text(office.get(MONTHS))


def test_the_page_of_a_run_says_what_waits_and_what_has_waited(world, office):
    BillingTerms.objects.update(threshold=Decimal("10.00"))
    address = begun_and_worked(office)
    page = text(office.get(address))
    assert "Factures 1, pour 18,50 €" in page
    assert "Attendent la suivante, sous le seuil 1, pour 8,00 €" in page
    assert "En tout pour ce mois, envoyé ou en attente 26,50 €" in page
    assert "attendait" not in page
    office.post(address, {"action": "issue"})
    worked()
    blanc = Person.objects.get(first_name="Zoé", last_name="Blanc")
    world.books(blanc, date(2026, 12, 2), MORNING)
    page = text(office.get(begun_and_worked(office, month="12/2026")))
    assert "Factures 1, pour 16,00 €" in page
    assert "Dont ce qui attendait depuis un mois d’avant 8,00 €" in page
    assert "En tout pour ce mois, envoyé ou en attente 8,00 €" in page


def test_days_of_a_month_before_say_which(world, office):
    world.books(Person.objects.get(first_name="Zoé", last_name="Blanc"), date(2026, 10, 14), MORNING)
    world.books(Person.objects.get(first_name="Zoé", last_name="Blanc"), date(2026, 10, 7), MORNING)
    address = begun_and_worked(office)
    home = office.get(re.search(rf'href="({address}foyers/\d+/)"', office.get(address).content.decode())[1])
    assert " les 7 et 14 octobre " in text(home)
    assert " le 4 " in text(home)


def test_a_home_that_has_changed_is_told(world, office):
    address = begun(office)
    worked()
    child = Person.objects.get(first_name="Zoé", last_name="Roy")
    world.books(child, date(2026, 11, 25), MORNING)
    office.post(address, {"action": "issue"})
    worked()
    page = text(office.get(address))
    assert "laissés de côté, parce qu’ils ont changé 1" in page
    assert "laissé de côté" in page


def test_it_is_stopped_and_goes_on_where_it_was(world, office):
    address = begun(office)
    office.post(address, {"action": "pause"})
    worked()
    assert "0 foyers sur 2" in text(office.get(address))
    office.post(address, {"action": "resume"})
    worked()
    assert "prête à vérifier" in text(office.get(address))


def test_it_is_given_up_until_it_is_issued(world, office):
    address = begun(office)
    worked()
    said = text(office.post(address, {"action": "cancel"}, follow=True))
    assert "aucune facture n’est partie" in said
    refused = text(office.post(address, {"action": "issue"}, follow=True))
    assert "en est à une autre étape" in refused
    assert BillingRun.objects.get().state == "cancelled"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"month": "onze"}, "Écrivez un mois, par exemple 11/2026."),
        ({"month": ""}, "obligatoire"),
        ({"month": "08/2026"}, "changez d’abord la façon de facturer"),
        ({"cutoff": "2026-12-03"}, "Donnez un jour de novembre 2026."),
        ({"issued_on": "2026-11-30"}, "à partir d’aujourd’hui"),
        ({"issued_on": "2027-03-30"}, "à partir d’aujourd’hui"),
        ({"month": "10/2026"}, "Aucun foyer n’a rien à facturer"),
        ({"structures": "999999"}, "999999"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(world, office, said, why):
    answer = office.post(f"{MONTHS}nouveau/", {"month": "11/2026", "issued_on": "2026-12-01", **said})
    assert answer.status_code == 200
    assert why in text(answer)
    assert not BillingRun.objects.exists()
    for value in said.values():
        assert value in answer.content.decode(), "what was typed stays"


def test_a_second_month_waits_for_the_first(world, office):
    begun(office)
    again = office.post(f"{MONTHS}nouveau/", {"month": "11/2026", "issued_on": "2026-12-01"})
    assert "est déjà en cours" in text(again)


def test_the_way_of_billing_is_said_from_a_month_on(world, office):
    address = f"/agents/factures/facon/{world.the_authority.pk}/"
    assert "faites par Marelle" in text(office.get(MONTHS))
    said = {
        "since": "12/2026",
        "made_here": "files",
        "threshold": "20",
        "months_back": "3",
        "days_to_pay": "30",
    }
    assert office.post(address, said).status_code == 302
    assert BillingTerms.objects.get(since=date(2026, 12, 1)).threshold == Decimal("20.00")
    assert "importées par fichier, à compter de décembre 2026" in text(office.get(MONTHS))
    wrong = text(office.post(address, {**said, "threshold": "-3", "months_back": "40", "days_to_pay": "0"}))
    assert "entre 0 et 500" in wrong
    assert "12 au plus" in wrong
    assert "1 au moins" in wrong
    begun(office)
    refused = text(office.post(address, {**said, "since": "11/2026"}))
    assert "Ce mois est déjà facturé" in refused


def test_a_detail_that_no_key_opens_leaves_the_page(world, office, settings):
    address = begun(office)
    worked()
    settings.SEALING_KEYS = ["A" * 43 + "="]
    assert seal("x")
    home = re.search(rf'href="({address}foyers/\d+/)"', office.get(address).content.decode())[1]
    assert "n’est pas lisible pour l’instant" in text(office.get(home))


def issued(office: Client, world: Billed) -> Invoice:
    """The bill of the Roy, on 18.50, with what it is made of."""
    address = begun(office)
    worked()
    office.post(address, {"action": "issue"})
    worked()
    return Invoice.objects.get(family__name="Roy")


def test_a_month_is_looked_at_again_and_a_bill_is_put_right(world, office):
    bill = issued(office, world)
    page = f"/agents/factures/foyers/{bill.family_id}/"
    assert "Dû pour ce mois, d’après ce que l’on sait 18,50 € Facturé pour ce mois 18,50 €" in text(
        office.get(page)
    )
    Booking.objects.filter(child__memberships__family=bill.family, day=FIRST).update(state="cancelled")
    told = text(office.get(page))
    assert "Dû pour ce mois, d’après ce que l’on sait 11,00 € Facturé pour ce mois 18,50 €" in told
    assert "Reste à facturer ou à rendre -7,50 €" in told
    address = f"/agents/factures/{bill.pk}/corriger/"
    assert address in office.get(page).content.decode()
    refused = office.post(address, {"reason": ""})
    assert "obligatoire" in text(refused)
    assert BillingRun.objects.count() == 1
    answer = office.post(address, {"reason": "Absence justifiée"})
    run = str(answer.headers["Location"])
    told = text(office.get(run))
    assert "Novembre 2026, correction" in told
    assert "Émettre l’avoir de 7,50 €" in told
    assert "Absence justifiée" in told
    office.post(run, {"action": "issue"})
    worked()
    told = text(office.get(page))
    assert "Avoir 2026-000003 -7,50 €, du 1er décembre 2026 · corrige 2026-000002 Absence justifiée" in told
    assert "Facturé pour ce mois 11,00 €" in told
    assert "reste 11,00 €" in told
    again = office.post(address, {"reason": "Encore"})
    assert "Rien n’a changé depuis cette facture" in text(again)


def test_the_home_reads_the_credit_note_with_its_reason(world, office):
    bill = issued(office, world)
    Booking.objects.filter(child__memberships__family=bill.family, day=FIRST).update(state="cancelled")
    run = office.post(f"/agents/factures/{bill.pk}/corriger/", {"reason": "Absence justifiée"})
    office.post(str(run.headers["Location"]), {"action": "issue"})
    worked()
    note = Invoice.objects.get(kind="credit")
    parent = Client()
    parent.force_login(User.objects.get(person__memberships__family=bill.family))
    told = text(parent.get(f"/factures/{note.pk}/"))
    assert "Novembre 2026, avoir" in told
    assert "Corrige la facture 2026-000002" in told
    assert "Motif Absence justifiée" in told
    assert "À payer avant le" not in told
    assert "Ce que devient cet avoir" in told
    assert "Comment payer" not in told
    assert "Retiré par un avoir -7,50 €" in text(parent.get(f"/factures/{bill.pk}/"))
    assert "avoir" in text(parent.get("/factures/?etat=toutes&nature=toutes"))


def test_an_agent_never_corrects_a_bill_of_its_own_home(world, office):
    bill = issued(office, world)
    own = Client()
    account = world.staff("voisine", Role.OFFICE)
    Person.objects.filter(memberships__family=bill.family, memberships__kind="adult").update(account=account)
    own.force_login(account)
    assert own.get(f"/agents/factures/foyers/{bill.family_id}/").status_code == 404
    assert own.post(f"/agents/factures/{bill.pk}/corriger/", {"reason": "Moi"}).status_code == 404
    assert BillingRun.objects.count() == 1


def test_each_payment_of_a_bill_says_its_day_and_where_it_comes_from(world, office):
    bill = issued(office, world)
    day = date(2026, 12, 3)
    new = [
        NewPayment(bill.pk, Decimal(amount), day, means)
        for amount, means in (("8.00", Means.STATE), ("-3.00", Means.STATE), ("1.50", Means.TRESOR))
    ]
    payments_add(new, run=None, who="Nadège", now=NOW)
    told = text(office.get(f"/agents/factures/foyers/{bill.family_id}/"))
    assert "18,50 €, du 1 décembre 2026, reste 12,00 €" in told.replace("1er", "1")
    assert "Payé le 3 décembre 2026 : 5,00 €, état des paiements" in told
    assert "Payé le 3 décembre 2026 : 1,50 €, retour du Trésor public" in told
    assert "Payé sur ses factures 6,50 €" in told


def test_a_month_of_bills_by_files_says_what_came(world, office):
    bill = issued(office, world)
    BillingTerms.objects.all().delete()
    Invoice.objects.update(run=None)
    told = text(office.get(f"/agents/factures/foyers/{bill.family_id}/"))
    assert "Facturé, par fichier 18,50 €" in told
    assert "Dû pour ce mois" not in told
    assert "Corriger" not in told
    assert office.get(f"/agents/factures/{bill.pk}/corriger/").status_code == 404


def test_an_agent_opens_no_bill_of_the_other_home_of_its_child(world, office):
    """Nor may it know from its address what that home pays."""
    bill = issued(office, world)
    zoe = bill.lines.first().child
    mine = world.home("Noir", "Ana")
    Member.objects.create(family=mine.family, person=zoe, kind=Member.Kind.CHILD, since=date(2019, 9, 1))
    Guardianship.objects.create(child=zoe, adult=mine.adult, link="father", since=date(2019, 9, 1))
    Post.objects.create(user=mine.user, role=Role.OFFICE.value, authority=world.the_authority)
    parent = Client()
    parent.force_login(mine.user)
    for address in (
        f"/agents/factures/{bill.pk}/corriger/",
        f"/agents/factures/foyers/{bill.family_id}/",
        f"/agents/factures/foyers/{bill.family_id}/prises-en-charge/",
        f"/agents/factures/tresor/factures/{bill.pk}/",
    ):
        for answer in (parent.get(address), parent.post(address, {"reason": "Moi"})):
            assert answer.status_code in {403, 404, 405}, address
            assert "18,50" not in text(answer)
    assert BillingRun.objects.count() == 1
