"""A thread passed to another service: who answers then, who is told, what moves with it, who still reads."""

from __future__ import annotations

import html
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.test import Client

from marelle.accounts.models import User
from marelle.cases.models import Case
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.flows.actor.actors import actor_for
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.mail.models import Message as Mail
from marelle.messaging.models import Thread, ThreadPass
from marelle.messaging.refusals import Closed, PassedMeanwhile, PassedToItself, Unwritten
from marelle.messaging.services import (
    Outsider,
    Recipient,
    thread_answer,
    thread_assign,
    thread_close,
    thread_open,
    thread_pass,
    thread_reply,
)
from marelle.messaging.writing import Letter
from marelle.places.models import Post, StructureContact
from tests.messaging.uploads import a_picture
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
MINUTE = timedelta(minutes=1)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.elsewhere = self.structure("Ailleurs")
        StructureContact.objects.filter(structure=self.elsewhere).update(email="ailleurs@arelle.example")
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))
        self.there = actor_for(self.staff("ailleurs", Role.DIRECTOR, structure=self.elsewhere))
        self.office = actor_for(self.staff("guichet", Role.OFFICE))
        self.thread = self.write()
        self.page = f"/agents/messages/{self.thread.pk}/"

    def write(self, outsider: Outsider | None = None, files=()) -> Thread:
        return thread_open(
            actor=Actor(user_id=None, label="") if outsider else self.durand.actor,
            recipient=Recipient(self.the_structure.pk),
            subject="Chaussures" if not files else "Photo",
            letter=Letter("Où sont-elles ?", files),
            outsider=outsider,
            origin=Origin("192.0.2.1"),
            now=NOW,
        )

    def give(self, by: Actor | None = None, *, to="there", seen="here", note="C’est chez vous.", now=NOW):
        ids = {"here": self.the_structure.pk, "there": self.elsewhere.pk, "office": None}
        return thread_pass(
            actor=by or self.director,
            thread_id=self.thread.pk,
            to=ids.get(to, to),
            seen=ids.get(seen, seen),
            note=note,
            now=now + MINUTE,
        )

    def answer(self, by: Actor, text: str = "Oui.", now=NOW + 2 * MINUTE) -> Thread:
        return thread_answer(actor=by, thread_id=self.thread.pk, letter=Letter(text), now=now)

    def reply(self, text: str = "Merci.", now=NOW + 3 * MINUTE) -> Thread:
        return thread_reply(
            actor=self.durand.actor,
            thread_id=self.thread.pk,
            letter=Letter(text),
            origin=Origin("192.0.2.1"),
            now=now,
        )


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    return Village()


def text(response) -> str:
    return html.unescape(response.content.decode())


def logged(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def waits_at() -> list[int | None]:
    return list(Case.objects.open().filter(kind="message").values_list("structure_id", flat=True))


def test_the_other_structure_answers_and_the_former_no_longer(world):
    world.give()
    for act in (
        lambda: world.answer(world.director),
        lambda: thread_close(actor=world.director, thread_id=world.thread.pk, now=NOW),
        lambda: world.give(seen="there", to="here"),
    ):
        with pytest.raises(NotYours):
            act()
    assert waits_at() == [world.elsewhere.pk]
    world.answer(world.there)
    assert waits_at() == []
    world.reply()
    assert waits_at() == [world.elsewhere.pk]


def test_the_office_holds_it_then_gives_it_back(world):
    world.give(to="office")
    assert waits_at() == [None]
    for director in (world.director, world.there):
        with pytest.raises(NotYours):
            world.answer(director)
    world.give(world.office, seen="office", to="here", now=NOW + MINUTE)
    assert waits_at() == [world.the_structure.pk]
    world.answer(world.director, now=NOW + 3 * MINUTE)
    assert ThreadPass.objects.count() == 2


def test_what_comes_again_while_the_office_holds_it_waits_there(world):
    world.give(to="office")
    world.answer(world.office)
    world.reply()
    assert waits_at() == [None]


def test_the_new_service_is_told_as_of_a_new_message(world):
    Mail.objects.all().delete()
    world.give(note="Le bonnet\nest chez vous.")
    mail = Mail.objects.get()
    assert (mail.kind, mail.to) == ("messaging/passed", "ailleurs@arelle.example")
    assert mail.subject == f"Message n° {world.thread.pk} passé à Ailleurs : Chaussures"
    assert "> Le bonnet\n> est chez vous." in mail.text
    assert "> Où sont-elles ?" in mail.text
    assert world.page in mail.text
    world.give(world.there, seen="there", to="office", now=NOW + MINUTE)
    assert Mail.objects.latest("pk").to == "contact@arelle.example"
    world.reply()
    assert Mail.objects.latest("pk").to == "contact@arelle.example"


def test_it_is_in_the_journal_and_nobody_s_in_particular_any_more(world):
    thread_assign(
        actor=world.office,
        thread_id=world.thread.pk,
        account_id=world.director.user_id,
        seen=None,
        now=NOW,
    )
    thread = world.give()
    thread.refresh_from_db()
    assert thread.assigned_to is None
    entry = Entry.objects.get(verb="message.passed")
    assert entry.family_id == world.durand.family.pk
    assert entry.data == {}


def test_an_agent_of_the_former_service_is_given_it_no_more(world):
    client = logged(world.office)
    world.give(to="office")
    answer = client.post(f"{world.page}confier/", {"agent": str(world.director.user_id)}, follow=True)
    assert "Choisissez un agent qui répond" in text(answer)


@pytest.mark.parametrize(
    ("how", "refused"),
    [
        ({"to": "here"}, PassedToItself),
        ({"seen": "there"}, PassedMeanwhile),
        ({"note": " \n"}, Unwritten),
        ({"note": "a" * 501}, Unwritten),
        ({"to": 999_999}, NotYours),
    ],
)
def test_what_is_no_way_to_pass_it(world, how, refused):
    with pytest.raises(refused):
        world.give(**how)
    assert waits_at() == [world.the_structure.pk]
    assert not ThreadPass.objects.exists()


def test_a_closed_one_passes_to_nobody(world):
    thread_close(actor=world.director, thread_id=world.thread.pk, now=NOW)
    with pytest.raises(Closed):
        world.give()


def test_a_structure_of_another_authority_is_not_there(world):
    foreign = world.structure("Cantine", authority=world.authority("Mairie"))
    for actor in (world.director, actor_for(world.staff("admin", Role.ADMINISTRATOR))):
        with pytest.raises(NotYours):
            world.give(actor, to=foreign.pk)
    page = text(logged(world.director).get(f"{world.page}passer/"))
    assert "Ailleurs" in page
    assert "Cantine" not in page


def test_nobody_else_passes_it(world):
    mairie = actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    animator = actor_for(world.staff("animation", Role.ANIMATOR))
    for actor in (world.there, mairie, animator, world.durand.actor):
        with pytest.raises(NotYours):
            world.give(actor)
    Post.objects.create(user=world.durand.user, role="director", structure=world.the_structure)
    with pytest.raises(OwnFile):
        world.give(actor_for(world.durand.user))


def test_the_database_knows_no_pass_to_the_same_service(world):
    for same in (None, world.the_structure):
        with pytest.raises(IntegrityError), transaction.atomic():
            ThreadPass.objects.create(
                thread=world.thread, from_structure=same, to_structure=same, at=NOW, by="Line", note="x"
            )


def test_it_is_passed_from_its_page_and_the_former_reads_what_it_had(world):
    director = logged(world.director)
    page = f"{world.page}passer/"
    typed = {"to": str(world.elsewhere.pk), "note": "Chez vous.", "seen": str(world.the_structure.pk)}
    told = text(director.post(page, typed, follow=True))
    assert "L’échange est passé à « Ailleurs », qui est prévenu par courriel." in told
    assert "Chaussures" not in told
    world.answer(world.there, "Sous le banc.", now=NOW + timedelta(hours=2))
    assert "Chaussures" in text(director.get("/agents/messages/?etat=passes"))
    former = text(director.get(world.page))
    assert "C’est «\u00a0Ailleurs\u00a0» qui répond désormais." in former
    assert "Chez vous." in former
    assert "Où sont-elles ?" in former
    assert "Sous le banc." not in former
    assert "Envoyer la réponse" not in former
    late = text(director.post(world.page, {"text": "Dans le vestiaire."}))
    assert "votre réponse n’est pas partie" in late
    assert "Dans le vestiaire." in late
    assert not [one for one in world.thread.messages.all() if "vestiaire" in one.text]
    there = text(logged(world.there).get(world.page))
    assert "l’a passé à « Ailleurs », le mercredi 25 novembre 2026 à 22\u00a0h\u00a014 : Chez vous." in there
    for other in (world.office, world.there):
        assert "Chaussures" not in text(logged(other).get("/agents/messages/?etat=passes"))


def test_the_former_service_reads_no_note_of_a_later_pass(world):
    world.give(note="Première note.")
    world.give(world.there, to="office", seen="there", note="Seconde note.", now=NOW + MINUTE)
    former = text(logged(world.director).get(world.page))
    assert "Première note." in former
    assert "Seconde note." not in former


def test_a_service_without_an_address_is_not_said_to_be_told(world):
    StructureContact.objects.filter(structure=world.elsewhere).update(email="")
    world.the_authority.email = ""
    world.the_authority.save()
    typed = {"to": str(world.elsewhere.pk), "note": "Chez vous.", "seen": str(world.the_structure.pk)}
    told = text(logged(world.director).post(f"{world.page}passer/", typed, follow=True))
    assert "L’échange est passé à « Ailleurs », qui n’a pas d’adresse de courriel : prévenez-le." in told
    assert not Mail.objects.filter(kind="messaging/passed").exists()


def test_the_family_still_reads_how_to_reach_who_answers_now(world):
    StructureContact.objects.filter(structure=world.elsewhere).update(phone="0639981099")
    world.give()
    assert "ailleurs@arelle.example" in text(
        logged(world.durand.actor).get(f"/contact/echanges/{world.thread.pk}/")
    )


def test_the_former_service_reads_no_file_and_nothing_of_its_own_family(world):
    world.thread = world.write(files=[a_picture()])
    joined = world.thread.messages.get().attachments.get()
    world.give()
    director = logged(world.director)
    page = f"/agents/messages/{world.thread.pk}/"
    assert "fichiers" not in text(director.get(page))
    assert director.get(f"{page}fichiers/{joined.pk}/").status_code == 404
    Post.objects.create(user=world.durand.user, role="director", structure=world.the_structure)
    own = text(logged(actor_for(world.durand.user)).get(page))
    assert "Où sont-elles ?" not in own
    assert "C’est chez vous." not in own


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"to": ""}, "Choisissez le service qui répondra."),
        ({"to": "999999"}, "Choisissez le service qui répondra."),
        ({"note": ""}, "vos collègues sauront pourquoi"),
        ({"note": "Ma note " + "a" * 500}, "500"),
        ({"seen": "guichet"}, "Un collègue vient de passer cet échange"),
        ({"seen": "x"}, "Un collègue vient de passer cet échange"),
    ],
)
def test_a_bad_form_says_so_and_loses_nothing(world, changes, said):
    typed = {
        "to": str(world.elsewhere.pk),
        "note": "Ma note",
        "seen": str(world.the_structure.pk),
        **changes,
    }
    page = text(logged(world.office).post(f"{world.page}passer/", typed))
    assert said in page
    assert changes.get("note", "Ma note") in page
    assert not ThreadPass.objects.exists()


def test_the_family_sees_who_answers_now_and_who_wrote_then(world):
    world.answer(world.director, "Je cherche.", now=NOW + timedelta(seconds=1))
    world.give(to="office")
    world.answer(world.office, "Les voici.")
    page = text(logged(world.durand.actor).get(f"/contact/echanges/{world.thread.pk}/"))
    office = f"Guichet, {world.the_authority.short_name}"
    assert f"<dd>{office}</dd>" in page
    assert f"{world.director.label}, {world.the_structure.name}" in page
    assert f"{world.office.label}, {office}" in page
    assert "C’est chez vous." not in page
    assert office in text(logged(world.durand.actor).get("/contact/echanges/"))


def test_who_has_no_home_may_be_passed_too(world):
    world.thread = world.write(Outsider("Lucie Fontaine", "lucie@x.example"))
    world.give()
    assert "Lucie Fontaine" in Mail.objects.latest("pk").text
    world.answer(world.there)
    assert Mail.objects.latest("pk").to == "lucie@x.example"
    assert "Ailleurs" in Mail.objects.latest("pk").text


def test_passes_cost_the_same_at_one_and_at_many(world, count_queries):
    office = logged(world.office)
    world.give()
    office.get(world.page)
    with count_queries() as one:
        office.get(world.page)
    world.give(world.there, seen="there", to="here", now=NOW + MINUTE)
    world.give(seen="here", to="there", now=NOW + 2 * MINUTE)
    with count_queries(len(one)):
        office.get(world.page)
