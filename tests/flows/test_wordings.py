"""The words of an authority: who may change them, what is kept, which mails say them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from marelle.core.actor import Role
from marelle.core.braces import FieldUnknown
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.enrolments.mails import tell_refused
from marelle.flows.actor.actors import actor_for
from marelle.flows.messages.wordings import wording_save
from marelle.journal.models import Entry
from marelle.mail.models import Message, Wording
from marelle.mail.selectors import words_of
from marelle.mail.services import Draft, queue_many
from marelle.mail.wording import EVERY, NO_WORDS, WordingRefused, Words
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KIND = "enrolments/refused"
OWN = Words("Une réponse pour {enfant}", "Nous avons lu votre demande.", "À bientôt, {destinataire}.")


def save(actor: Any, authority: Any, words: Words, **more: Any) -> bool:
    given = {"kind": KIND, "seen": NO_WORDS, "now": NOW, **more}
    return wording_save(actor=actor, authority_id=authority.pk, words=words, **given)


class Village(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.office = actor_for(self.staff("guichet", Role.OFFICE))
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")

    def refused(self) -> Message:
        """The mail that a home gets, as its own service writes it."""
        enrolment = self.enrolment(self.zoe, self.activity("Mercredis"), self.durand)
        tell_refused(enrolment, NOW)
        return Message.objects.latest("pk")


def test_a_mail_says_the_words_of_the_authority_with_its_own_facts() -> None:
    world = Village()
    before = world.refused()
    assert save(world.office, world.the_authority, OWN)
    assert save(world.office, world.the_authority, Words(after="Le {collectivité}"), kind=EVERY)
    got = world.refused()
    assert got.subject == "Une réponse pour Zoé"
    for text in ("Nous avons lu votre demande.", "À bientôt, Camille Durand."):
        assert text in got.text
        assert f"<p>{text}</p>" in got.html
    assert f"Le {world.the_authority.name}\n\n-- \n" in got.text
    assert "n’a pas pu être validée" in got.text, "what was decided stays"
    before.refresh_from_db()
    assert "Nous avons lu" not in before.text, "a mail written before keeps its words"


def test_another_authority_and_another_mail_keep_theirs() -> None:
    world = Village()
    other = world.authority("Mairie")
    administrator = actor_for(world.staff("admin", Role.ADMINISTRATOR))
    assert save(administrator, other, OWN)
    assert "Nous avons lu" not in world.refused().text
    assert save(world.office, world.the_authority, OWN, kind="enrolments/accepted")
    assert "Nous avons lu" not in world.refused().text


def test_only_the_office_of_the_authority_and_only_a_mail_to_families() -> None:
    world = Village()
    other = world.authority("Mairie")
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    for actor, authority, kind in [
        (director, world.the_authority, KIND),
        (world.office, other, KIND),
        (world.durand.actor, world.the_authority, KIND),
        (world.office, world.the_authority, "accounts/new_password"),
        (world.office, world.the_authority, "rien/rien"),
    ]:
        with pytest.raises(NotYours):
            save(actor, authority, OWN, kind=kind)
    assert not Wording.objects.exists()


def test_what_may_not_be_written_is_not_kept() -> None:
    world = Village()
    for words, refusal in [
        (Words(before="{quotient}"), FieldUnknown),
        (Words(subject="Un\nDeux"), WordingRefused),
        (Words(after="http://arelle.example"), WordingRefused),
    ]:
        with pytest.raises(refusal):
            save(world.office, world.the_authority, words)
    assert not Wording.objects.exists()


def test_a_colleague_who_was_first_is_not_overwritten() -> None:
    world = Village()
    assert save(world.office, world.the_authority, OWN)
    with pytest.raises(ChangedMeanwhile):
        save(world.office, world.the_authority, Words(before="Autre chose."))
    assert words_of(world.the_authority.pk, KIND) == OWN
    assert not save(world.office, world.the_authority, OWN), "the same words twice are no change"


def test_the_text_of_the_portal_comes_back_and_the_journal_says_both() -> None:
    world = Village()
    assert save(world.office, world.the_authority, OWN)
    assert save(world.office, world.the_authority, NO_WORDS, seen=OWN)
    assert not Wording.objects.exists()
    assert "Nous avons lu" not in world.refused().text
    first, second = Entry.objects.filter(verb="authority.mail_worded").order_by("pk")
    assert first.data["after"]["before"] == second.data["before"]["before"] == OWN.before
    assert first.data["kind"] == KIND
    assert set(second.data["after"].values()) == {""}


def test_the_subject_of_the_portal_and_one_that_decides_are_not_kept() -> None:
    world = Village()
    ours = Words(subject="{enfant} : inscription non validée, {activité}")
    assert not save(world.office, world.the_authority, ours)
    assert save(world.office, world.the_authority, Words("Objet", "Avant."), kind="papers/refused")
    assert words_of(world.the_authority.pk, "papers/refused") == Words(before="Avant.")


def test_many_mails_read_the_words_once_and_write_in_one_query(count_queries) -> None:
    world = Village()
    save(world.office, world.the_authority, OWN)
    context = {"child": "Zoé", "activity": "A", "reason": "", "service": {"structure": "S"}, "to_name": "C"}
    context |= {"authority_id": world.the_authority.pk, "person_id": 1, "enrolment_id": 1}
    with count_queries(1):
        queue_many(kind=KIND, drafts=[Draft(f"p{n}@example.org", context) for n in range(20)], now=NOW)
    with count_queries(1):
        queue_many(kind=KIND, drafts=[Draft(f"p{n}@example.org", context) for n in range(20)], now=NOW)
