"""A file brought in: all of it or nothing, and nothing that families did or agents wrote is touched."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import transaction

from marelle.accounts.models import Invitation, User
from marelle.activities.models import Activity, AgeGroup, BookingRule, Gauge, Opening, Quota, Slot
from marelle.bookings.models import Booking
from marelle.core.clock import local
from marelle.definitions.held import definitions_held
from marelle.definitions.models import DefinitionKey
from marelle.definitions.reading import DefinitionsRefused
from marelle.definitions.services import (
    FROM_A_FILE,
    definitions_compared,
    definitions_kept,
    definitions_write,
)
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Authority, CalendarSpan, Closure, Look, Post, School, Structure
from marelle.pricing.amounts import Fixed
from marelle.pricing.models import HomeTrait, Tariff
from marelle.pricing.selectors import book_of
from marelle.pricing.services import tariff_set
from marelle.pricing.tariffs import Adjustment, Always, Late, Missed, Most, Percent, Rank, Sets, Voted
from tests.definitions.example import NOW, VILLAGE, changes, edited, exported, with_lines, written
from tests.scenario import Scenario
from tests.standing import built_once

built = built_once(written, now=NOW)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("village")]

SHORT = """
collectivités:
  mairie: {nom: Mairie, nom court: Mairie}
communes:
  bourg: {nom: Bourg, code postal: 21990}
structures:
  lieu: {collectivité: mairie, nom: Lieu, nature: périscolaire, commune: bourg}
"""


@pytest.fixture
def village(built: None, db: None, time_machine) -> None:
    time_machine.move_to(NOW)


def refused(text: str) -> list[str]:
    """What is wrong, as it is told; and nothing is written, by a try or by a write."""
    before = counted()
    with pytest.raises(DefinitionsRefused) as shown:
        definitions_compared(text, now=NOW)
    with pytest.raises(DefinitionsRefused) as told:
        definitions_write(text=text, now=NOW)
    assert counted() == before
    assert shown.value.data == told.value.data
    return [str(one).replace("\u00a0", " ") for one in told.value.data["faults"]]


def counted() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_what_the_village_decided_is_there() -> None:
    assert Authority.objects.get().short_name == "Fontaine-aux-Bois"
    assert Look.objects.get().texts["home_welcome"].startswith("La cantine")
    lunch = Slot.objects.get(name="Repas", activity__name="Restauration scolaire")
    assert [str(draw.gauge) for draw in lunch.draws.all()] == ["Salle à manger"]
    whole = Slot.objects.get(name="Journée")
    assert {str(slot.name) for slot in whole.excludes.all()} == {"Matin", "Repas"}
    assert {slot.name for slot in whole.includes.all()} == {"Matin", "Repas"}
    rule = BookingRule.objects.get(activity__name="Mercredis").as_rule()
    assert [wave.audience.kind.value for wave in rule.waves] == ["residents", "communes", "all"]
    bridge = CalendarSpan.objects.filter(first_day__lte=date(2027, 5, 7), last_day__gte=date(2027, 5, 7))
    assert [row.name for row in bridge.filter(active=True)] == ["Pont de l’Ascension"]
    assert {entry.actor_label for entry in Entry.objects.all()} <= {"marelle init", "Marelle"}


def test_its_days_are_open_from_tomorrow_with_their_places() -> None:
    tomorrow = local(NOW).date() + timedelta(days=1)
    lunches = Opening.objects.filter(activity__name="Restauration scolaire")
    assert lunches.earliest("day").day == tomorrow
    assert not lunches.filter(day__gte=date(2026, 12, 26), day__lte=date(2027, 1, 3)).exists()
    places = Quota.objects.filter(gauge__name="Salle à manger")
    assert set(places.filter(day__lt="2027-01-01").values_list("capacity", flat=True)) == {48}
    assert set(places.filter(day__gte="2027-01-01").values_list("capacity", flat=True)) == {60}


def test_the_same_file_again_changes_nothing() -> None:
    before = counted()
    assert changes(VILLAGE) == {}
    definitions_write(text=VILLAGE, now=NOW)
    assert counted() == before


def test_an_export_changes_nothing_here_and_makes_the_same_elsewhere() -> None:
    text = exported()
    assert changes(text) == {}
    with transaction.atomic():
        for model in (Opening, Quota, DefinitionKey, Closure, Entry, Message):
            model._default_manager.all()._raw_delete("default")
        everything_away()
        assert exported().count("\n") < 10
        definitions_write(text=text, now=NOW)
        assert exported() == text
        transaction.set_rollback(True)
    assert exported() == text


def everything_away() -> None:
    """All that is defined, and whoever works there; keys are checked when nobody looks any more."""
    held = {type(row) for row in definitions_held().rows.values()} | {Post, Invitation, User}
    for model in apps.get_models():
        if model in held or model._meta.app_label in {"activities", "places", "papers", "pricing"}:
            model._default_manager.all()._raw_delete("default")
            for many in model._meta.many_to_many:
                many.remote_field.through._default_manager.all()._raw_delete("default")


def test_a_word_is_corrected_under_its_key() -> None:
    text = edited(("nom: Garderie périscolaire", "nom: Garderie du Bourg"))
    pk = Structure.objects.get(name="Garderie périscolaire").pk
    assert changes(text) == {"structures › garderie": ("name",)}
    written(text)
    assert Structure.objects.get(pk=pk).name == "Garderie du Bourg"
    assert changes(text) == {}


def test_a_name_that_agents_changed_leaves_the_key() -> None:
    Structure.objects.filter(name="Garderie périscolaire").update(name="Tout autre chose")
    assert changes(VILLAGE) == {"structures › garderie": ("name",)}


def test_what_screens_made_has_a_key_of_its_name_that_an_export_keeps() -> None:
    school = School.objects.get()
    School.objects.create(name="École du Bourg", commune=_other(school), calendar=school.calendar)
    assert "ecole-du-bourg-2:" in exported()
    definitions_kept()
    School.objects.exclude(pk=school.pk).update(name="École neuve")
    assert "ecole-du-bourg-2:" in exported()


def _other(school: School):
    return type(school.commune).objects.exclude(pk=school.commune_id).get()


def test_what_is_not_said_stays_and_what_is_emptied_goes() -> None:
    rest = edited(("    description: Un repas chaud, préparé sur place.\n", ""))
    assert changes(rest) == {}
    written(edited(("description: Un repas chaud, préparé sur place.", "description:")))
    assert Activity.objects.get(name="Restauration scolaire").description == ""


def test_what_the_file_has_no_more_stays_and_is_told() -> None:
    before = counted()
    found, _held = definitions_compared(SHORT.replace("mairie:", "mairie:"), now=NOW)
    assert {one.kind.name for one in found.left} > {"activity", "slot", "group", "school", "booking_rule"}
    start = VILLAGE.index("  mercredis:\n")
    written(VILLAGE[:start] + VILLAGE[VILLAGE.index("# Une invitation part") :])
    assert counted() == before


def test_another_key_is_another_thing() -> None:
    text = edited(("      petits:\n", "      moyens:\n"), ("{petits: [matin]", "{moyens: [matin]"))
    assert changes(text)["activités › mercredis › groupes › moyens"] == ("+",)
    written(text)
    assert AgeGroup.objects.filter(name="3–5 ans").count() == 2


def test_the_order_is_that_of_the_file() -> None:
    start = VILLAGE.index("      matin:\n        nom: Matin")
    end = VILLAGE.index("      repas:\n", start)
    morning = VILLAGE[start:end]
    rest = VILLAGE[:start] + VILLAGE[end:]
    place = rest.index("      sortie:\n        nom: Sortie")
    text = rest[:place] + morning + rest[place:]
    assert set(changes(text).values()) == {("order",)}
    written(text)
    slots = Slot.objects.filter(activity__name="Mercredis").order_by("order")
    assert [slot.name for slot in slots] == ["Repas", "Journée", "Garde à l’heure", "Matin", "Sortie"]
    assert changes(text) == {}


def test_something_new_comes_after_the_others() -> None:
    new = "  ludotheque: {collectivité: mairie, nom: Ludothèque, nature: périscolaire, commune: fontaine}"
    text = with_lines("\n# Ce que l’on demande aux familles", new)
    assert changes(text) == {"structures › ludotheque": ("+",)}
    written(text)
    assert Structure.objects.order_by("order").last() == Structure.objects.get(name="Ludothèque")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "réserver: {limite: jours avant, nombre: 2, heure: 12:00, comptés en: jours ouvrés}",
            "réserver: {limite: jours avant, nombre: 3, heure: 12:00, comptés en: jours ouvrés}",
            "délais › automne : une règle qui a commencé ne change plus",
        ),
        ("jours de carence: 1", "jours de carence: 2", "absences › toute-l-annee : une règle qui a"),
        ("créneau: repas\n        depuis: 01/01/2027", "créneau: repas\n        depuis: 08/01/2027",
         "délais › vendredi › depuis : « depuis » ne change pas une fois écrit"),
        ("{01/09/2026: 48", "{01/09/2026: 50", "jauges › salle : une date passée"),
        ("    au: 31/08/2027\n    description", "    au: 31/08/2025\n    description",
         "activités › cantine : Le dernier jour vient avant le premier."),
        ("    facture en retard: rappel", "    facture en retard: pas de réservation",
         "Une facture impayée ne ferme jamais la cantine."),
        ("    mois: 12", "    mois:", "« mois » va avec « valable : des mois »"),
        ("demande: [matin]", "demande: [matin, repas]", "demande : Choisissez des créneaux de cette"),
        ("part du repas: 3.15", "part du repas: 3.20", "« part du repas » ne change pas une fois"),
        ("    jusqu’au: 31/12/2026\n    # Des créneaux", "    jusqu’au: 01/10/2026\n    # Des créneaux",
         "tarifs › repas-2026 : des jours passés ont pu en dépendre"),
        ("    plancher: 814.62", "    plancher: 900", "ressources › cnaf-2026 : des jours passés"),
        ("    raison: Fermé entre", "    raison: Fermée entre", "« raison » ne change pas une fois écrit"),
    ],
)  # fmt: skip
def test_what_a_service_refuses_is_told_by_line_and_key(old: str, new: str, told: str) -> None:
    (words,) = refused(edited((old, new)))
    assert told in words


def test_a_number_of_the_accessibility_goes_with_its_date() -> None:
    (words,) = refused(edited(("    audit du: 12/05/2026", "    audit du:")))
    assert "Le taux, de 0 à 100, va avec la date de l’audit." in words


def test_all_refusals_are_told_at_once() -> None:
    words = refused(
        edited(
            ("    facture en retard: rappel", "    facture en retard: pas de réservation"),
            ("{01/09/2026: 48", "{01/09/2026: 50"),
            ("        jours de carence: 1", "        jours de carence: 2"),
        )
    )
    assert len(words) == 3


def test_a_rule_that_is_to_come_changes_and_one_that_follows_is_added() -> None:
    text = with_lines(
        "      vendredi:\n",
        "      plus-tard:",
        "        depuis: 01/03/2027",
        "        réserver: {limite: le début}",
        "        annuler: {limite: le début}",
        text=edited(
            ("annuler: {limite: heures avant, nombre: 24}", "annuler: {limite: heures avant, nombre: 48}")
        ),
    )
    assert changes(text) == {
        "activités › cantine › délais › ensuite": ("cancel",),
        "activités › cantine › délais › plus-tard": ("+",),
    }
    written(text)
    assert changes(text) == {}


def test_prices_are_those_of_the_file() -> None:
    book = book_of(Authority.objects.get().pk)
    assert {row.name: type(row.amount).__name__ for row in book.tariffs} == {
        "Repas": "Brackets",
        "Repas apporté (PAI)": "Fixed",
        "Carte": "ByNumber",
        "Journée de mercredi": "Linear",
        "Heure de garde": "Effort",
        "Retard à la fermeture": "Fixed",
    }
    lunch = Slot.objects.get(name="Repas", activity__name="Restauration scolaire")
    (autumn,) = (row for row in book.tariffs if row.name == "Repas" and row.until)
    assert autumn.what == Sets((frozenset({lunch.pk}),))
    assert autumn.voted == Voted("2026-47", date(2026, 6, 24))
    assert [type(row.case) for row in book.adjustments] == [Always, Rank, Late, Missed]
    assert book.span_rules[0].rule == Most(Fixed(Decimal(70)))


def test_a_tariff_ends_and_another_follows() -> None:
    since = "    depuis: 01/01/2027\n    de quoi"
    text = with_lines(
        "  repas-apporte:\n",
        "  repas-mars:",
        "    {collectivité: mairie, nom: Repas, depuis: 01/03/2027, montant: 4,",
        "     de quoi: {créneaux: {ensembles: [[cantine/repas]]}}}",
        text=edited((since, since.replace("\n", "\n    jusqu’au: 28/02/2027\n"))),
    )
    assert changes(text) == {"tarifs › repas-2027": ("until",), "tarifs › repas-mars": ("+",)}
    written(text)
    assert changes(text) == {}
    days = Tariff.objects.filter(name="Repas").order_by("since").values_list("since", "until")
    assert [(str(since), str(until)) for since, until in days] == [
        ("2026-09-01", "2026-12-31"), ("2027-01-01", "2027-02-28"), ("2027-03-01", "None"),
    ]  # fmt: skip


def test_a_tariff_of_days_gone_by_is_refused_once_what_it_prices_is_there() -> None:
    what = "de quoi: {retard: {créneaux: [mercredis/garde]}}"
    new = f"  tard: {{collectivité: mairie, nom: Tard, depuis: 01/10/2026, montant: 1, {what}}}"
    (words,) = refused(with_lines("  repas-apporte:\n", new))
    assert "tarifs › tard : des jours passés ont pu en dépendre" in words


def test_a_decision_for_one_home_is_in_no_file() -> None:
    authority, since = Authority.objects.get(), date(2027, 1, 1)
    home = Scenario().home("Durand", "Camille")
    help_ = Adjustment(0, "Aide du CCAS", since, None, 60, Always(), Percent(Decimal(-50)))
    row = tariff_set(actor=FROM_A_FILE, authority_id=authority.pk, tariff=help_, now=NOW)
    assert "Aide du CCAS" in exported()
    noted = {"noted_at": NOW, "noted_by": "guichet", "reason": "CCAS", "since": since, "kind": "decision"}
    HomeTrait.objects.create(authority=authority, family=home.family, adjustment=row, **noted)
    assert "Aide du CCAS" not in exported()


class TestBooked:
    """A child who has a meal on a day to come."""

    @pytest.fixture(autouse=True)
    def booked(self) -> None:
        world = Scenario()
        self.lunches = Activity.objects.get(name="Restauration scolaire")
        self.opening = Opening.objects.filter(activity=self.lunches).earliest("day")
        home = world.home("Durand", "Camille")
        child = world.child(home, "Zoé", born=date(2019, 3, 4))
        world.enrolment(child, self.lunches, home)
        self.booking = world.booking(child, self.opening)

    def test_fewer_places_than_are_taken_are_refused(self) -> None:
        gauge = Gauge.objects.get(name="Salle à manger")
        Quota.objects.filter(gauge=gauge, day=self.opening.day).update(taken=9)
        (words,) = refused(edited(("{01/09/2026: 48, 01/01/2027: 60}", "8")))
        assert "9 places sont prises le 26 novembre 2026 : 8 ne suffisent pas." in words

    def test_the_gauges_of_a_slot_stay(self) -> None:
        (words,) = refused(edited(("        jauges: [salle]", "        jauges: [garderie/matin]")))
        assert "jauges : des enfants y ont réservé" in words

    def test_a_day_is_not_closed(self) -> None:
        day = f"{self.opening.day:%d/%m/%Y}"
        more = f"    fermetures:\n      travaux: {{raison: Travaux, du: {day}, au: {day}}}\n"
        (words,) = refused(edited(("    fermetures:\n", more)))
        assert "des enfants y ont réservé, ou une sortie" in words

    def test_hours_change_but_for_who_booked(self) -> None:
        done = definitions_write(
            text=edited(
                ("jours: [lundi, mardi, jeudi, vendredi]\n        # école", "jours: [lundi]\n        # école")
            ),
            now=NOW,
        )
        (opened,) = done.opened
        assert (opened.activity, opened.kept) == ("Restauration scolaire", 1)
        assert {row.day.weekday() for row in Opening.objects.filter(activity=self.lunches)} == {
            0,
            self.opening.day.weekday(),
        }
        assert Booking.objects.filter(pk=self.booking.pk, state="booked").exists()


def test_days_that_nobody_booked_are_closed() -> None:
    there = Opening.objects.filter(activity__structure__name="Restaurant scolaire")
    day = there.earliest("day").day
    said = f"{day:%d/%m/%Y}"
    more = f"    fermetures:\n      travaux: {{raison: Travaux, du: {said}, au: {said}}}\n"
    text = edited(("    fermetures:\n", more))
    written(text)
    assert there.earliest("day").day > day
    assert changes(text) == {}


def test_what_was_shown_and_is_not_so_any_more_is_not_written() -> None:
    text = edited(("nom: Garderie périscolaire", "nom: Garderie du Bourg"))
    found, _held = definitions_compared(text, now=NOW)
    Structure.objects.filter(name="Garderie périscolaire").update(name="Autre chose")
    with pytest.raises(DefinitionsRefused) as moved:
        definitions_write(text=text, mark=found.mark, now=NOW)
    assert moved.value.code == "moved"


def test_first_agents_are_invited_once_and_by_mail() -> None:
    assert {post.user.email: post.role for post in Post.objects.exclude(role="office")} == {
        "secretariat@fontaine.example": "administrator",
        "direction@fontaine.example": "director",
        "animation@fontaine.example": "animator",
    }
    assert set(Message.objects.filter(kind="accounts/agent_invitation").values_list("to", flat=True)) == set(
        User.objects.values_list("email", flat=True)
    )
    assert not User.objects.filter(is_active=True).exists()
    Post.objects.filter(role="animator").update(suspended_at=NOW)
    assert definitions_compared(VILLAGE, now=NOW)[0].agents == ()


def test_who_has_an_account_is_given_its_post_on_the_screens() -> None:
    assert Scenario().home("Durand", "Camille").user.is_active
    User.objects.filter(is_active=True).update(email="nina@fontaine.example")
    new = "  nouvelle: {nom: Nina, courriel: nina@fontaine.example, administration: oui}"
    text = with_lines("  direction:\n    nom: Ali", new)
    (words,) = refused(text)
    assert "premiers agents › nouvelle : un compte a déjà cette adresse" in words


def test_an_export_names_nobody() -> None:
    text = exported()
    assert "premiers agents" not in text
    assert "Morel" not in text


def test_a_second_authority_shares_the_portal() -> None:
    new = "  cc: {nom: Communauté, nom court: CC, courriels: {signature: {à la fin: La CC}}}"
    text = with_lines("\n# Les textes des pages", new)
    assert changes(text) == {
        "collectivités › cc": ("+",),
        "collectivités › cc › courriels › signature": ("+",),
    }
    written(text)
    assert Authority.objects.order_by("pk").first().name == "Mairie de Fontaine-aux-Bois"


def test_holidays_that_the_state_publishes_may_not_count_here() -> None:
    away = "{nature: vacances, nom: Noël, du: 19/12/2026, au: 03/01/2027, en vigueur: non}"
    text = with_lines("      pont:\n", f"      noel: {away}")
    written(text)
    rows = CalendarSpan.objects.filter(first_day=date(2026, 12, 19))
    assert [row.active for row in rows] == [False]
    assert changes(text) == {}
    noted = Entry.objects.filter(verb="calendar.span_added", subject_id=rows[0].pk)
    assert noted.count() == 1
    written(text.replace("en vigueur: non", "en vigueur: oui"))
    assert [row.active for row in rows.all()] == [True]
    assert noted.count() == 2, "the journal says that they have force again"
