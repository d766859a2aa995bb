"""The same first message sent several times at once, by an impatient finger: one exchange, told once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.journal.origin import Origin
from marelle.mail.models import Message as Mail
from marelle.messaging.models import Message, Thread
from marelle.messaging.services import Outsider, Recipient, thread_open
from marelle.messaging.writing import Letter
from tests.races.together import together
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SENDINGS = 4


@pytest.mark.parametrize("outsider", [None, Outsider("Lucie Fontaine", "lucie@courriel.example")])
def test_one_exchange_is_opened(outsider: Outsider | None) -> None:
    world = Scenario()
    home = world.home("Durand", "Camille")
    recipient = Recipient(world.structure("Accueil de loisirs").pk)
    actor = home.actor if outsider is None else Actor(user_id=None, label="")

    def sending() -> int:
        return thread_open(
            actor=actor,
            recipient=recipient,
            subject="Bonnet oublié",
            letter=Letter("Il est bleu."),
            outsider=outsider,
            origin=Origin(),
            now=NOW,
        ).pk

    opened = together([sending] * SENDINGS)
    assert len(set(opened)) == 1
    assert (Thread.objects.count(), Message.objects.count(), Case.objects.count()) == (1, 1, 1)
    mails = list(Mail.objects.values_list("kind", "to"))
    assert mails
    assert len(mails) == len(set(mails))
