"""An exchange from the first message to the last: who may, who is told, what waits, what is counted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from marelle.accounts.notices import Notice
from marelle.cases.models import Case, CaseState
from marelle.cases.services import OwnFile
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.files.models import StoredFile
from marelle.files.rules import FileRefused
from marelle.flows.actor.actors import actor_for
from marelle.flows.desk.delays import delays
from marelle.journal.models import Entry
from marelle.journal.origin import Origin
from marelle.mail.models import Message as Mail
from marelle.messaging.models import Attachment, Message, Thread
from marelle.messaging.refusals import TooManyFiles, Unwritten
from marelle.messaging.rules import (
    FILES_AT_MOST,
    PER_ACCOUNT,
    PER_MAIL,
    PER_NETWORK,
    SAME_AGAIN,
    SUBJECT_LENGTH,
    TEXT_LENGTH,
)
from marelle.messaging.selectors import unread_count
from marelle.messaging.services import (
    Outsider,
    Recipient,
    outsiders_purge,
    thread_answer,
    thread_close,
    thread_open,
    thread_read,
    thread_reopen,
    thread_reply,
)
from marelle.messaging.writing import Letter
from marelle.places.models import Post, StructureContact
from marelle.robots.refusals import TooManySendings
from tests.messaging.uploads import a_picture, a_web_page
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
MINUTE = timedelta(minutes=1)
NOBODY = Actor(user_id=None, label="")
LUCIE = Outsider("Lucie Fontaine", "lucie@courriel.example")


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.sacha = self.adult(self.durand, "Sacha", identifier="sacha")
        self.martin = self.home("Martin", "Julie")
        self.here = Recipient(self.the_structure.pk)
        self.director = actor_for(self.staff("direction", Role.DIRECTOR))
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def write(self, actor: Actor | None = None, text: str = "Bonjour", files=(), **changes) -> Thread:
        given = {"recipient": self.here, "subject": "Chaussures", "origin": Origin("192.0.2.1"), "now": NOW}
        return thread_open(
            actor=actor or self.durand.actor, letter=Letter(text, files), **{**given, **changes}
        )

    def outside(self, **changes) -> Thread:
        return self.write(NOBODY, **{"outsider": LUCIE, **changes})

    def answer(self, thread: Thread, text: str = "Oui.", *, by: Actor | None = None, now=NOW + MINUTE):
        return thread_answer(actor=by or self.director, thread_id=thread.pk, letter=Letter(text), now=now)

    def reply(self, thread: Thread, text: str = "Merci.", *, by: Actor | None = None, now=NOW + 2 * MINUTE):
        return thread_reply(
            actor=by or self.durand.actor,
            thread_id=thread.pk,
            letter=Letter(text),
            origin=Origin("192.0.2.1"),
            now=now,
        )


@pytest.fixture
def world(time_machine) -> Village:
    time_machine.move_to(NOW)
    return Village()


def mails(kind: str) -> list[Mail]:
    return list(Mail.objects.filter(kind=f"messaging/{kind}").order_by("pk"))


def test_a_message_reaches_the_structure_and_its_sender_is_told(world):
    thread = world.write(text="Où sont-elles ?\n\nMerci")
    (written,) = mails("written")
    assert written.to == "structure@arelle.example"
    assert "> Où sont-elles ?\n>\n> Merci" in written.text
    assert f"/agents/messages/{thread.pk}/" in written.text
    (received,) = mails("received")
    assert received.to == world.durand.adult.email
    assert f"numéro {thread.pk}" in received.text
    assert "mercredi 25 novembre 2026 à 21 h 14" in received.text
    assert "03 00 00 00 01" in received.text
    assert "Où sont" not in received.text
    case = Case.objects.open().get(kind="message")
    assert (case.subject_id, case.family_id, case.structure_id) == (
        thread.pk,
        world.durand.family.pk,
        world.the_structure.pk,
    )
    entry = Entry.objects.get(verb="message.sent")
    assert entry.family_id == world.durand.family.pk
    assert "Chaussures" not in entry.subject_label
    assert entry.data == {}


def test_it_goes_to_the_contact_chosen_else_to_the_first_else_to_the_authority(world):
    other = StructureContact.objects.create(
        structure=world.the_structure, label="Petits", email="petits@arelle.example", order=5
    )
    world.write(recipient=Recipient(world.the_structure.pk, other.pk))
    StructureContact.objects.all().delete()
    world.write(subject="Autre")
    assert [mail.to for mail in mails("written")] == ["petits@arelle.example", "contact@arelle.example"]


def test_a_recipient_that_does_not_exist_or_of_another_structure(world):
    elsewhere = world.structure("Ailleurs").contacts.get()
    for recipient in (Recipient(999_999), Recipient(world.the_structure.pk, elsewhere.pk)):
        with pytest.raises(NotYours):
            world.write(recipient=recipient)
    assert not Thread.objects.exists()
    with pytest.raises(NotYours):
        world.write(NOBODY)


def test_an_answer_ends_the_wait_and_its_mail_does_not_hold_it(world):
    thread = world.write()
    world.answer(thread, "Sous le banc.")
    assert not Case.objects.open().exists()
    told = mails("answered")
    assert {mail.to for mail in told} == {adult.email for adult in world.durand.adults}
    for mail in told:
        assert "Sous le banc" not in mail.text + mail.html + mail.subject
        assert f"/contact/echanges/{thread.pk}/" in mail.text
    assert unread_count(world.durand.actor) == unread_count(actor_for(world.sacha.account)) == 1
    assert unread_count(world.martin.actor) == 0
    thread_read(actor=world.durand.actor, thread_id=thread.pk, now=NOW + 2 * MINUTE)
    assert (unread_count(world.durand.actor), unread_count(actor_for(world.sacha.account))) == (0, 1)


def test_who_wants_no_mail_of_that_kind_gets_none(world):
    thread = world.write()
    user = world.durand.user
    user.notices = {Notice.MESSAGE: False}
    user.save()
    world.answer(thread)
    assert [mail.to for mail in mails("answered")] == [world.sacha.email]


def test_writing_again_waits_again_and_reopens(world):
    thread = world.write()
    world.answer(thread)
    thread_close(actor=world.director, thread_id=thread.pk, now=NOW + MINUTE)
    world.reply(thread)
    thread.refresh_from_db()
    assert thread.closed_at is None
    assert Case.objects.open().filter(subject_id=thread.pk).count() == 1
    world.reply(thread, "Encore", now=NOW + 3 * MINUTE)
    assert Case.objects.open().filter(subject_id=thread.pk).count() == 1
    assert thread.messages.count() == 4


def test_closing_without_an_answer_and_reopening(world):
    thread = world.write()
    for _twice in range(2):
        thread_close(actor=world.office, thread_id=thread.pk, now=NOW + MINUTE)
    assert not Case.objects.open().exists()
    assert Case.objects.get().state == CaseState.ACCEPTED
    assert Entry.objects.filter(verb="message.closed").count() == 1
    for _twice in range(2):
        thread_reopen(actor=world.office, thread_id=thread.pk, now=NOW + 2 * MINUTE)
    assert Case.objects.open().count() == 1
    assert not mails("answered")


def test_the_same_words_sent_twice_are_one_message(world):
    first = world.write()
    assert world.write(now=NOW + MINUTE).pk == first.pk
    outside = world.outside()
    assert world.outside(now=NOW + MINUTE).pk == outside.pk
    for _twice in range(2):
        world.answer(first)
    for _twice in range(2):
        world.reply(first)
    assert [message.text for message in first.messages.all()] == ["Bonjour", "Oui.", "Merci."]
    assert world.write(now=NOW + SAME_AGAIN + MINUTE).pk != first.pk
    assert world.write(world.martin.actor).pk != first.pk


def test_who_has_no_home_here_is_answered_by_mail(world):
    thread = world.outside(subject="Une [place](https://ailleurs.example)\n\nen mai", text="Bonjour")
    assert thread.subject == "Une [place](https://ailleurs.example) en mai"
    (received,) = mails("received")
    assert received.to == LUCIE.email
    for typed in ("Lucie", "place", "Bonjour,\n\nBonjour", "/contact/echanges/"):
        assert typed not in received.text
    world.answer(thread, "Venez lundi.\n[Cliquez](https://ailleurs.example)")
    (answer,) = mails("answer")
    assert answer.to == LUCIE.email
    assert "> Venez lundi." in answer.text
    assert 'href="https://ailleurs.example"' not in answer.html
    assert not mails("answered")


@pytest.mark.parametrize("verb", ["answer", "reply", "close", "reopen", "read"])
def test_nobody_else_gets_in(world, verb):
    thread = world.write()
    elsewhere = actor_for(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    mairie = actor_for(world.staff("mairie", Role.OFFICE, authority=world.authority("Mairie")))
    animator = actor_for(world.staff("animation", Role.ANIMATOR))
    acts = {
        "answer": lambda by: world.answer(thread, by=by),
        "reply": lambda by: world.reply(thread, by=by),
        "close": lambda by: thread_close(actor=by, thread_id=thread.pk, now=NOW),
        "reopen": lambda by: thread_reopen(actor=by, thread_id=thread.pk, now=NOW),
        "read": lambda by: thread_read(actor=by, thread_id=thread.pk, now=NOW),
    }
    for stranger in (world.martin.actor, elsewhere, mairie, animator, NOBODY):
        with pytest.raises(NotYours):
            acts[verb](stranger)
    assert Message.objects.count() == 1


def test_the_other_home_of_a_child_never_reads(world):
    zoe = world.child(world.durand, "Zoé")
    world.shared(zoe, world.durand, world.martin)
    thread = world.write()
    with pytest.raises(NotYours):
        world.reply(thread, by=world.martin.actor)


def test_nobody_answers_its_own_family(world):
    Post.objects.create(user=world.durand.user, role="director", structure=world.the_structure)
    thread = world.write()
    for act in (
        lambda actor: world.answer(thread, by=actor),
        lambda actor: thread_close(actor=actor, thread_id=thread.pk, now=NOW),
    ):
        with pytest.raises(OwnFile):
            act(actor_for(world.durand.user))
    assert Case.objects.open().count() == 1


def test_an_agent_in_the_name_of_the_family_is_told_as_such(world):
    acting = actor_for(world.staff("guichet2", Role.OFFICE), acting_for=world.durand.family.pk)
    thread = world.write(acting)
    message = thread.messages.get()
    assert (message.on_behalf, message.author) == (True, acting.label)
    assert "au nom de la famille" in mails("written")[0].text
    assert {mail.to for mail in mails("received")} == {adult.email for adult in world.durand.adults}
    assert f"{acting.label} a envoyé, en votre nom" in mails("received")[0].text
    world.answer(thread)
    thread_read(actor=acting, thread_id=thread.pk, now=NOW + 2 * MINUTE)
    assert unread_count(world.durand.actor) == 1


def test_files_are_checked_and_nothing_half_stored(world):
    thread = world.write(files=[a_picture(), a_picture("b.png")])
    assert Attachment.objects.filter(message__thread=thread).count() == 2
    assert set(StoredFile.objects.values_list("family_id", flat=True)) == {world.durand.family.pk}
    with pytest.raises(FileRefused):
        world.write(subject="Autre", files=[a_picture(), a_web_page()])
    with pytest.raises(TooManyFiles):
        world.write(subject="Autre", files=[a_picture()] * (FILES_AT_MOST + 1))
    assert (Thread.objects.count(), StoredFile.objects.count(), Case.objects.count()) == (1, 2, 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": " \n "}, "empty"),
        ({"text": "a" * (TEXT_LENGTH + 1)}, "too_long"),
        ({"subject": "\n"}, "empty"),
        ({"subject": "a" * (SUBJECT_LENGTH + 1)}, "too_long"),
    ],
)
def test_empty_and_too_long(world, changes, code):
    with pytest.raises(Unwritten) as refused:
        world.write(**changes)
    assert refused.value.code == code
    assert not Thread.objects.exists()


def test_floods_stop_by_account_by_mail_and_by_network(world):
    def until_refused(send, limit):
        for number in range(limit):
            send(number)
        with pytest.raises(TooManySendings):
            send(limit)

    until_refused(lambda n: world.write(subject=f"N° {n}"), PER_ACCOUNT.count)
    until_refused(lambda n: world.outside(subject=f"N° {n}", origin=Origin(f"192.0.2.{n}")), PER_MAIL.count)
    until_refused(
        lambda n: world.outside(
            subject=f"N° {n}", outsider=Outsider("A", f"a{n}@x.example"), origin=Origin("198.51.100.1")
        ),
        PER_NETWORK.count,
    )
    assert Thread.objects.count() == PER_ACCOUNT.count + PER_MAIL.count + PER_NETWORK.count
    world.write(world.martin.actor)


def test_exchanges_of_who_has_no_home_go_after_their_time_with_their_files(world):
    world.outside(files=[a_picture()])
    kept = world.write()
    assert outsiders_purge(before=NOW, now=NOW) == 0
    assert outsiders_purge(before=NOW + MINUTE, now=NOW) == 1
    assert list(Thread.objects.all()) == [kept]
    assert not StoredFile.objects.exists()
    assert list(Case.objects.open().values_list("subject_id", flat=True)) == [kept.pk]


def test_what_nobody_answered_in_time_counts_as_no_answer(world):
    thread = world.outside()
    assert outsiders_purge(before=NOW + MINUTE, now=NOW) == 1
    case = Case.objects.get(subject_id=thread.pk)
    assert (case.state, case.decided_by) == ("withdrawn", "Marelle")
    assert not [line for line in delays(world.office, longer_than=MINUTE, now=NOW) if line.year.count]
