"""What agents share: reasons kept ready, notes on a case, a case passed, several accepted at once."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.test import Client

from marelle.cases.models import Case, CaseNote, CaseState, Reason
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.actors import actor_for
from marelle.flows.desk.cases import Wanted, queue, reach
from marelle.flows.desk.reasons import reasons_of, reasons_save
from marelle.papers.models import Paper, PaperNeed, PaperType
from marelle.places.models import Post
from tests.agents.every_kind import NOW, EveryKind
from tests.reading import text
from tests.standing import built_once

pytestmark = pytest.mark.django_db

REFUSED = ("enrolment", "end", "booking", "absence")


def logged(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


built = built_once(EveryKind, now=NOW)


@pytest.fixture
def world(built, db, time_machine) -> EveryKind:
    time_machine.move_to(NOW)
    return deepcopy(built)


@pytest.fixture
def office(world) -> Client:
    return logged(world.staff("guichet2", Role.OFFICE))


@pytest.fixture
def director(world) -> Client:
    return logged(world.staff("direction", Role.DIRECTOR))


def case_of(world: EveryKind, kind: str) -> Case:
    return Case.objects.get(kind=kind, subject_id=int(world.pages[kind].split("/")[-2]))


def keep(world: EveryKind, **reasons: list[str]) -> None:
    actor = actor_for(world.staff("guichet5", Role.OFFICE))
    reasons_save(actor=actor, authority_id=world.the_authority.pk, reasons=reasons, seen={}, now=NOW)


# Reasons


@pytest.mark.parametrize("kind", REFUSED)
def test_a_ready_reason_alone_or_with_words_is_what_the_family_reads(world, office, kind):
    keep(world, **{one: ["Plus de place.", "Dossier incomplet."] for one in REFUSED})
    page = text(office.get(world.pages[kind]))
    assert page.index("<option>Plus de place.</option>") < page.index("<option>Dossier incomplet.</option>")
    where, _data = world.answers[kind]
    office.post(where, {"answer": "refuse", "reason-motif": "Plus de place.", "reason": "Appelez-nous."})
    assert case_of(world, kind).reason == "Plus de place. Appelez-nous."


def test_neither_reason_nor_words_is_still_no_reason(world, office):
    where, _data = world.answers["enrolment"]
    assert "Donnez une raison" in text(office.post(where, {"reason-motif": "", "reason": " "}))
    assert case_of(world, "enrolment").state == CaseState.OPEN


def test_a_reason_too_long_with_its_words_stays_on_screen(world, office):
    where, _data = world.answers["enrolment"]
    page = text(office.post(where, {"reason-motif": "Complet.", "reason": "a" * 495}))
    assert "Complet. " + "a" * 495 in page
    assert case_of(world, "enrolment").state == CaseState.OPEN


def reasons_page(world: EveryKind) -> tuple[str, str]:
    pk = world.the_authority.pk
    return f"/agents/reglages/motifs/{pk}/", f"{pk}-"


def test_the_authority_edits_its_reasons(world, office):
    where, prefix = reasons_page(world)
    page = office.get("/agents/reglages/motifs/")
    (_one, form) = page.context["cards"][0]
    sent = {
        f"{prefix}seen": form["seen"].value(),
        f"{prefix}enrolment": " Complet. \n\nComplet.\nTrop jeune ",
    }
    office.post(where, sent)
    assert reasons_of(world.the_authority.pk) == {"enrolment": ["Complet.", "Trop jeune"]}
    assert "vient de modifier" in text(office.post(where, {**sent, f"{prefix}end": "Autre"}))
    assert reasons_of(world.the_authority.pk) == {"enrolment": ["Complet.", "Trop jeune"]}


@pytest.mark.parametrize(
    ("typed", "said"),
    [("x" * 201, "200 signes"), ("\n".join(f"Motif {n}" for n in range(21)), "20 motifs au plus")],
)
def test_reasons_that_do_not_fit_are_told_and_stay(world, office, typed, said):
    where, prefix = reasons_page(world)
    page = text(office.post(where, {f"{prefix}seen": "{}", f"{prefix}end": typed}))
    assert said in page
    assert typed.split("\n")[0] in page
    assert not Reason.objects.exists()


@pytest.mark.parametrize("seen", ["", "[]", "{", '{"enrolment": 3}', '"x"', "[" * 100_000])
def test_nonsense_about_what_was_shown_overwrites_nothing(world, office, seen):
    keep(world, enrolment=["Complet."])
    where, prefix = reasons_page(world)
    office.post(where, {f"{prefix}seen": seen, f"{prefix}enrolment": "Autre"})
    assert reasons_of(world.the_authority.pk) == {"enrolment": ["Complet."]}


def test_two_agents_who_edit_together_are_told(world):
    keep(world, enrolment=["Complet."])
    with pytest.raises(ChangedMeanwhile):
        reasons_save(
            actor=actor_for(world.staff("guichet6", Role.OFFICE)),
            authority_id=world.the_authority.pk,
            reasons={"enrolment": ["Autre"]},
            seen={},
            now=NOW,
        )


# Notes, and a case passed


def leave(client: Client, case: Case, words: str, **more: str):
    return client.post(f"/agents/notes/{case.pk}/", {"text": words, **more}, follow=True)


def test_a_note_sent_twice_is_left_once(world, office, director):
    case = case_of(world, "enrolment")
    for client in (office, office, director):
        assert "Note ajoutée" in text(leave(client, case, "J’ai rappelé la famille."))
    assert case.notes.count() == 2


@pytest.mark.parametrize("kind", ["enrolment", "end", "call", "booking", "absence"])
def test_a_note_is_read_by_colleagues(world, office, director, kind):
    leave(office, case_of(world, kind), "Déjà appelée lundi.")
    assert "Déjà appelée lundi." in text(director.get(world.pages[kind]))


def test_a_note_without_words_or_too_long_is_no_note(world, office):
    case = case_of(world, "enrolment")
    assert "Écrivez quelques mots" in text(leave(office, case, "  "))
    assert "trop longue" in text(leave(office, case, "a" * 501))
    assert not CaseNote.objects.exists()


def test_lines_of_a_note_count_as_the_page_counts_them(world, office):
    case = case_of(world, "enrolment")
    assert "Note ajoutée" in text(leave(office, case, "a\r\n" * 250))
    assert CaseNote.objects.get().text.count("\n") == 249


def test_passed_to_the_office_and_back(world, office, director):
    case = case_of(world, "enrolment")
    page = text(leave(director, case, "Le quotient est à revoir.", **{"pass": "office"}))
    assert "passée à l’autre service" in page
    assert world.pages["enrolment"] not in page
    case.refresh_from_db()
    assert case.structure_id is None
    page = text(director.get(world.pages["enrolment"]))
    assert "Le quotient est à revoir." in page
    assert "Décidé par le guichet unique" in page
    director.post(*world.answers["enrolment"])
    assert case_of(world, "enrolment").state == CaseState.OPEN
    page = text(office.get(world.pages["enrolment"]))
    assert f"Rendre à {world.the_structure.name}" in page
    assert "ne passe pas" in text(leave(office, case, "Encore ?", **{"pass": "office"})), "a stale page"
    leave(office, case, "C’est revu.", **{"pass": str(world.the_structure.pk)})
    case.refresh_from_db()
    assert case.structure_id == world.the_structure.pk
    director.post(*world.answers["enrolment"])
    assert case_of(world, "enrolment").state == CaseState.REFUSED


def test_passing_needs_words_and_a_case_that_waits(world, office):
    case = case_of(world, "enrolment")
    assert "Écrivez quelques mots" in text(leave(office, case, "", **{"pass": "office"}))
    office.post(*world.answers["enrolment"])
    assert "a déjà décidé" in text(leave(office, case, "Trop tard.", **{"pass": "office"}))
    case.refresh_from_db()
    assert case.structure_id == world.the_structure.pk


@pytest.mark.parametrize("kind", ["enrolment", "end", "call", "booking", "absence"])
def test_the_office_passes_what_it_keeps_to_the_structure_concerned(world, office, director, kind):
    case = case_of(world, kind)
    Case.objects.filter(pk=case.pk).update(structure_id=None)
    director.post(*world.answers[kind])
    assert case_of(world, kind).state == CaseState.OPEN
    assert f"Passer à {world.the_structure.name}" in text(office.get(world.pages[kind]))
    leave(office, case, "À vous de voir.", **{"pass": str(world.the_structure.pk)})
    note = CaseNote.objects.get()
    assert (note.by, note.from_structure_id) == ("Guichet2", None)
    assert case_of(world, kind).structure_id == world.the_structure.pk
    assert "Passer au guichet" in text(director.get(world.pages[kind]))
    director.post(*world.answers[kind])
    assert case_of(world, kind).state != CaseState.OPEN


def test_counts_and_filters_follow_a_case_that_was_passed(world, office, director):
    structure = world.the_structure.pk
    assert world.pages["enrolment"] in text(director.get("/agents/"))
    leave(director, case_of(world, "enrolment"), "À revoir.", **{"pass": "office"})
    assert world.pages["enrolment"] not in text(director.get("/agents/"))
    actor = actor_for(world.staff("guichet9", Role.OFFICE))
    counts = {pk: count for pk, _name, count in reach(actor).structures}
    assert counts == {0: 1, structure: 4}
    (case,) = queue(actor, Wanted(structure_id=0)).page.object_list
    assert case.kind == "enrolment"


@pytest.mark.parametrize("to", ["", "structure", "0", "-1", "999999", "9" * 30])
def test_a_case_passed_to_nobody_stays_where_it_is(world, office, to):
    case = case_of(world, "enrolment")
    assert "ne passe pas" in text(leave(office, case, "À vous.", **{"pass": to}))
    other = world.structure("Ailleurs")
    assert "ne passe pas" in text(leave(office, case, "À vous.", **{"pass": str(other.pk)}))
    assert case_of(world, "enrolment").structure_id == world.the_structure.pk
    assert not CaseNote.objects.exists()


def test_who_does_not_decide_it_leaves_and_reads_nothing(world):
    case = case_of(world, "enrolment")
    elsewhere = logged(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    assert elsewhere.post(f"/agents/notes/{case.pk}/", {"text": "Bonjour"}).status_code == 404
    assert elsewhere.post(f"/agents/notes/{case.pk}/", {"text": "a" * 501}).status_code == 404
    Post.objects.create(user=world.durand.user, role="office", authority=world.the_authority)
    leave(logged(world.staff("guichet7", Role.OFFICE)), case, "Entre nous.")
    parent = logged(world.durand.user)
    assert "Entre nous." not in text(parent.get(world.pages["enrolment"]))
    assert parent.post(f"/agents/notes/{case.pk}/", {"text": "Bonjour"}).status_code == 404


# Several at once


def test_each_ticked_case_is_decided_apart(world, office, time_machine):
    cases = {kind: case_of(world, kind) for kind in world.pages}
    group = world.group(Enrolment.objects.get(activity__name="Mercredis").activity, "12–17 ans", (12, 17))
    logged(world.staff("guichet8", Role.OFFICE)).post(*world.answers["end"])
    time_machine.move_to(NOW + timedelta(seconds=5))
    answer = office.post("/agents/ensemble/", {"c": [case.pk for case in cases.values()]})
    ended = {one.label + one.detail: one for one in answer.context["ended"]}
    assert len(ended) == len(cases)
    page = text(answer)
    assert "1 demande acceptée sur 5" in page
    assert case_of(world, "booking").state == CaseState.ACCEPTED
    assert "groupe" in page, group
    assert "Déjà décidée par" in page
    assert page.count("se lit avant d’être décidée") == 2
    assert "Annuler" in page
    again = text(office.post("/agents/ensemble/", {"c": [cases["booking"].pk]}))
    assert "Aucune demande acceptée." in again


def test_only_kinds_that_need_no_reading_have_a_box(world, office):
    page = text(office.get("/agents/"))
    for kind, boxed in (("enrolment", True), ("end", True), ("booking", True), ("absence", False)):
        assert (f'name="c" value="{case_of(world, kind).pk}"' in page) is boxed, kind


def lacks(world: EveryKind, effect: str) -> PaperType:
    kind = PaperType.objects.create(
        authority=world.the_authority, title="Attestation d’assurance", why="Pour jouer.", about="child"
    )
    activity = Enrolment.objects.get(activity__name="Mercredis").activity
    since = date(2026, 12, 1) if effect == "blocks_bookings" else None
    PaperNeed.objects.create(activity=activity, paper_type=kind, effect=effect, bookings_from=since)
    return kind


def test_a_request_without_the_paper_that_its_activity_takes_none_without_is_left_to_be_read(world, office):
    kind, case = lacks(world, "blocks_request"), case_of(world, "enrolment")
    assert "1 document exigé manque" in text(office.get("/agents/"))
    answer = text(office.post("/agents/ensemble/", {"c": [case.pk]}))
    assert "Aucune demande acceptée." in answer
    assert "Il manque Attestation d’assurance, sans quoi" in answer
    assert case_of(world, "enrolment").state == CaseState.OPEN
    Paper.objects.create(
        paper_type=kind, family=world.durand.family, person=world.zoe, state="received", sent_at=NOW
    )
    assert "document exigé manque" not in text(office.get("/agents/"))
    assert "1 demande acceptée sur 1" in text(office.post("/agents/ensemble/", {"c": [case.pk]}))


def test_who_opens_it_accepts_it_knowing_what_is_missing(world, office):
    lacks(world, "blocks_request")
    assert "Attestation d’assurance" in text(office.get(world.pages["enrolment"]))
    office.post(f"{world.pages['enrolment']}accepter/")
    assert case_of(world, "enrolment").state == CaseState.ACCEPTED


@pytest.mark.parametrize(
    ("effect", "said"),
    [("warn", "1 document manque"), ("blocks_bookings", "1 document manque"), ("nothing", "")],
)
def test_a_paper_that_only_warns_is_said_beside_the_request_and_holds_nothing(world, office, effect, said):
    lacks(world, effect)
    page = text(office.get("/agents/"))
    assert ("document manque" in page) is bool(said)
    assert said in page
    answer = text(office.post("/agents/ensemble/", {"c": [case_of(world, "enrolment").pk]}))
    assert "1 demande acceptée sur 1" in answer


@pytest.mark.parametrize("ticked", [[], ["x"], ["9" * 30], ["-1"], ["999999"]])
def test_nothing_ticked_accepts_nothing(world, office, ticked):
    assert "Cochez d’abord" in text(office.post("/agents/ensemble/", {"c": ticked}, follow=True))
    assert Case.objects.open().count() == 5


def test_ticking_a_case_of_another_structure_accepts_nothing(world):
    elsewhere = logged(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    elsewhere.post("/agents/ensemble/", {"c": [case_of(world, "end").pk]})
    assert case_of(world, "end").state == CaseState.OPEN
