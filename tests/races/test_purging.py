"""A purge against an agent who writes at the very last: what was just answered stays, whole."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.files.fields import checked
from marelle.files.models import StoredFile
from marelle.flows.actor.actors import actor_for
from marelle.journal.origin import Origin
from marelle.messaging.models import Thread
from marelle.messaging.services import Outsider, Recipient, outsiders_purge, thread_answer, thread_open
from marelle.messaging.writing import Letter
from tests.messaging.uploads import a_picture
from tests.races.stopped import wait_until_stopped
from tests.races.together import together_or_errors
from tests.scenario import Scenario

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
LATER = NOW + timedelta(days=400)


class Old(Scenario):
    """An exchange with somebody who has no home here, past its time."""

    def __init__(self) -> None:
        super().__init__()
        self.office = actor_for(self.staff("guichet", Role.OFFICE))
        self.picture = checked(a_picture())
        self.thread = thread_open(
            actor=Actor(user_id=None, label=""),
            recipient=Recipient(self.the_structure.pk),
            subject="Une place",
            letter=Letter("Bonjour", ()),
            outsider=Outsider("Lucie", "lucie@x.example"),
            origin=Origin("192.0.2.1"),
            now=NOW,
        )

    def answer(self) -> Thread:
        letter = Letter("Oui.", [self.picture])
        return thread_answer(actor=self.office, thread_id=self.thread.pk, letter=letter, now=LATER)


def purge() -> int:
    return outsiders_purge(before=LATER - timedelta(days=1), now=LATER)


def test_an_answer_written_while_the_purge_waits_stays_with_its_file() -> None:
    world = Old()
    writing = transaction.atomic()
    writing.__enter__()
    world.answer()

    def keep_once_the_purge_waits() -> None:
        wait_until_stopped(1)
        writing.__exit__(None, None, None)

    assert together_or_errors([purge], once_started=keep_once_the_purge_waits) == [0]
    assert Thread.objects.get().messages.count() == 2
    assert StoredFile.objects.count() == 1


def test_who_answers_what_has_just_gone_is_told_so() -> None:
    world = Old()
    purging = transaction.atomic()
    purging.__enter__()
    assert purge() == 1

    def end_once_the_agent_waits() -> None:
        wait_until_stopped(1)
        purging.__exit__(None, None, None)

    (answer,) = together_or_errors([world.answer], once_started=end_once_the_agent_waits)
    assert isinstance(answer, NotYours)
    assert not StoredFile.objects.exists()
