"""What a home has at once: given by the office, counted, ended; not to its own home. And what is sold."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.flows.actor.actors import actor_for
from marelle.flows.prices.months import priced_home
from marelle.journal.models import Entry
from marelle.places.models import Post
from marelle.pricing.facts import Period
from marelle.pricing.models import Product, Subscription, Tariff
from marelle.pricing.products import ProductTerms, product_add, product_change, product_remove, product_terms
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.subscriptions import NewSubscription, subscription_end, subscription_take
from marelle.pricing.tariffs import Product as Pure
from marelle.pricing.writing import tariff_write
from tests.flows.prices.priced import Priced, amounts
from tests.forms import form_with
from tests.pricing.sheets import MEAL, MORNING, fixed, tariff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=PARIS)
TODAY = NOW.date()
DAY = timedelta(days=1)
FIRST, SECOND = date(2026, 11, 4), date(2026, 11, 18)
SHARED = "/agents/activites/tarifs/"


def euros(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def text(answer) -> str:
    assert answer.status_code == 200
    main = answer.content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


class Desk:
    def __init__(self, client: Client) -> None:
        self.world = Priced("canteen plain")
        self.home = self.world.home("Roy")
        self.world.quotient(self.home, "400")
        self.zoe = self.world.enrols(self.home, "Zoé", date(2016, 5, 14))
        self.leo = self.world.enrols(self.home, "Léo")
        self.office = self.world.staff("guichet", Role.OFFICE)
        self.actor = actor_for(self.office)
        self.client = client
        client.force_login(self.office)
        self.page = f"/agents/familles/{self.home.family.pk}/abonnements/"
        self.authority_id = self.world.the_authority.pk
        self.card = self.sold("Carte mensuelle", "59", Period.MONTH, MEAL)

    def sold(self, name: str, price: str, period: Period, *slots: int) -> Product:
        terms = ProductTerms(name, period, frozenset(slots))
        row = product_add(actor=self.actor, authority_id=self.authority_id, terms=terms, now=NOW)
        own = replace(tariff(0, (), fixed(price)), name=name, what=Pure(row.pk))
        tariff_write(self.authority_id, own)
        return row

    def take(self, since: date = TODAY, until: date | None = None, child=None, **fields) -> Subscription:
        taken = NewSubscription(self.card.pk, since, until, None if child is None else child.pk)
        asked = {"actor": self.actor, "family_id": self.home.family.pk, "taken": taken, "now": NOW, **fields}
        return subscription_take(**asked)

    def end(self, row: Subscription, until: date, actor=None) -> None:
        subscription_end(actor=actor or self.actor, subscription_id=row.pk, until=until, now=NOW)


@pytest.fixture
def desk(client: Client):
    with time_machine.travel(NOW, tick=False):
        yield Desk(client)


def refused(code: str):
    return pytest.raises(TariffRefused, match=code)


def test_an_agent_gives_a_card_to_a_child_and_the_family_reads_it(desk: Desk, client: Client):
    desk.world.books(desk.zoe, FIRST, MEAL)
    desk.world.books(desk.leo, FIRST, MEAL)
    posted = {"product": desk.card.pk, "child": desk.zoe.pk, "since": "2026-11-03", "until": "2026-12-31"}
    page = text(client.post(desk.page, posted, follow=True))
    assert "C’est enregistré." in page
    assert "Carte mensuelle · Zoé" in page
    assert "Se paie chaque mois, comprend Repas (Mercredis)." in page
    assert sorted(amounts(desk.home)) == euros("0.00", "3.60", "59.00")
    client.force_login(desk.home.user)
    page = text(client.get("/factures/mois/?mois=2026-11"))
    assert "Vos abonnements, cartes et cotisations" in page
    assert "Carte mensuelle · Zoé du 3 novembre au 31 décembre 2026" in page
    assert "62,60 €" in page.replace("\u202f", " ")
    assert "Carte mensuelle" not in text(client.get("/factures/mois/?mois=2027-02"))


def test_one_is_given_to_all_of_the_home(desk: Desk, client: Client):
    posted = {"product": desk.card.pk, "child": "0", "since": "2026-11-03"}
    page = text(client.post(desk.page, posted, follow=True))
    assert "Carte mensuelle · tout le foyer" in page
    assert Subscription.objects.get().child is None


def test_a_fee_of_a_home_that_has_booked_nothing_is_in_its_month(desk: Desk, client: Client):
    desk.card = desk.sold("Cotisation", "15", Period.CALENDAR_YEAR)
    desk.take()
    page = text(client.get(f"/agents/familles/{desk.home.family.pk}/"))
    assert "Novembre 2026 : 15,00 €" in page.replace("\u202f", " ")
    client.force_login(desk.home.user)
    assert "15,00 €" in text(client.get("/factures/mois/?mois=2026-11"))
    assert "15,00 €" in text(client.get("/factures/"))
    assert "15,00 €" not in text(client.get("/factures/mois/?mois=2026-12"))


def test_a_director_reads_what_its_structures_cost_and_not_the_fee(desk: Desk, client: Client):
    desk.card = desk.sold("Cotisation", "15", Period.CALENDAR_YEAR)
    desk.take()
    desk.world.books(desk.zoe, FIRST, MEAL)
    director = desk.world.staff("dir", Role.DIRECTOR)
    Post.objects.filter(user=director).update(reads_incomes=True)
    client.force_login(director)
    page = text(client.get(f"/agents/familles/{desk.home.family.pk}/"))
    assert "3,60 €" in page
    assert "15,00 €" not in page


def test_one_ends_and_what_it_covers_with_it(desk: Desk, client: Client):
    for day in (FIRST, SECOND):
        desk.world.books(desk.zoe, day, MEAL)
    row = desk.take(child=desk.zoe)
    page = text(client.post(f"{desk.page}{row.pk}/", {"until": "2026-11-10"}, follow=True))
    assert "C’est enregistré." in page
    assert sorted(amounts(desk.home)) == euros("0.00", "3.60", "59.00")
    page = text(client.post(f"{desk.page}{row.pk}/", {"until": "2026-11-12"}))
    assert "C’est déjà arrêté avant." in page
    assert "C’est hier au plus tôt" in text(client.post(f"{desk.page}{row.pk}/", {"until": "2026-10-31"}))


def test_one_that_has_not_begun_is_taken_away(desk: Desk):
    row = desk.take(since=SECOND)
    desk.end(row, TODAY)
    assert not Subscription.objects.exists()


def test_the_past_is_left_as_it_was(desk: Desk):
    with refused("past"):
        desk.take(since=TODAY - DAY)
    row = desk.take()
    with refused("past"):
        desk.end(row, TODAY - 2 * DAY)
    desk.end(row, TODAY - DAY)
    assert not Subscription.objects.exists(), "taken today, and taken back"


@pytest.mark.parametrize(
    ("days", "whose", "again"),
    [
        ((TODAY, None), "zoe", True),
        ((SECOND, SECOND), "zoe", True),
        ((SECOND + DAY, None), "zoe", False),
        ((TODAY, FIRST - DAY), "zoe", False),
        ((TODAY, None), "leo", False),
        ((TODAY, None), "", True),
    ],
)
def test_what_a_home_has_is_not_given_again_on_the_same_days(desk: Desk, days, whose, again):
    desk.take(FIRST, SECOND, desk.zoe)
    child = getattr(desk, whose) if whose else None
    if again:
        with refused("already"):
            desk.take(*days, child)
    else:
        desk.take(*days, child)
    assert Subscription.objects.count() == (1 if again else 2)


def test_of_the_whole_home_no_child_takes_it_as_well(desk: Desk):
    desk.take()
    with refused("already"):
        desk.take(child=desk.zoe)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"since": "2026-11-01"}, "C’est à compter d’aujourd’hui au plus tôt"),
        ({"until": "2026-11-02"}, "La fin vient avant le début."),
        ({"since": "x"}, "Donnez une date qui existe"),
        ({"product": "999999"}, "Sélectionnez un choix valide"),
        ({"product": ""}, "Choisissez dans la liste."),
        ({"child": "999999"}, "Sélectionnez un choix valide"),
        ({"child": ""}, "Dites pour qui."),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field_and_stays(desk: Desk, fields, said):
    posted = {"product": desk.card.pk, "child": "0", "since": "2026-11-03", "until": "2026-11-30", **fields}
    answer = desk.client.post(desk.page, posted)
    assert said in answer.content.decode()
    assert posted["until"] in answer.content.decode()
    assert not Subscription.objects.exists()


def test_another_office_a_director_and_the_home_itself_do_not(desk: Desk, client: Client):
    row = desk.take()
    stranger = desk.world.staff("mairie", Role.OFFICE, authority=desk.world.authority("Mairie"))
    for do in (
        lambda: desk.take(actor=actor_for(stranger)),
        lambda: desk.end(row, TODAY, actor_for(stranger)),
    ):
        with pytest.raises(NotYours):
            do()
    client.force_login(stranger)
    assert "Carte mensuelle" not in text(client.get(desk.page))
    assert client.get(f"{desk.page}{row.pk}/").status_code == 404
    client.force_login(desk.world.staff("dir", Role.DIRECTOR))
    assert client.get(desk.page).status_code == 403
    Post.objects.create(user=desk.home.user, role="office", authority=desk.world.the_authority)
    client.force_login(desk.home.user)
    assert client.post(desk.page, {"product": desk.card.pk, "since": "2026-11-03"}).status_code in {403, 404}
    assert Subscription.objects.count() == 1


def test_a_child_of_another_home_and_what_another_authority_sells_are_refused(desk: Desk):
    other = desk.world.home("Blanc")
    with refused("child"):
        desk.take(child=desk.world.enrols(other, "Ava"))
    desk.card.authority = desk.world.authority("Mairie")
    desk.card.save()
    with pytest.raises(NotYours):
        desk.take()


def test_the_journal_names_it_and_tells_no_amount(desk: Desk):
    row = desk.take()
    desk.end(row, SECOND)
    told = [(one.verb, one.subject_label, one.data, one.family_id) for one in Entry.objects.order_by("pk")]
    own = desk.home.family.pk
    assert told[-2:] == [
        ("subscription.taken", "Carte mensuelle", {}, own),
        ("subscription.ended", "Carte mensuelle", {}, own),
    ]


# What is sold


def test_a_product_is_made_with_when_it_is_paid_and_what_it_covers(desk: Desk, client: Client):
    page = f"{SHARED}abonnements/ajouter/{desk.authority_id}/"
    shown = text(client.get(page))
    assert "Matin (Mercredis)" in shown
    assert "Journée" not in shown, "it is priced as its parts"
    posted = {"name": "Forfait", "period": "school_year", "slots": [str(MORNING), str(MEAL)]}
    client.post(page, posted)
    row = Product.objects.get(name="Forfait")
    assert product_terms(row) == ProductTerms("Forfait", Period.SCHOOL_YEAR, frozenset({MORNING, MEAL}))
    shown = text(client.get(SHARED))
    assert "Se paie chaque année scolaire, comprend Matin (Mercredis) et Repas (Mercredis)." in shown


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "Donnez un nom"),
        ({"name": "Carte mensuelle"}, "Ce nom est déjà pris."),
        ({"period": ""}, "Dites quand cela se paie."),
        ({"period": "week"}, "Choisissez dans la liste."),
        ({"slots": ["999999"]}, "Choisissez dans la liste."),
    ],
)
def test_one_that_makes_no_sense_is_told_at_its_field(desk: Desk, client: Client, fields, said):
    posted = {"name": "Forfait", "period": "month", "slots": [str(MEAL)], **fields}
    answer = client.post(f"{SHARED}abonnements/ajouter/{desk.authority_id}/", posted)
    assert said in answer.content.decode()
    assert Product.objects.count() == 1


def test_its_name_changes_and_once_a_home_has_it_nothing_else(desk: Desk, client: Client):
    page = f"{SHARED}abonnements/{desk.card.pk}/modifier/"
    form = form_with(client.get(page).content.decode(), "period")
    assert form.data()["slots"] == [str(MEAL)] or form.data()["slots"] == str(MEAL)
    client.post(page, {**form.data(), "name": "Carte", "slots": [str(MEAL), str(MORNING)]})
    desk.card.refresh_from_db()
    assert product_terms(desk.card) == ProductTerms("Carte", Period.MONTH, frozenset({MEAL, MORNING}))
    desk.take()
    shown = client.get(page).content.decode()
    assert "ne changent plus" in shown
    seen = product_terms(desk.card).version
    client.post(page, {"name": "Carte de repas", "period": "once", "seen": seen})
    desk.card.refresh_from_db()
    held = ProductTerms("Carte de repas", Period.MONTH, frozenset({MEAL, MORNING}))
    assert product_terms(desk.card) == held, "the name alone"
    for terms in (
        ProductTerms("Carte", Period.ONCE, held.slots),
        ProductTerms("Carte", held.period, frozenset({MEAL})),
    ):
        with refused("taken"):
            product_change(actor=desk.actor, product_id=desk.card.pk, terms=terms, now=NOW)


def test_of_two_who_change_one_the_second_is_told(desk: Desk, client: Client):
    page = f"{SHARED}abonnements/{desk.card.pk}/modifier/"
    posted = form_with(client.get(page).content.decode(), "period").data()
    terms = ProductTerms("Carte verte", Period.MONTH, frozenset({MEAL}))
    product_change(actor=desk.actor, product_id=desk.card.pk, terms=terms, now=NOW)
    answer = client.post(page, {**posted, "name": "Carte bleue"})
    assert "a modifié" in answer.content.decode()
    assert Product.objects.get(pk=desk.card.pk).name == "Carte verte"
    with pytest.raises(ChangedMeanwhile):
        product_change(actor=desk.actor, product_id=desk.card.pk, terms=terms, seen="x", now=NOW)


def test_one_without_tariff_nor_taker_is_removed(desk: Desk, client: Client):
    drop = f"{SHARED}abonnements/{desk.card.pk}/retirer/"
    assert drop not in client.get(SHARED).content.decode()
    assert "il reste" in text(client.post(drop, follow=True))
    Tariff.objects.filter(product=desk.card).delete()
    row = desk.take()
    with refused("used"):
        product_remove(actor=desk.actor, product_id=desk.card.pk, now=NOW)
    desk.end(row, TODAY - DAY)
    assert drop in client.get(SHARED).content.decode()
    assert "C’est retiré." in text(client.post(drop, follow=True))
    assert not Product.objects.exists()


def test_a_slot_of_another_authority_and_another_office_are_refused(desk: Desk):
    village = desk.world.authority("Mairie")
    canteen = desk.world.activity(structure=desk.world.structure("École", authority=village))
    slot = desk.world.slot(canteen, "Repas")
    terms = ProductTerms("Forfait", Period.MONTH, frozenset({slot.pk}))
    with refused("slots"):
        product_add(actor=desk.actor, authority_id=desk.authority_id, terms=terms, now=NOW)
    stranger = actor_for(desk.world.staff("mairie", Role.OFFICE, authority=village))
    for do in (
        lambda: product_change(actor=stranger, product_id=desk.card.pk, terms=terms, now=NOW),
        lambda: product_remove(actor=stranger, product_id=desk.card.pk, now=NOW),
    ):
        with pytest.raises(NotYours):
            do()


def test_the_planning_reads_as_much_with_a_card_as_without(desk: Desk, django_assert_num_queries):
    actor = desk.home.actor
    assert priced_home(actor)
    with django_assert_num_queries(2):
        priced_home(actor)
    desk.take(child=desk.zoe)
    with django_assert_num_queries(2):
        assert priced_home(actor).situation.subscribed
