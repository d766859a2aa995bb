"""Settings: what is asked for, by whom it is written, which activities need it."""

from __future__ import annotations

from datetime import date

import pytest

from marelle.core.actor import Role
from marelle.papers.models import PaperNeed, PaperType
from tests.agents.test_papers import logged
from tests.papers.world import NOW, Desk
from tests.portal.test_enrolments import text

pytestmark = pytest.mark.django_db

LIST = "/agents/reglages/documents/"


@pytest.fixture
def world(time_machine) -> Desk:
    time_machine.move_to(NOW)
    return Desk()


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
    refused = office.post(f"{edit}activites/", {f"effect-{one}": "blocks_bookings"})
    assert "Donnez le premier jour où les réservations ferment." in text(refused)
    office.post(f"{edit}activites/", {f"effect-{one}": "blocks_bookings", f"since-{one}": "2027-01-04"})
    need = PaperNeed.objects.get()
    assert (need.effect, need.bookings_from) == ("blocks_bookings", date(2027, 1, 4))
    office.post(f"{edit}activites/", {f"effect-{one}": ""})
    assert not PaperNeed.objects.exists()
    office.post(edit, typed(world, title="Facture de moins de trois mois", active=""))
    kind.refresh_from_db()
    assert (kind.title, kind.active) == ("Facture de moins de trois mois", False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "obligatoire"),
        ({"title": "é" * 121}, "120"),
        ({"validity_months": ""}, "Donnez un nombre de mois"),
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
    answer = office.post(f"{LIST}{kind.pk}/", typed(world))
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
