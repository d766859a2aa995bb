"""« Préparer les tarifs »: shown old and new, tried on a month, then all written or none."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client

from marelle.agents.activities.forms.next_tariffs import next_beginning
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.flows.catalogue.next_tariffs import CopyRefused, next_tariffs, next_tariffs_set
from marelle.pricing.copying import Raise
from marelle.pricing.models import Adjustment, Tariff
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.selectors import book_of
from marelle.pricing.services import tariff_end
from marelle.pricing.tariffs import ALL_SLOTS, Always, Plus
from marelle.pricing.writing import adjustment_write, tariff_write
from tests.agents.village import seen, text
from tests.flows.prices.priced import Priced
from tests.pricing.sheets import MEAL, MORNING, adjustment, euros, fixed, tariff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 10, tzinfo=PARIS)
JANUARY, EVE = date(2027, 1, 1), date(2026, 12, 31)


class Desk(Priced):
    def __init__(self, *books: str) -> None:
        super().__init__(*books)
        self.url = f"/agents/activites/{self.wednesdays.pk}/tarifs/preparer/"
        self.user = self.staff("guichet", Role.OFFICE)
        self.actor = actor_for(self.user)
        self.office = Client()
        self.office.force_login(self.user)

    def typed(self, **others: str) -> dict[str, str]:
        return {
            "depuis": JANUARY.isoformat(),
            "pourcent": "2",
            "arrondi": "FIVE",
            "portee": "partout",
            "numero": "2026-90",
            "votee": "2026-12-02",
        } | others

    def look(self, **others: str) -> str:
        return text(self.office.get(self.url, self.typed(**others)))

    def write(self, **others: str):
        mark = seen(self.office.get(self.url, self.typed(**others)))
        return self.office.post(self.url, self.typed(**others) | {"seen": mark})

    def dated(self) -> list[tuple[str, date, date | None]]:
        rows = book_of(self.the_authority.pk).tariffs
        return [(row.name, row.since, row.until) for row in rows]


@pytest.fixture
def now(time_machine) -> None:
    time_machine.move_to(NOW)


def test_the_page_begins_with_the_next_first_of_january_and_tries_nothing(now):
    desk = Desk("canteen")
    page = text(desk.office.get(desk.url))
    assert 'value="2027-01-01"' in page
    assert "Essayé sur" not in page
    assert f'href="{desk.url}"' in text(desk.office.get(desk.url.removesuffix("preparer/")))


def test_each_price_is_shown_old_and_new_before_anything_is_written(now):
    desk = Desk("canteen")
    page = desk.look()
    assert "3,15 € → 3,20 €" in page
    assert "3,60 € → 3,65 €" in page
    assert "4,05 €" in page, "of who booked late, old"
    assert "4,15 €" in page
    assert "délibération n° 2026-90 du 2 décembre 2026" in page
    assert Tariff.objects.count() == 1
    assert "→" not in desk.look(pourcent="0", arrondi="CENT")


def test_it_is_tried_on_the_bookings_of_the_last_month(now):
    desk = Desk("canteen")
    roy = desk.home("Roy")
    desk.quotient(roy, "400")
    desk.books(desk.enrols(roy, "Zoé"), date(2026, 11, 18), MEAL)
    desk.books(desk.enrols(desk.home("Martin"), "Léo"), date(2026, 11, 18), MORNING)
    page = desk.look()
    assert "Essayé sur novembre 2026 : 2 foyers" in page
    assert "3,15 € → 3,20 € (+0,05 €)" in page
    assert "<div>Paieraient plus</div><b>1</b>" in page
    assert "<div>Paieraient autant</div><b>1</b>" in page
    assert f'<a href="/agents/familles/{roy.family.pk}/">' in page
    assert "Matin" in page
    assert "un foyer l’aurait sans prix" in page


def test_confirmed_every_row_ends_the_day_before_and_another_begins(now):
    desk = Desk("canteen")
    assert desk.write().status_code == 302
    [old, new] = book_of(desk.the_authority.pk).tariffs
    assert (old.until, new.since, new.until) == (EVE, JANUARY, None)
    assert [row.price for row in new.amount.rows] == [euros("3.20"), euros("3.65")]
    assert new.voted is not None
    assert (new.voted.number, new.voted.on) == ("2026-90", date(2026, 12, 2))
    assert (
        Adjustment.objects.filter(until=EVE).count() == Adjustment.objects.filter(since=JANUARY).count() == 2
    )
    page = desk.look()
    assert "Aucun tarif n’est à reprendre" in page
    assert "Déjà prêts" in page


def test_of_two_agents_the_second_is_told_and_writes_nothing(now):
    desk = Desk("canteen")
    mark = seen(desk.office.get(desk.url, desk.typed()))
    desk.write()
    written = Tariff.objects.count()
    page = text(desk.office.post(desk.url, desk.typed() | {"seen": mark}))
    assert "vient de changer" in page
    assert Tariff.objects.count() == written


def test_a_tariff_that_ends_meanwhile_is_told_too(now):
    desk = Desk("canteen")
    by, told = Raise(JANUARY), {"actor": desk.actor, "authority_id": desk.the_authority.pk, "now": NOW}
    mark = next_tariffs(desk.the_authority.pk, by, None).seen
    tariff_end(row=Tariff.objects.get(), until=date(2026, 12, 20), **told)
    with pytest.raises(CopyRefused, match="changed"):
        next_tariffs_set(by=by, own=None, seen=mark, **told)


def test_all_rows_are_written_or_none(now):
    """The last of them cannot be: its slot has gone to another authority."""
    desk = Desk("wednesdays")
    evening = desk.slot(desk.wednesdays, "Soir", "18:00", "19:00")
    tariff_write(desk.the_authority.pk, tariff(0, (frozenset({evening.pk}),), fixed("1.00")))
    told = {"actor": desk.actor, "authority_id": desk.the_authority.pk, "now": NOW}
    by = Raise(JANUARY)
    mark = next_tariffs(desk.the_authority.pk, by, None).seen
    structure = desk.structure("Ailleurs", authority=desk.authority("Mairie"))
    elsewhere = desk.activity("Ailleurs", structure=structure)
    evening.activity = elsewhere
    evening.save()
    with pytest.raises(TariffRefused, match="slots"):
        next_tariffs_set(by=by, own=None, seen=mark, **told)
    assert not Tariff.objects.filter(since=JANUARY).exists()
    assert not Tariff.objects.filter(until=EVE).exists()


def test_another_office_writes_none(now):
    desk = Desk("canteen")
    other = actor_for(desk.staff("mairie", Role.OFFICE, authority=desk.authority("Mairie")))
    mark = next_tariffs(desk.the_authority.pk, Raise(JANUARY), None).seen
    told = {"by": Raise(JANUARY), "own": None, "seen": mark, "now": NOW}
    with pytest.raises(NotYours):
        next_tariffs_set(actor=other, authority_id=desk.the_authority.pk, **told)


def test_nothing_to_copy_is_refused(now):
    desk = Desk()
    told = {"actor": desk.actor, "authority_id": desk.the_authority.pk, "now": NOW}
    mark = next_tariffs(desk.the_authority.pk, Raise(JANUARY), None).seen
    with pytest.raises(CopyRefused, match="nothing"):
        next_tariffs_set(by=Raise(JANUARY), own=None, seen=mark, **told)
    assert "ENREGISTRER" not in desk.look()


def test_of_the_activity_alone_what_is_shared_waits(now):
    """A surcharge of all slots is not of this activity alone."""
    desk = Desk("canteen")
    everywhere = adjustment(0, 10, Always(), Plus(euros("1.00")), slots=ALL_SLOTS)
    adjustment_write(desk.the_authority.pk, everywhere)
    page = desk.look(portee="ici")
    assert "Concernent aussi d’autres activités, laissés comme ils sont" in page
    assert "« ajustement 0 »" in page.split("Concernent aussi")[1]
    assert "Concernent aussi" not in desk.look()
    desk.write(portee="ici")
    rows = book_of(desk.the_authority.pk).adjustments
    assert [row.since for row in rows if row.name == everywhere.name] == [everywhere.since]
    assert len(desk.dated()) == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"depuis": "2026-12-03"}, "Donnez un jour à venir"),
        ({"depuis": "demain"}, "Donnez une date"),
        ({"pourcent": ""}, "0 pour les mêmes prix"),
        ({"pourcent": "deux"}, "Donnez un nombre, par exemple 2"),
        ({"pourcent": "101"}, "entre -50 et 100"),
        ({"pourcent": "-51"}, "entre -50 et 100"),
        ({"pourcent": "1,234"}, "deux décimales au plus"),
        ({"arrondi": "EURO"}, "Choisissez dans la liste"),
        ({"portee": "monde"}, "Choisissez dans la liste"),
        ({"votee": ""}, "Donnez la date de la délibération"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(now, typed, told):
    desk = Desk("canteen")
    assert told in desk.look(**typed)
    page = text(desk.office.post(desk.url, desk.typed(**typed) | {"seen": "x"}))
    assert told in page
    assert Tariff.objects.count() == 1


@pytest.mark.parametrize(("today", "first"), [((2026, 8, 31), (2026, 9, 1)), ((2026, 9, 1), (2027, 1, 1))])
def test_years_of_prices_begin_in_january_or_in_september(today, first):
    assert next_beginning(date(*today)) == date(*first)
