"""« Mes inscriptions » through the browser's eyes: what is shown, asked, refused, kept."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import Terms, enrolment_request
from marelle.families.models import Guardianship
from marelle.papers.models import PaperNeed, PaperType
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.wednesdays = self.activity("Mercredis")
        self.morning = self.slot(self.wednesdays, "Matin", weekdays=[2], capacity=24)
        self.page = f"/inscriptions/{self.zoe.pk}/"
        self.form = f"{self.page}demander/{self.wednesdays.pk}/"

    def typed(self, **changes) -> dict[str, object]:
        return {
            "starts_on": "2026-12-02",
            "ends_on": "2027-08-31",
            "wishes": [f"2-{self.morning.pk}"],
            "comment": "Bonjour",
            **changes,
        }


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def test_a_parent_walks_the_first_step(world, parent):
    people = text(parent.get("/inscriptions/"))
    assert "Zoé" in people
    assert "/guichet-unique/mes-demandes/" in people
    assert "Mercredis" in text(parent.get(world.page))
    assert "Étape 1" in text(parent.get(world.form))
    sent = parent.post(world.form, world.typed(), follow=True)
    enrolment = Enrolment.objects.get()
    assert sent.redirect_chain == [(f"/inscriptions/recu/?d={enrolment.pk}", 302)]
    assert (
        "Votre demande est maintenant envoyée. Le service concerné va maintenant valider votre demande."
        in text(sent)
    )
    assert "mercredi : Matin" in text(sent)
    assert f"D-{enrolment.pk:05}" in text(sent)
    assert "03 00 00 00 01" in text(sent)
    assert "en attente" in text(parent.get(world.page))
    assert enrolment.starts_on == date(2026, 12, 2)
    assert enrolment.comment == "Bonjour"
    assert "1 demande en attente" in text(parent.get("/inscriptions/"))


def test_an_accepted_enrolment_leads_to_its_planning_in_one_click(world, parent):
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    page = text(parent.get(world.page))
    assert f"/reservations/?enfant={world.zoe.pk}&amp;activite={world.wednesdays.pk}" in page
    assert "ATTENTION L’INSCRIPTION NE SUFFIT PAS IL FAUT RÉSERVER DES CRÉNEAUX" in page


def test_a_refusal_shows_its_reason(world, parent):
    world.enrolment(world.zoe, world.wednesdays, world.durand, state="refused", reason="Dossier incomplet.")
    assert "Dossier incomplet." in text(parent.get(world.page))


def test_the_filter_keeps_one_state(world, parent):
    other = world.activity("Vacances")
    world.enrolment(world.zoe, world.wednesdays, world.durand)
    world.enrolment(world.zoe, other, world.durand, state="withdrawn")
    refused = text(parent.get(world.page, {"etat": "withdrawn"}))
    assert "retirée" in refused
    assert "Étape 2\u00a0: réserver" not in refused
    assert "Étape 2\u00a0: réserver" in text(parent.get(world.page, {"etat": "n’importe quoi"}))


def test_what_cannot_be_asked_says_why(world, parent):
    world.activity("Espace jeunes", years=(12, 17))
    page = text(parent.get(world.page))
    assert "Trop jeune : à partir de 12 ans" in page


def test_a_second_click_is_harmless_and_says_so(world, parent):
    parent.post(world.form, world.typed())
    again = parent.post(world.form, world.typed(), follow=True)
    assert "Votre demande est déjà envoyée" in text(again)
    assert Enrolment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts_on": "2026-11-24"}, "Cette date est passée"),
        ({"starts_on": "hier"}, "Donnez une date"),
        ({"ends_on": "2028-01-01"}, "L’activité a lieu"),
        ({"ends_on": "2026-12-01"}, "La fin vient avant le début"),
        ({"wishes": ["3-1"]}, "n’est pas proposé ce jour-là"),
        ({"wishes": ["x"] * 10_000}, "n’est pas proposé ce jour-là"),
        ({"comment": "é" * 501}, "500"),
    ],
)
def test_bad_input_says_what_is_wrong_and_keeps_what_was_typed(world, parent, changes, said):
    typed = world.typed(**{"comment": "Bonjour à tous", **changes})
    answer = parent.post(world.form, typed)
    assert answer.status_code == 200
    assert said in text(answer)
    assert str(typed["comment"]) in text(answer)
    assert not Enrolment.objects.exists()


def test_wishes_typed_stay_ticked(world, parent):
    answer = text(parent.post(world.form, world.typed(starts_on="")))
    assert f'value="2-{world.morning.pk}" checked' in answer


def test_a_child_too_old_on_the_first_day_is_told_by_that_day(world, parent):
    old = world.child(world.durand, "Max", born=date(2014, 1, 10))
    form = f"/inscriptions/{old.pk}/demander/{world.wednesdays.pk}/"
    answer = text(parent.post(form, world.typed(starts_on="2027-02-01")))
    assert "Trop grand : jusqu’à 12 ans, âge compté le 1er février 2027" in answer


def test_what_is_of_others_is_not_found(world, parent):
    martin = world.home("Martin")
    ines = world.child(martin, "Inès")
    theirs = world.enrolment(ines, world.wednesdays, martin, state="requested")
    for path in (
        f"/inscriptions/{ines.pk}/",
        f"/inscriptions/{ines.pk}/demander/{world.wednesdays.pk}/",
        f"{world.page}demander/{10**6}/",
        f"{world.page}demander/{10**30}/",
        f"/inscriptions/{10**30}/",
    ):
        assert parent.get(path).status_code == 404, path
    assert parent.post(f"{world.page}retirer/{theirs.pk}/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == "requested"


def test_a_guardian_who_may_see_but_not_book(world, parent):
    Guardianship.objects.update(may_book=False)
    page = text(parent.get(world.page))
    assert "mais pas en demander" in page
    assert parent.get(world.form).status_code == 404


def test_a_request_is_taken_back(world, parent):
    parent.post(world.form, world.typed())
    enrolment = Enrolment.objects.get()
    answer = parent.post(f"{world.page}retirer/{enrolment.pk}/", follow=True)
    assert "Votre demande est retirée." in text(answer)
    assert "retirée" in text(answer)


def test_a_baby_is_led_to_the_guichet_unique_and_told_one_thing(world, parent):
    baby = world.child(world.durand, "Noé", born=date(2026, 8, 1))
    crib = {"kind": "childcare", "years": (0, 3), "enrolment_mode": "by_structure"}
    world.activity("Multi-accueil", **crib)
    page = parent.get(f"/inscriptions/{baby.pk}/").content.decode()
    assert "Noé n’a pas encore d’inscription" in page
    assert "Choisissez ci-dessous" not in page
    assert "ne peut être demandée pour le moment" not in page
    opened, closed = page.split("<details")
    assert f'href="/guichet-unique/?enfant={baby.pk}"' in opened
    assert "Une place se demande au guichet unique" in opened
    assert "Mercredis" in closed
    assert 'value="Noé"' in parent.get(f"/guichet-unique/?enfant={baby.pk}").content.decode()
    elder = parent.get(world.page).content.decode()
    assert "Multi-accueil" in elder.split("<details")[1]
    assert "guichet-unique/?enfant" not in elder


def test_what_is_for_a_teenager_stands_in_the_open_and_the_rest_is_behind(world, parent):
    teen = world.child(world.durand, "Lison", born=date(2012, 5, 4))
    outings = world.activity("Sorties", kind="youth", years=(12, 17))
    world.activity("Été", kind="youth", years=(12, 17), requests_open_at=NOW + timedelta(days=1))
    world.activity("Tôt", years=(3, 11), requests_open_at=NOW + timedelta(days=1))
    paper = PaperType.objects.create(authority=world.the_authority, title="Aisance aquatique", about="child")
    PaperNeed.objects.create(activity=outings, paper_type=paper, effect="blocks_request")
    opened, closed = parent.get(f"/inscriptions/{teen.pk}/").content.decode().split("<details")
    assert all(name in opened for name in ("Sorties", "Aisance aquatique", "Été"))
    assert all(name in closed for name in ("Mercredis", "Tôt"))
    assert "open" not in closed.split(">")[0]


def test_the_same_number_of_queries_at_one_row_and_at_many(world, parent, count_queries):
    def fill(name: str) -> None:
        activity = world.activity(name)
        world.group(activity, "3–12 ans", (3, 12))
        world.slot(activity, "Matin")
        world.enrolment(world.zoe, activity, world.durand)
        world.slot(world.activity(f"{name}, à demander"), "Matin")

    fill("Première")
    parent.get(world.page)
    with count_queries(12) as few:
        parent.get(world.page)
    for number in range(8):
        fill(f"Autre {number}")
    with count_queries() as many:
        parent.get(world.page)
    assert len(many) == len(few)


def test_a_request_of_one_home_is_not_shown_to_the_other(world, client):
    petit = world.home("Petit", "Alex")
    world.shared(world.zoe, world.durand, petit)
    enrolment_request(
        actor=world.durand.actor,
        person_id=world.zoe.pk,
        activity_id=world.wednesdays.pk,
        terms=Terms(date(2026, 12, 2), date(2027, 8, 31), {}),
        now=NOW,
    )
    client.force_login(petit.user)
    page = text(client.get(world.page))
    assert "en attente" not in page
    assert "Camille" not in page
