"""Settings: what is asked for, by whom it is written, which activities need it."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, timedelta
from html import unescape

import pytest

from marelle.activities.models import BookingCondition
from marelle.core.actor import Role
from marelle.files.fields import checked
from marelle.flows.papers.asked import send
from marelle.journal.models import Entry
from marelle.papers.models import PaperNeed, PaperType
from tests.agents.test_papers import logged
from tests.papers.files import picture
from tests.papers.world import NOW, Desk
from tests.portal.test_enrolments import text
from tests.standing import built_once

pytestmark = pytest.mark.django_db

LIST = "/agents/reglages/documents/"


built = built_once(Desk, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Desk:
    time_machine.move_to(NOW)
    return deepcopy(built)


def typed(world, **changes):
    return {
        "authority": world.the_authority.pk,
        "title": "Justificatif de domicile",
        "why": "Pour appliquer le bon tarif.",
        "stake": "",
        "about": "family",
        "mandatory": "on",
        "validity": "months",
        "validity_months": "12",
        "order": "1",
        "active": "on",
        **changes,
    }


def test_the_office_adds_a_type_and_says_which_activities_need_it(world):
    office = logged(world.staff("guichet", Role.OFFICE))
    assert "Aucun document n’est demandé" in text(office.get(LIST))
    answer = office.post(f"{LIST}nouveau/", typed(world), follow=True)
    assert "Dites maintenant quelles activités le demandent." in text(answer)
    kind = PaperType.objects.get()
    assert (kind.validity_months, kind.mandatory, kind.asked_of_all) == (12, True, False)
    edit = f"{LIST}{kind.pk}/"
    one = world.wednesdays.pk

    def needs(**sent):
        return office.post(f"{edit}activites/", sent | {"needs_seen": shown(office, edit, "needs_seen")})

    refused = needs(**{f"effect-{one}": "blocks_bookings"})
    assert "Donnez le premier jour où les réservations ferment." in text(refused)
    needs(**{f"effect-{one}": "blocks_bookings", f"since-{one}": "2027-01-04"})
    need = PaperNeed.objects.get()
    assert (need.effect, need.bookings_from) == ("blocks_bookings", date(2027, 1, 4))
    needs(**{f"effect-{one}": ""})
    assert not PaperNeed.objects.exists()
    changes = typed(world, title="Facture de moins de trois mois", active="")
    for _sent_twice in range(2):
        office.post(edit, changes | {"seen": shown(office, edit, "seen")})
    kind.refresh_from_db()
    assert (kind.title, kind.active) == ("Facture de moins de trois mois", False)
    assert Entry.objects.get(verb="paper_type.changed").data == {"fields": ["title", "active"]}
    assert Entry.objects.get(verb="paper_need.set").data["fields"] == ["effect", "bookings_from"]


def test_what_a_booking_asks_for_by_the_day_is_not_stopped(world):
    """Until no activity asks for it any more, on no day to come."""
    office = logged(world.staff("guichet", Role.OFFICE))
    kind = world.paper_type("Justificatif de domicile", validity="months", validity_months=12)
    edit = f"{LIST}{kind.pk}/"
    condition = BookingCondition.objects.create(
        activity=world.wednesdays, since=date(2026, 9, 1), paper_type=kind.pk, paper_title=kind.title
    )

    def stopped(**more) -> str:
        return text(
            office.post(edit, typed(world, active="", **more) | {"seen": shown(office, edit, "seen")})
        )

    page = stopped(why="Autre chose")
    assert f"On ne réserve qu’avec ce document pour «\u00a0{world.wednesdays.name}\u00a0»" in page
    assert "Autre chose" in page
    kind.refresh_from_db()
    assert (kind.active, kind.why == "Autre chose") == (True, False)
    BookingCondition.objects.filter(pk=condition.pk).update(until=NOW.date())
    assert "On ne réserve" in stopped()
    BookingCondition.objects.filter(pk=condition.pk).update(until=NOW.date() - timedelta(days=1))
    assert "On ne réserve" not in stopped()
    kind.refresh_from_db()
    assert not kind.active
    BookingCondition.objects.filter(pk=condition.pk).update(until=None)
    assert "On ne réserve" not in stopped(why="Autre chose"), "one that is stopped already is written"


def shown(client, address: str, name: str) -> str:
    """What the page of a type shows, as its form carries it."""
    page = client.get(address).content.decode()
    return unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])


def test_of_two_agents_on_one_type_the_second_is_told_and_what_it_typed_stays(world):
    kind = world.paper_type("Livret", validity="none")
    first, second = (logged(world.staff(name, Role.OFFICE)) for name in ("guichet", "nadege"))
    edit = f"{LIST}{kind.pk}/"
    seen = shown(second, edit, "seen")
    first.post(edit, typed(world, title="Livret de famille", about="child") | {"seen": seen})
    refused = second.post(edit, typed(world, title="Le livret", about="child") | {"seen": seen})
    assert "a modifié ceci le mercredi 25 novembre 2026" in text(refused)
    assert "nom : Livret de famille" in text(refused).lower().replace(
        "livret de famille", "Livret de famille"
    )
    assert 'value="Le livret"' in refused.content.decode()
    assert PaperType.objects.get().title == "Livret de famille"
    again = re.search(r'name="seen" value="([^"]*)"', refused.content.decode())[1]
    second.post(edit, typed(world, title="Le livret", about="child") | {"seen": unescape(again)})
    assert PaperType.objects.get().title == "Le livret"


@pytest.mark.parametrize("seen", ["", "x", "[]", "[" * 5000])
def test_a_form_that_showed_nothing_that_makes_sense_writes_nothing(world, seen):
    kind = world.paper_type("Livret", needed_by=[world.wednesdays])
    office = logged(world.staff("guichet", Role.OFFICE))
    edit = f"{LIST}{kind.pk}/"
    assert "a modifié ceci" in text(office.post(edit, typed(world) | {"seen": seen}))
    sent = {f"effect-{world.wednesdays.pk}": "", "needs_seen": seen}
    assert "a modifié ceci" in text(office.post(f"{edit}activites/", sent))
    assert PaperType.objects.get().title == "Livret"
    assert PaperNeed.objects.count() == 1


def test_of_two_agents_on_what_activities_need_the_second_is_told_and_what_it_chose_stays(world):
    kind = world.paper_type("Livret")
    first, second = (logged(world.staff(name, Role.OFFICE)) for name in ("guichet", "nadege"))
    edit, one = f"{LIST}{kind.pk}/", world.wednesdays.pk
    seen = shown(second, edit, "needs_seen")
    closes = {f"effect-{one}": "blocks_bookings", f"since-{one}": "2027-01-04"}
    first.post(f"{edit}activites/", closes | {"needs_seen": seen})
    refused = second.post(f"{edit}activites/", {f"effect-{one}": "warn", "needs_seen": seen})
    told = text(refused)
    assert "Guichet a modifié ceci" in told
    assert "Mercredis : les réservations ne sont plus possibles à partir du 4 janvier 2027." in told
    assert '<option value="warn" selected>' in refused.content.decode()
    assert PaperNeed.objects.get().effect == "blocks_bookings"
    again = re.search(r'name="needs_seen" value="([^"]*)"', refused.content.decode())[1]
    second.post(f"{edit}activites/", {f"effect-{one}": "warn", "needs_seen": unescape(again)})
    assert PaperNeed.objects.get().effect == "warn"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "obligatoire"),
        ({"title": "é" * 121}, "120"),
        ({"validity_months": ""}, "Donnez un nombre de mois"),
        ({"validity_months": "9" * 30}, "240"),
        ({"validity_months": "241"}, "240"),
        ({"validity_months": "-1"}, "supérieure ou égale à 0"),
        ({"order": "40000"}, "9999"),
        ({"validity": "none"}, "Donnez un nombre de mois"),
        ({"is_health": "on", "asked_of_all": "on"}, "jamais à tout le monde"),
        ({"title": "Déjà là"}, "Un document de ce nom existe déjà"),
        ({"about": "chien"}, "choix valide"),
    ],
)
def test_bad_input_says_what_is_wrong_and_keeps_what_was_typed(world, changes, said):
    world.paper_type("Déjà là")
    office = logged(world.staff("guichet", Role.OFFICE))
    answer = office.post(f"{LIST}nouveau/", typed(world, **changes))
    assert answer.status_code == 200
    assert said in text(answer)
    assert "Pour appliquer le bon tarif." in text(answer)
    assert PaperType.objects.count() == 1


def test_whose_paper_it_is_stays_once_papers_were_sent(world):
    kind = world.paper_type("Assurance")
    world.paper(kind, world.durand, world.zoe)
    office = logged(world.staff("guichet", Role.OFFICE))
    edit = f"{LIST}{kind.pk}/"
    answer = office.post(edit, typed(world) | {"seen": shown(office, edit, "seen")})
    assert "Des familles ont déjà envoyé ce document" in text(answer)


def test_a_director_says_what_its_activities_need_and_changes_no_type(world):
    kind = world.paper_type("Assurance")
    elsewhere = world.structure("Ailleurs")
    holidays = world.activity("Vacances", structure=elsewhere)
    world.need(holidays, kind)
    director = logged(world.staff("direction", Role.DIRECTOR))
    page = text(director.get(f"{LIST}{kind.pk}/"))
    assert "Mercredis" in page
    assert "Vacances" not in page.split("<main")[1]
    assert director.post(f"{LIST}{kind.pk}/", typed(world)).status_code == 404
    assert director.get(f"{LIST}nouveau/").status_code == 403
    one = world.wednesdays.pk
    director.post(f"{LIST}{kind.pk}/activites/", {f"effect-{one}": "warn", f"effect-{holidays.pk}": ""})
    assert set(PaperNeed.objects.values_list("activity__name", flat=True)) == {"Mercredis", "Vacances"}


def test_another_authority_is_not_found(world):
    kind = world.paper_type("Assurance", authority=world.authority("Mairie"))
    office = logged(world.staff("guichet", Role.OFFICE))
    assert office.get(f"{LIST}{kind.pk}/").status_code == 404
    refused = office.post(f"{LIST}nouveau/", typed(world, authority=kind.authority_id))
    assert refused.status_code == 200
    assert PaperType.objects.count() == 1


def test_the_list_says_where_each_is_asked(world, count_queries):
    office = logged(world.staff("guichet", Role.OFFICE))
    world.paper_type("Livret", needed_by=[world.wednesdays], asked_of_all=True)
    world.paper_type("Diplôme")
    page = text(office.get(LIST))
    assert "document de l’enfant" in page
    assert f"demandé à tous · demandé par Mercredis ({world.the_structure.name})" in page
    assert "demandé par aucune de vos activités" in page
    with count_queries() as few:
        office.get(LIST)
    for number in range(6):
        world.need(world.activity(f"Stage {number}"), PaperType.objects.get(title="Livret"))
    assert "et 3 autres activités" in text(office.get(LIST))
    with count_queries(len(few)):
        office.get(LIST)


def test_what_is_used_is_not_removed_and_says_by_what(world):
    office = logged(world.staff("guichet", Role.OFFICE))
    kind = world.paper_type("Livret", needed_by=[world.wednesdays])
    refused = text(office.post(f"{LIST}{kind.pk}/supprimer/", follow=True))
    assert "c’est utilisé par : 1 document demandé par une activité." in refused
    assert "Pour ne plus le demander, décochez" in refused
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    who = {"actor": world.durand.actor, "person_id": world.zoe.pk}
    send(**who, type_id=kind.pk, uploads=[checked(picture("a.jpg"))], now=NOW)
    kind.needs.all().delete()
    assert "1 document." in text(office.post(f"{LIST}{kind.pk}/supprimer/", follow=True))
    assert PaperType.objects.get() == kind
    unused = world.paper_type("Diplôme")
    removed = text(office.post(f"{LIST}{unused.pk}/supprimer/", follow=True))
    assert "Le document est supprimé de la liste." in removed
    assert "Diplôme" not in removed
    assert Entry.objects.filter(verb="paper_type.removed", subject_label="Diplôme").exists()


def test_activities_of_two_years_are_told_apart_and_those_that_are_over_go_once_they_ask_no_more(world):
    old, asking = (
        world.activity(name, first_day=date(2025, 9, 1), last_day=date(2026, 7, 3))
        for name in ("Mercredis", "Ateliers")
    )
    world.activity("Mercredis", first_day=date(2027, 9, 1), last_day=date(2028, 7, 5))
    kind = world.paper_type(needed_by=[asking])
    office = logged(world.staff("guichet", Role.OFFICE))
    edit = f"{LIST}{kind.pk}/"
    page = text(office.get(edit))
    assert "Mercredis, du 1er septembre 2027 au 5 juillet 2028" in page
    assert f"effect-{old.pk}" not in page
    assert f"effect-{asking.pk}" in page
    assert "demandé par aucune de vos activités" in text(office.get(LIST))
    seen = shown(office, edit, "needs_seen")
    office.post(f"{edit}activites/", {f"effect-{asking.pk}": "", "needs_seen": seen})
    assert f"effect-{asking.pk}" not in text(office.get(edit))
    assert not kind.needs.exists()
