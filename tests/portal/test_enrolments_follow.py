"""Following an enrolment: filters, details, acknowledgement, several requests at once, asking for its end."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.activities.models import Question
from marelle.core.clock import PARIS
from marelle.enrolments.models import EndRequest, Enrolment, GroupChoice
from marelle.papers.models import PaperNeed, PaperType
from tests.reading import text
from tests.scenario import Scenario
from tests.standing import built_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)


class Village(Scenario):
    """Zoé was in last year's Mercredis, on Wednesday mornings; this year's may be asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        self.leo = self.child(self.durand, "Léo", born=date(2021, 3, 4))
        last_year = {"first_day": date(2025, 9, 1), "last_day": date(2026, 8, 31)}
        self.past = self.activity("Mercredis 2025-2026", **last_year)
        past_morning = self.slot(self.past, "Matin", weekdays=[2])
        self.wednesdays = self.activity("Mercredis 2026-2027")
        self.morning = self.slot(self.wednesdays, "Matin", weekdays=[2], capacity=1)
        self.rule(self.wednesdays)
        self.last_year = self.enrolment(
            self.zoe, self.past, self.durand, state="ended", wishes={"2": [past_morning.pk]}
        )
        self.page = f"/inscriptions/{self.zoe.pk}/"

    def enrolled(self) -> Enrolment:
        return self.enrolment(self.zoe, self.wednesdays, self.durand)

    def details(self, enrolment: Enrolment) -> str:
        return f"{self.page}inscription/{enrolment.pk}/"

    def key(self, child) -> str:
        return f"{child.pk}-{self.wednesdays.pk}"


built = built_once(Village, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def parent(world, client) -> Client:
    client.force_login(world.durand.user)
    return client


def test_filters_by_state_year_and_activity(world, parent):
    enrolment = world.enrolled()
    new, old = world.details(enrolment), world.details(world.last_year)
    for query, shown, hidden in (
        ({"etat": "ended"}, old, new),
        ({"annee": "2026"}, new, old),
        ({"activite": world.past.pk}, old, new),
    ):
        page = text(parent.get(world.page, query))
        assert shown in page, query
        assert hidden not in page, query
    assert text(parent.get(world.page)).count(f">{world.past.name}</option>") == 1
    nothing = text(parent.get(world.page, {"etat": "ended", "annee": "2026"}))
    assert "Aucune inscription ne répond à ces choix." in nothing
    everything = text(parent.get(world.page, {"annee": "1850", "activite": "<b>"}))
    assert new in everything
    assert old in everything


def test_an_activity_of_every_year_is_one_choice(world, parent):
    enrolment = world.enrolled()
    world.past.name = world.wednesdays.name
    world.past.save()
    page = text(parent.get(world.page))
    assert page.count(f">{world.wednesdays.name}</option>") == 0, "one name is nothing to choose from"
    canteen = world.activity("Cantine", kind="canteen")
    other = world.enrolment(world.zoe, canteen, world.durand)
    page = text(parent.get(world.page))
    key = re.search(rf'<option value="(\d+)">{world.wednesdays.name}</option>', page)
    assert key is not None
    assert page.count(f">{world.wednesdays.name}</option>") == 1
    kept = text(parent.get(world.page, {"activite": key[1]}))
    assert world.details(enrolment) in kept
    assert world.details(world.last_year) in kept
    assert world.details(other) not in kept


def test_details_tell_groups_contact_reference_and_missing_papers(world, parent):
    small = world.group(world.wednesdays, "3–5 ans", (3, 5))
    big = world.group(world.wednesdays, "6–12 ans", (6, 12))
    enrolment = world.enrolment(world.zoe, world.wednesdays, world.durand, group=small)
    GroupChoice.objects.create(enrolment=enrolment, group=big, since=date(2027, 1, 4))
    kind = PaperType.objects.create(
        authority=world.the_authority, title="Assurance", why="Pour tous.", about="child"
    )
    PaperNeed.objects.create(
        activity=world.wednesdays,
        paper_type=kind,
        effect="blocks_bookings",
        bookings_from=date(2027, 1, 4),
    )
    page = text(parent.get(world.details(enrolment)))
    assert "3–5 ans, puis 6–12 ans à partir du 4 janvier 2027" in page
    assert "03 00 00 00 01 ou structure@arelle.example" in page
    assert f"D-{enrolment.pk:05}" in page
    assert "sans lui, plus de réservation à partir du 4 janvier 2027" in page
    assert 'href="/documents/"' in page
    assert "Étape 2\u00a0: réserver des créneaux" in page


def test_a_refusal_promises_a_call(world, parent):
    refused = world.enrolment(
        world.zoe, world.wednesdays, world.durand, state="refused", reason="Dossier incomplet."
    )
    page = text(parent.get(world.details(refused)))
    assert "Dossier incomplet." in page
    assert "Le responsable du service prendra contact avec vous." in page


def test_complete_is_told_and_may_still_be_asked_for(world, parent):
    (opening,) = world.openings(world.wednesdays, date(2026, 12, 2))
    martin = world.home("Martin")
    ines = world.child(martin, "Inès")
    world.enrolment(ines, world.wednesdays, martin)
    world.booking(ines, opening)
    form = f"{world.page}demander/{world.wednesdays.pk}/"
    assert "Complet pour le moment : votre demande ira en attente." in text(parent.get(form))
    world.wednesdays.closes_when_full = True
    world.wednesdays.save()
    assert "ne prend pas de nouvelle demande" in text(parent.get(form))
    sent = parent.post(form, {"starts_on": "2026-12-02", "ends_on": "2027-08-31"})
    assert "ne prend pas de nouvelle demande" in text(sent)
    assert Enrolment.objects.filter(person=world.zoe, state="requested").count() == 0


def test_last_year_is_proposed_and_ticked_only_when_asked(world, parent):
    page = text(parent.get("/inscriptions/plusieurs/"))
    assert "Zoé, Mercredis 2026-2027" in page
    box = f'name="wanted" value="{world.key(world.zoe)}"'
    wish = f'value="{world.key(world.zoe)}-2-{world.morning.pk}"'
    assert box in page
    assert f"{box} checked" not in page
    again = text(parent.get("/inscriptions/plusieurs/", {"reprendre": "1"}))
    assert f"{box} checked" in again
    assert f"{wish} checked" in again
    assert f'value="{world.key(world.leo)}" checked' not in again


def test_a_child_for_whom_nothing_may_be_asked_is_told_of(world, parent):
    """Nothing of the page spoke of the baby, whose crèche enrols by itself: its parents looked for it."""
    world.child(world.durand, "Noé", born=date(2026, 9, 17))
    for activity in (world.past, world.wednesdays):
        activity.min_age_months = 36
        activity.save()
    page = text(parent.get("/inscriptions/plusieurs/"))
    noe = page.partition("<h2>Noé</h2>")[2]
    assert "Rien à demander pour le moment." in noe
    assert "Toutes les activités pour Noé" in noe


def test_several_requests_each_answered_and_acknowledged_once(world, parent):
    typed = {
        "starts_on": "2026-12-02",
        "wanted": [world.key(world.zoe), world.key(world.leo)],
        "wishes": [f"{world.key(world.zoe)}-2-{world.morning.pk}"],
    }
    sent = parent.post("/inscriptions/plusieurs/", typed, follow=True)
    zoe, leo = Enrolment.objects.filter(state="requested").order_by("person_id")
    assert sent.redirect_chain == [(f"/inscriptions/recu/?d={zoe.pk}&d={leo.pk}", 302)]
    assert "Vos demandes sont maintenant envoyées." in text(sent)
    assert (zoe.wishes, leo.wishes) == ({"2": [world.morning.pk]}, {})
    again = text(parent.post("/inscriptions/plusieurs/", typed))
    assert again.count("Votre demande est déjà envoyée") == 2
    assert Enrolment.objects.filter(state="requested").count() == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts_on": ""}, "Donnez le premier jour."),
        ({"starts_on": "1850-01-01"}, "Cette date est passée"),
        ({"wanted": []}, "Cochez au moins une activité."),
        ({"wanted": ["1-1", "<b>"]}, "n’est plus proposée"),
        ({"wishes": ["x"] * 10_000}, "n’est pas proposé ce jour-là"),
    ],
)
def test_bad_input_of_several_stores_nothing_and_keeps_the_ticks(world, parent, changes, said):
    typed = {"starts_on": "2026-12-02", "wanted": [world.key(world.leo)], **changes}
    page = text(parent.post("/inscriptions/plusieurs/", typed))
    assert said in page
    assert Enrolment.objects.filter(state="requested").count() == 0
    if "wanted" not in changes:
        assert f'value="{world.key(world.leo)}" checked' in page


def test_days_without_their_activity_are_a_slip_that_is_told(world, parent):
    typed = {
        "starts_on": "2026-12-02",
        "wanted": [world.key(world.leo)],
        "wishes": [f"{world.key(world.zoe)}-2-{world.morning.pk}"],
    }
    page = text(parent.post("/inscriptions/plusieurs/", typed))
    assert "Des jours sont choisis sans que l’activité soit cochée : Zoé, Mercredis 2026-2027." in page
    assert Enrolment.objects.filter(state="requested").count() == 0


def test_the_acknowledgement_of_others_is_not_found(world, parent):
    martin = world.home("Martin")
    theirs = world.enrolment(world.child(martin, "Inès"), world.wednesdays, martin)
    for query in (f"?d={theirs.pk}", "", "?d=x", f"?d={10**30}", "?d=²"):
        assert parent.get(f"/inscriptions/recu/{query}").status_code == 404, query
    assert parent.get(f"{world.page}inscription/{theirs.pk}/").status_code == 404


def test_an_end_lists_first_what_it_would_cancel(world, parent):
    enrolment = world.enrolled()
    for opening in world.openings(world.wednesdays, date(2026, 12, 2), date(2026, 12, 16)):
        world.booking(world.zoe, opening)
    page = f"{world.details(enrolment)}fin/"
    assert "Voir ce qui serait annulé" in text(parent.get(page))
    shown = text(parent.get(page, {"dernier_jour": "2026-12-08"}))
    assert "mercredi 9 décembre 2026 : Matin" in shown
    assert "mercredi 16 décembre 2026 : Matin" in shown
    assert "mercredi 2 décembre 2026" not in shown
    typed = {"dernier_jour": "2026-12-08", "comment": "Nous déménageons 🚚 <b>"}
    sent = parent.post(page, typed, follow=True)
    assert "Votre demande est envoyée." in text(sent)
    assert "Dernier jour : 8 décembre 2026" in text(sent)
    assert "déjà envoyée" in text(parent.post(page, typed, follow=True))
    assert "1 en attente" in text(parent.get("/tableau-de-bord/"))
    assert "1 demande en attente" in text(parent.get("/inscriptions/"))
    assert "Fin demandée, en attente : dernier jour le 8 décembre 2026." in text(parent.get(world.page))
    end = EndRequest.objects.get()
    back = parent.post(f"{page}{end.pk}/retirer/", follow=True)
    assert "Votre demande est retirée : l’inscription continue." in text(back)


@pytest.mark.parametrize("day", ["1850-01-01", "2028-01-01", "demain", "", "2027-08-31"])
def test_a_wrong_last_day_says_so_and_keeps_the_words(world, parent, day):
    enrolment = world.enrolled()
    page = f"{world.details(enrolment)}fin/"
    answer = text(parent.post(page, {"dernier_jour": day, "comment": "Merci à tous"}))
    assert "Une réponse est à corriger" in answer
    assert "Merci à tous" in answer
    look = {"dernier_jour": "2026-12-08", "comment": "Merci à tous", "voir": "1"}
    answer = text(parent.post(page, look))
    assert "Rien n’est réservé après ce jour." in answer
    assert "Merci à tous" in answer
    assert not EndRequest.objects.exists()


def test_queries_of_the_pages_stay_the_same(world, parent, count_queries):
    enrolment = world.enrolled()
    pages = {
        "/inscriptions/": 8,
        world.details(enrolment): 14,
        "/inscriptions/plusieurs/": 12,
        f"{world.details(enrolment)}fin/?dernier_jour=2026-12-08": 6,
    }
    seen = {}
    for page, most in pages.items():
        parent.get(page)
        with count_queries(most) as few:
            parent.get(page)
        seen[page] = len(few)
    for number in range(5):
        activity = world.activity(f"Autre {number}")
        world.slot(activity, "Matin")
        world.enrolment(world.leo, activity, world.durand)
        world.slot(world.activity(f"À demander {number}"), "Matin")
    for page, few_queries in seen.items():
        with count_queries() as many:
            parent.get(page)
        assert len(many) == few_queries, page


class Asking:
    """What the service asks of those who want « Mercredis 2026-2027 »."""

    def __init__(self, world) -> None:
        def question(text, kind, **more):
            return Question.objects.create(activity=world.wednesdays, text=text, kind=kind, **more)

        self.swims = question("Sait-il nager ?", "yes_no", required=True, order=1)
        self.bus = question("À quel arrêt ?", "choice", choices=["Gare", "Mairie"], order=2)

    def typed(self, prefix: str = "question", **values) -> dict[str, str]:
        found = {}
        for row in (self.swims, self.bus):
            found[f"{prefix}-{row.pk}-asked"] = row.text
        return found | {f"{prefix}-{getattr(self, name).pk}": value for name, value in values.items()}


def test_a_question_is_asked_with_the_request_and_its_answer_keeps_its_words(world, parent):
    asking = Asking(world)
    form = f"{world.page}demander/{world.wednesdays.pk}/"
    page = text(parent.get(form))
    assert "Sait-il nager ?" in page
    assert "À quel arrêt ? (facultatif)" in page.replace("<small>", "").replace("</small>", "")
    dates = {"starts_on": "2026-12-02", "ends_on": "2027-08-31", "comment": "Bonjour"}
    for values, said in (
        ({"bus": "Gare"}, "Répondez à cette question."),
        ({"swims": "no", "bus": "Lune"}, "Choisissez une des réponses proposées."),
    ):
        wrong = text(parent.post(form, dates | asking.typed(**values)))
        assert said in wrong
        assert "Bonjour" in wrong
    assert not Enrolment.objects.filter(state="requested").exists()
    shown = asking.typed(swims="no", bus="Mairie")
    Question.objects.filter(pk=asking.swims.pk).update(text="Nage-t-il seul ?")
    stale = text(parent.post(form, dates | shown))
    assert "Cette question vient de changer" in stale
    assert 'value="Nage-t-il seul ?"' in stale
    asking.swims.refresh_from_db()
    parent.post(form, dates | asking.typed(swims="no", bus="Mairie"))
    asked = Enrolment.objects.get(state="requested")
    Question.objects.all().delete()
    page = text(parent.get(world.details(asked)))
    assert "<dt>Nage-t-il seul ?</dt><dd>non</dd>" in page.replace("\n", "").replace("  ", "")
    assert "Mairie" in page


def test_each_of_several_requests_answers_its_own_questions(world, parent):
    asking = Asking(world)
    here, zoe, leo = "/inscriptions/plusieurs/", world.key(world.zoe), world.key(world.leo)
    typed = {"starts_on": "2026-12-02", "wanted": [zoe, leo]}
    typed |= asking.typed(f"question-{zoe}", swims="yes", bus="Gare") | asking.typed(f"question-{leo}")
    assert "Répondez à cette question." in text(parent.post(here, typed))
    assert not Enrolment.objects.filter(state="requested").exists()
    parent.post(here, {**typed, "wanted": [zoe]})
    (sent,) = Enrolment.objects.filter(state="requested")
    assert [(row["text"], row["value"]) for row in sent.answers] == [
        ("Sait-il nager ?", "yes"),
        ("À quel arrêt ?", "Gare"),
    ]


def test_last_years_answers_are_proposed_with_last_years_wishes(world, parent):
    asking = Asking(world)
    world.last_year.answers = [
        {"question": 7, "text": "À quel arrêt ?", "kind": "choice", "value": "Mairie"},
        {"question": 8, "text": "Une question d’avant ?", "kind": "text", "value": "oui"},
    ]
    world.last_year.save()
    name = f'name="question-{world.key(world.zoe)}-{asking.bus.pk}" value="Mairie"'
    again = text(parent.get("/inscriptions/plusieurs/", {"reprendre": "1"}))
    assert "checked" in again.split(name)[1].split(">")[0]
    assert "checked" not in text(parent.get("/inscriptions/plusieurs/")).split(name)[1].split(">")[0]
