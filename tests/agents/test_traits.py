"""What sets a home apart for prices: noted by the office, counted on its days, ended; not of its own home."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.flows.prices.homes import situations_of
from marelle.journal.models import Entry
from marelle.places.models import Post
from marelle.pricing.amounts import Fixed
from marelle.pricing.facts import TraitKind
from marelle.pricing.homes import NewTrait, home_trait_end, home_trait_note
from marelle.pricing.models import Adjustment, HomeTrait, Price
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.tariffs import Becomes, Percent
from tests.flows.prices.priced import NOVEMBER, Priced, amounts, months_of_home
from tests.pricing.sheets import AFTERNOON, MEAL, MORNING

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 10, 0, tzinfo=PARIS)
TODAY = NOW.date()
FIRST, SECOND, THIRD = date(2026, 11, 4), date(2026, 11, 18), date(2026, 11, 25)


def euros(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


class Desk:
    def __init__(self, client: Client, *books: str) -> None:
        self.world = Priced(*books)
        self.home = self.world.home("Roy")
        self.world.quotient(self.home, "400")
        self.zoe = self.world.enrols(self.home, "Zoé", date(2016, 5, 14))
        self.leo = self.world.enrols(self.home, "Léo")
        self.office = self.world.staff("guichet", Role.OFFICE)
        self.actor = actor_for(self.office)
        self.client = client
        client.force_login(self.office)
        self.page = f"/agents/familles/{self.home.family.pk}/aides/"

    def note(self, kind: TraitKind, since: date = TODAY, until: date | None = None, **fields) -> HomeTrait:
        return home_trait_note(
            actor=fields.pop("actor", self.actor), authority_id=self.world.the_authority.pk,
            family_id=self.home.family.pk, trait=NewTrait(kind, since, until, "Motif", **fields), now=NOW,
        )  # fmt: skip

    def post(self, **fields: object) -> str:
        posted = {
            "authority": self.world.the_authority.pk, "kind": "decision", "since": "2026-11-10",
            "reason": "CCAS du 3 novembre", "effect": "percent", "amount": "50", **fields,
        }  # fmt: skip
        return text(self.client.post(self.page, posted, follow=True))


def text(answer) -> str:
    assert answer.status_code == 200
    main = answer.content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(clock, client: Client) -> Desk:
    return Desk(client, "wednesdays")


def test_a_decision_counts_between_its_dates_for_that_home_alone(desk: Desk):
    for day in (FIRST, SECOND, THIRD):
        desk.world.books(desk.zoe, day, MORNING)
    other = desk.world.home("Blanc")
    desk.world.quotient(other, "400")
    desk.world.books(desk.world.enrols(other, "Ava"), SECOND, MORNING)
    page = desk.post(until="2026-11-20")
    assert "C’est enregistré." in page
    assert "50 % de moins" in page
    assert amounts(desk.home) == euros("5.50", "2.75", "5.50")
    assert amounts(other) == euros("5.50")


def test_a_decision_fixes_a_price_for_one_child_and_one_activity(desk: Desk):
    desk.world.books(desk.zoe, FIRST, MORNING)
    desk.world.books(desk.leo, FIRST, MORNING)
    activity = desk.world.wednesdays
    page = desk.post(
        since="2026-11-02", effect="price", amount="1,20", child=desk.zoe.pk, activity=activity.pk
    )
    assert "Décision d’aide" in page.replace("décision", "Décision")
    assert amounts(desk.home) == euros("1.20", "5.50")


def test_a_decision_says_why_to_the_home(desk: Desk, client: Client):
    desk.world.books(desk.zoe, SECOND, MORNING)
    desk.post()
    client.force_login(desk.home.user)
    page = text(client.get("/factures/mois/?mois=2026-11"))
    assert "Décision pour votre foyer" in page
    assert "2,75 €" in page
    assert "CCAS du 3 novembre" not in page, "the reason is the office's"


def test_in_care_and_regular_are_known_to_prices(clock, client: Client):
    desk = Desk(client, "habits")
    desk.world.books(desk.zoe, FIRST, MEAL)
    desk.world.books(desk.leo, FIRST, MEAL)
    desk.note(TraitKind.REGULAR, child_id=desk.zoe.pk)
    assert amounts(desk.home) == euros("5.20", "6.10")
    desk.note(TraitKind.REGULAR, since=date(2026, 11, 5))
    assert amounts(desk.home) == euros("5.20", "6.10"), "from its day on"


def test_it_is_known_to_the_authority_that_noted_it_alone(desk: Desk):
    desk.note(TraitKind.IN_CARE)
    [situation] = situations_of([desk.home.family.pk]).values()
    assert {one.authority_id for one in situation.noted} == {desk.world.the_authority.pk}
    assert not situation.noted[0].holds(TODAY, desk.world.authority("Mairie").pk)
    assert not situation.noted[0].holds(TODAY - timedelta(days=1), desk.world.the_authority.pk)


def test_one_ends_and_the_price_with_it(desk: Desk):
    for day in (FIRST, SECOND):
        desk.world.books(desk.zoe, day, MORNING)
    row = desk.note(TraitKind.DECISION, name="CCAS", effect=Percent(Decimal(-100)))
    assert amounts(desk.home) == euros("0.00", "0.00")
    page = text(desk.client.post(f"{desk.page}{row.pk}/", {"until": "2026-11-10"}, follow=True))
    assert "C’est enregistré." in page
    assert amounts(desk.home) == euros("0.00", "5.50")


def test_one_that_has_not_begun_is_taken_away_whole(desk: Desk):
    row = desk.note(TraitKind.DECISION, since=THIRD, name="CCAS", effect=Becomes(Fixed(Decimal(1))))
    prices, adjustments = Price.objects.count(), Adjustment.objects.count()
    home_trait_end(actor=desk.actor, trait_id=row.pk, until=TODAY, now=NOW)
    assert not HomeTrait.objects.exists()
    assert Adjustment.objects.count() == adjustments - 1
    assert Price.objects.count() == prices - 1


def test_the_journal_says_neither_what_nor_why(desk: Desk):
    desk.post()
    entry = Entry.objects.get(verb="price_trait.noted")
    assert "CCAS" not in str((entry.subject_label, entry.data))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"since": "2026-11-01"}, "C’est à compter d’aujourd’hui au plus tôt"),
        ({"until": "2026-11-09"}, "La fin vient avant le début."),
        ({"amount": "150"}, "De 0 à 100."),
        ({"amount": "-5"}, "De 0 à 100."),
        ({"amount": "x"}, "Écrivez un nombre"),
        ({"amount": ""}, "Écrivez un nombre"),
        ({"effect": ""}, "Dites ce que la décision change."),
        ({"kind": "regular"}, "Seule une décision d’aide change un prix"),
        ({"effect": "price", "amount": "10000000"}, "De 0 à 9999,99."),
        ({"effect": "price", "amount": "1,234"}, "Écrivez un nombre"),
        ({"reason": " "}, "obligatoire"),
        ({"child": "999999"}, "Sélectionnez un choix valide"),
        ({"authority": "999999"}, "Sélectionnez un choix valide"),
        ({"kind": "outside"}, "Sélectionnez un choix valide"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field_and_stays(desk: Desk, fields, said):
    answer = desk.client.post(
        desk.page,
        {
            "authority": desk.world.the_authority.pk, "kind": "decision", "since": "2026-11-10",
            "reason": "CCAS", "effect": "percent", "amount": "50", **fields,
        },
    )  # fmt: skip
    page = answer.content.decode()
    assert said in page.replace("\u00a0", " ") or said.lower() in page.lower()
    assert not HomeTrait.objects.exists()


def test_a_slot_of_another_authority_is_refused(desk: Desk):
    village = desk.world.authority("Mairie")
    canteen = desk.world.activity(structure=desk.world.structure("École", authority=village))
    slot = desk.world.slot(canteen, "Repas")
    with pytest.raises(TariffRefused) as refused:
        desk.note(TraitKind.DECISION, effect=Percent(Decimal(-10)), name="x", slots=frozenset({slot.pk}))
    assert refused.value.code == "slots"


def test_a_director_and_another_office_do_not(desk: Desk, client: Client):
    other = desk.world.authority("Mairie")
    stranger = desk.world.staff("mairie", Role.OFFICE, authority=other)
    with pytest.raises(NotYours):
        desk.note(TraitKind.REGULAR, actor=actor_for(stranger))
    row = desk.note(TraitKind.IN_CARE)
    with pytest.raises(NotYours):
        home_trait_end(actor=actor_for(stranger), trait_id=row.pk, until=TODAY, now=NOW)
    client.force_login(stranger)
    assert "confié au département" not in text(client.get(desk.page)).split("Noter une situation")[0]
    assert client.get(f"{desk.page}{row.pk}/").status_code == 404
    client.force_login(desk.world.staff("dir", Role.DIRECTOR))
    assert client.get(desk.page).status_code == 403


def test_nobody_notes_it_of_its_own_home(desk: Desk, client: Client):
    user = desk.home.user
    Post.objects.create(user=user, role="office", authority=desk.world.the_authority)
    client.force_login(user)
    assert client.post(desk.page, {"kind": "regular"}).status_code in {403, 404}
    assert not HomeTrait.objects.exists()


def test_what_is_decided_for_one_home_is_not_on_the_tariffs_of_the_activity(desk: Desk):
    desk.note(TraitKind.DECISION, name="Aide du CCAS", effect=Percent(Decimal(-50)))
    activity = desk.world.wednesdays
    page = desk.client.get(f"/agents/activites/{activity.pk}/tarifs/", follow=True)
    assert page.status_code == 200
    assert "Aide du CCAS" not in page.content.decode()
    assert AFTERNOON
    assert months_of_home(desk.home.family.pk, NOVEMBER) == []
