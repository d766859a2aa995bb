"""Reply templates: who keeps which, what is refused, and how one is filled in a thread."""

from __future__ import annotations

import html
from datetime import date, datetime

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.test import Client

from marelle.accounts.models import User
from marelle.core.actor import Actor, Role
from marelle.core.braces import BraceAlone, FieldUnknown
from marelle.core.clock import PARIS
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.flows.actor.actors import actor_for
from marelle.flows.messages.replies import ready_replies
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.messaging import rules
from marelle.messaging.models import ReplyTemplate, Thread
from marelle.messaging.refusals import FieldLeft, TitleTaken, TooManyReplies, Unwritten
from marelle.messaging.replies import ReplyWords, replies_listed, reply_remove, reply_save
from marelle.messaging.selectors import staff_thread
from marelle.messaging.services import Outsider, Recipient, thread_answer, thread_open, thread_pass
from marelle.messaging.writing import Letter
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
HELLO = "Bonjour {prénom} {nom},\n\nOui pour {enfant}.\n{agent}, {structure}"


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))
        self.office = actor_for(self.staff("guichet", Role.OFFICE))
        self.elsewhere = self.structure("Ailleurs")
        self.there = actor_for(self.staff("ailleurs", Role.DIRECTOR, structure=self.elsewhere))
        self.mairie = actor_for(self.staff("mairie", Role.OFFICE, authority=self.authority("Mairie")))

    def words(self, *, structure=None, title="Objet trouvé", text=HELLO) -> ReplyWords:
        return ReplyWords(self.the_authority.pk, structure and structure.pk, title, text)

    def keep(self, actor: Actor | None = None, *, reply_id=None, seen=0, **words) -> ReplyTemplate:
        return reply_save(
            actor=actor or self.office, words=self.words(**words), reply_id=reply_id, seen=seen, now=NOW
        )

    def write(self, actor: Actor | None = None, outsider: Outsider | None = None) -> Thread:
        return thread_open(
            actor=actor or self.durand.actor,
            recipient=Recipient(self.the_structure.pk),
            subject="Chaussures",
            letter=Letter("Où sont-elles ?"),
            outsider=outsider,
            origin=Origin("192.0.2.1"),
            now=NOW,
        )

    def ready(self, thread: Thread, actor: Actor | None = None) -> list[str]:
        found = staff_thread(actor or self.director, thread.pk, day=NOW.date())
        return [one.text for one in ready_replies(actor or self.director, found, now=NOW)]


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW, tick=False)
    return Village()


def text(response) -> str:
    return html.unescape(response.content.decode())


def logged(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def test_an_office_keeps_for_all_a_director_for_its_structure(world):
    common = world.keep()
    own = world.keep(world.director, structure=world.the_structure)
    assert {kept.row.pk: kept.mine for kept in replies_listed(world.office)} == {
        common.pk: True,
        own.pk: True,
    }
    assert [(kept.row.pk, kept.mine) for kept in replies_listed(world.director)] == [
        (common.pk, False),
        (own.pk, True),
    ]
    assert [(kept.row.pk, kept.mine) for kept in replies_listed(world.there)] == [(common.pk, False)]
    assert replies_listed(world.mairie) == []
    saved = Entry.objects.filter(verb="reply_template.saved")
    assert [entry.subject_label for entry in saved] == ["Objet trouvé", "Objet trouvé"]


@pytest.mark.parametrize("who", ["director", "there", "mairie", "animator", "parent"])
def test_nobody_else_writes_or_removes(world, who):
    animator = actor_for(world.staff("animation", Role.ANIMATOR))
    actor = {"animator": animator, "parent": world.durand.actor}.get(who) or getattr(world, who)
    common = world.keep()
    own = world.keep(structure=world.the_structure)
    for act in (
        lambda: world.keep(actor, title="Autre"),
        lambda: world.keep(actor, reply_id=common.pk, seen=1, title="Autre"),
        lambda: reply_remove(actor=actor, reply_id=common.pk, seen=1, now=NOW),
    ):
        with pytest.raises(NotYours):
            act()
    if who != "director":
        with pytest.raises(NotYours):
            world.keep(actor, structure=world.the_structure, title="Autre")
        with pytest.raises(NotYours):
            reply_remove(actor=actor, reply_id=own.pk, seen=1, now=NOW)
    assert set(ReplyTemplate.objects.values_list("title", flat=True)) == {"Objet trouvé"}


def test_a_structure_of_another_authority_is_no_place_for_one(world):
    foreign = world.structure("Cantine", authority=world.authority("Syndicat"))
    administrator = actor_for(world.staff("admin", Role.ADMINISTRATOR))
    with pytest.raises(NotYours):
        world.keep(administrator, structure=foreign)


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ({"text": "Bonjour {santé}"}, FieldUnknown),
        ({"text": "Bonjour {prénom"}, BraceAlone),
        ({"text": " "}, Unwritten),
        ({"text": "a" * 5_001}, Unwritten),
        ({"title": "\n"}, Unwritten),
        ({"title": "a" * 121}, Unwritten),
    ],
)
def test_what_is_badly_written_is_refused(world, words, refused):
    with pytest.raises(refused):
        world.keep(**words)
    assert not ReplyTemplate.objects.exists()


def test_a_title_is_there_once(world):
    world.keep()
    world.keep(structure=world.the_structure)
    for where in (None, world.the_structure):
        with pytest.raises(TitleTaken):
            world.keep(structure=where)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReplyTemplate.objects.create(
            authority=world.the_authority, title="Objet trouvé", text="x", changed_at=NOW
        )


def test_there_are_never_more_than_one_finds_one_s_way_in(world, monkeypatch):
    monkeypatch.setattr("marelle.messaging.replies.REPLIES_AT_MOST", 2)
    kept = [world.keep(title=f"N° {number}") for number in range(2)]
    with pytest.raises(TooManyReplies):
        world.keep(title="Trois")
    world.keep(reply_id=kept[0].pk, seen=1, title="Un", text="Autre")


def test_a_stale_page_overwrites_nothing(world):
    reply = world.keep()
    assert world.keep(reply_id=reply.pk, seen=1).revision == 1
    assert world.keep(reply_id=reply.pk, seen=1, text="Autre").revision == 2
    for act in (
        lambda: world.keep(reply_id=reply.pk, seen=1, text="Encore"),
        lambda: reply_remove(actor=world.office, reply_id=reply.pk, seen=1, now=NOW),
    ):
        with pytest.raises(ChangedMeanwhile):
            act()
    reply.refresh_from_db()
    assert reply.text == "Autre"
    reply_remove(actor=world.office, reply_id=reply.pk, seen=2, now=NOW)
    assert Entry.objects.filter(verb="reply_template.removed").count() == 1


def test_one_is_filled_with_who_wrote_and_whose_child_comes_here(world):
    world.keep()
    activity = world.activity("Mercredis")
    world.enrolment(world.child(world.durand, "Zoé", born=date(2019, 1, 1)), activity, world.durand)
    world.enrolment(world.child(world.durand, "Léo", born=date(2018, 1, 1)), activity, world.durand)
    world.child(world.durand, "Tom")
    (found,) = world.ready(world.write())
    agent = world.director.label
    assert found == f"Bonjour Camille Durand,\n\nOui pour Léo et Zoé.\n{agent}, {world.the_structure.name}"


def test_what_nobody_knows_stays_to_be_replaced_and_never_leaves(world):
    world.keep()
    acting = actor_for(world.staff("guichet2", Role.OFFICE), acting_for=world.durand.family.pk)
    thread = world.write(acting)
    (found,) = world.ready(thread)
    assert found.startswith("Bonjour {prénom} {nom},\n\nOui pour {enfant}.")
    with pytest.raises(FieldLeft) as refused:
        thread_answer(actor=world.director, thread_id=thread.pk, letter=Letter(found), now=NOW)
    assert refused.value.data["name"] == "prénom"
    page = text(logged(world.director).post(f"/agents/messages/{thread.pk}/", {"text": found}))
    assert "Remplacez {prénom} avant d’envoyer" in page
    assert "Oui pour {enfant}." in page
    thread_answer(actor=world.director, thread_id=thread.pk, letter=Letter("{Sic} {a}"), now=NOW)


def test_who_has_no_home_is_called_by_the_name_left(world):
    world.keep()
    thread = world.write(Actor(user_id=None, label=""), Outsider("Lucie Fontaine", "lucie@x.example"))
    assert world.ready(thread)[0].startswith("Bonjour Lucie Fontaine,\n\nOui pour {enfant}.")


def test_a_name_with_braces_is_no_field_left(world):
    world.keep(text="Bonjour {prénom} {nom}.")
    thread = world.write(Actor(user_id=None, label=""), Outsider("{nom} Fontaine", "lucie@x.example"))
    (found,) = world.ready(thread)
    assert found == "Bonjour nom Fontaine."
    thread_answer(actor=world.director, thread_id=thread.pk, letter=Letter(found), now=NOW)


def test_the_office_that_holds_a_thread_answers_in_its_own_name(world):
    world.keep(text="{structure}")
    world.keep(world.director, structure=world.the_structure, text="Ici")
    thread = world.write()
    note = "C’est pour vous."
    thread_pass(
        actor=world.director, thread_id=thread.pk, to=None, seen=world.the_structure.pk, note=note, now=NOW
    )
    assert world.ready(thread, world.office) == [f"Guichet, {world.the_authority.short_name}"]


def test_a_thread_offers_those_of_its_structure_and_authority_alone(world):
    world.keep(text="Pour tous")
    world.keep(world.director, structure=world.the_structure, text="Ici")
    world.keep(world.there, structure=world.elsewhere, text="Là-bas")
    thread = world.write()
    assert world.ready(thread) == world.ready(thread, world.office) == ["Ici", "Pour tous"]


def test_without_a_script_the_page_comes_back_filled_and_what_was_typed_stays(world):
    reply = world.keep(text="Bonjour {prénom}")
    thread = world.write()
    client = logged(world.director)
    here = f"/agents/messages/{thread.pk}/"
    typed = {"text": "Déjà écrit. ", "insert": "1", "reply": str(reply.pk)}
    page = text(client.post(here, typed))
    assert "Déjà écrit.\n\nBonjour Camille</textarea>" in page
    assert ">\nBonjour Camille</textarea>" in text(client.post(here, {**typed, "text": ""}))
    for nonsense in ("", "abc", "999999"):
        assert "Déjà écrit. </textarea>" in text(client.post(here, {**typed, "reply": nonsense}))
    assert thread.messages.count() == 1


def test_templates_are_added_changed_and_removed(world):
    office = logged(world.office)
    typed = {"where": str(world.the_authority.pk), "title": "Perdu", "text": "Bonjour {Prenom}"}
    assert "Modèle enregistré." in text(office.post("/agents/messages/modeles/nouveau/", typed, follow=True))
    row = ReplyTemplate.objects.get()
    assert row.text == "Bonjour {prénom}"
    page = f"/agents/messages/modeles/{row.pk}/"
    assert "Bonjour {prénom}</textarea>" in text(office.get(page))
    here = f"{world.the_authority.pk}-{world.the_structure.pk}"
    office.post(page, {**typed, "where": here, "seen": "1"})
    row.refresh_from_db()
    assert (row.structure, row.revision) == (world.the_structure, 2)
    assert "Un collègue vient" in text(office.post(page, {**typed, "seen": "x"}))
    stale = text(office.post(page, {**typed, "text": "Mon texte", "seen": "1"}))
    assert "Un collègue vient de modifier" in stale
    assert "Mon texte</textarea>" in stale
    assert "Un collègue vient" in text(office.post(f"{page}supprimer/", {"seen": "1"}, follow=True))
    assert "Modèle supprimé." in text(office.post(f"{page}supprimer/", {"seen": "2"}, follow=True))
    assert "Aucun modèle" in text(office.get("/agents/messages/modeles/"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"where": "999999"}, "Choisissez dans la liste."),
        ({"title": ""}, "Donnez un titre"),
        ({"text": "Mon texte {âge}"}, "Le champ {âge} n’existe pas ici. Champs possibles : {prénom}, {nom}"),
        ({"text": "Mon texte {"}, "Une accolade est seule"),
    ],
)
def test_a_bad_template_says_so_and_loses_nothing(world, changes, said):
    typed = {"where": str(world.the_authority.pk), "title": "Perdu", "text": "Mon texte", **changes}
    page = text(logged(world.office).post("/agents/messages/modeles/nouveau/", typed))
    assert said in page
    assert "Mon texte" in page
    assert not ReplyTemplate.objects.exists()


def test_a_director_reads_those_of_the_office_and_opens_its_own_alone(world):
    common = world.keep(title="Pour tous")
    director = logged(world.director)
    page = text(director.get("/agents/messages/modeles/"))
    assert "Pour tous" in page
    assert "tenu par le guichet" in page
    assert director.get(f"/agents/messages/modeles/{common.pk}/").status_code == 404
    form = text(director.get("/agents/messages/modeles/nouveau/"))
    assert "toutes les structures" not in form
    assert "Ailleurs" not in form


def test_the_same_number_of_queries_at_one_template_and_at_many(world, count_queries):
    thread = world.write()
    client = logged(world.office)
    world.keep()
    client.get(f"/agents/messages/{thread.pk}/")
    with count_queries(6):
        client.get("/agents/messages/modeles/")
    with count_queries(23):
        client.get(f"/agents/messages/{thread.pk}/")
    for number in range(5):
        world.keep(title=f"N° {number}", structure=world.the_structure)
    with count_queries(6):
        client.get("/agents/messages/modeles/")
    with count_queries(23):
        client.get(f"/agents/messages/{thread.pk}/")


@pytest.mark.once
def test_a_reply_goes_under_what_is_typed():
    assert rules.inserted(" \n", "Oui.") == "Oui."
    assert rules.inserted("Non.\n", "Oui.") == "Non.\n\nOui."
    assert rules.left_to_fill("{agent} {autre} { agent }") == ("agent",)
