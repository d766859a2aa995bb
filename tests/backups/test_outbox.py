"""Mails that waited when a backup was made: put back, they are held until an operator decides, never lost."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from marelle.backups.making import backup_make
from marelle.backups.places import RESTORING
from marelle.files.services import shelf
from marelle.flows.checks import check_vitals
from marelle.journal.models import Entry
from marelle.mail.models import Message, MessageState
from marelle.mail.services import queue, retry, revoke, send_due
from tests.backups.machines import committing, elsewhere
from tests.mail.test_services import CONTEXT, NOW

HOUR = timedelta(hours=1)


def said(*arguments: str) -> str:
    call_command("mails", *arguments, stdout=(told := io.StringIO()))
    return told.getvalue()


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("to", "state"))


@committing
def test_what_waited_is_held_until_somebody_decides(settings, tmp_path, portal, place):
    now = timezone.now()
    for to, at in (
        ("waits", now - HOUR),
        ("leaves", now - HOUR),
        ("left", now - HOUR),
        ("later", now + HOUR),
    ):
        queue(
            kind="accounts/invitation", to=f"{to}@example.org", context=CONTEXT, now=now - HOUR, not_before=at
        )
    Message.objects.filter(to__startswith="leaves@").update(state=MessageState.SENDING)
    Message.objects.filter(to__startswith="left@").update(state=MessageState.SENT, sent_at=now)
    made = backup_make(place=place, recipient="", now=now)
    with elsewhere(settings, tmp_path / "there"):
        call_command("restore", place.path / made.name, stdout=(told := io.StringIO()))
        assert "3 courriel(s) attendaient à la sauvegarde" in told.getvalue()
        held = {"waits@example.org": "held", "leaves@example.org": "held", "later@example.org": "held"}
        assert states() == held | {"left@example.org": "sent"}
        assert send_due(now=now + 2 * HOUR).sent == 0
        assert retry(ids=list(Message.objects.values_list("pk", flat=True)), now=now) == 0
        assert mail.outbox == []
        assert "marelle.W021" in {one.id for one in check_vitals(databases=["default"])}
        assert "accounts/invitation\u00a0: 3, à envoyer du " in said()
        assert "3 courriel(s) retenus." in said()
        assert said("--send", "--after", now.isoformat()) == "1 courriel(s) vont partir.\n"
        assert send_due(now=now).sent == 0, "not before its time"
        assert send_due(now=now + 2 * HOUR).sent == 1
        assert [one.to for one in mail.outbox] == [["later@example.org"]]
        assert said("--drop") == "2 courriel(s) abandonnés.\n"
        assert said() == "0 courriel(s) retenus.\n"
        assert send_due(now=now + 2 * HOUR).sent == 0
        assert Message.objects.count() == 4
        settled = Entry.objects.filter(verb="outbox.settled").order_by("pk")
        assert [one.data for one in settled] == [{"count": 1, "sent": True}, {"count": 2, "sent": False}]
        assert said("--send") == "0 courriel(s) vont partir.\n"
        assert settled.count() == 2
    assert set(states().values()) == {"queued", "sending", "sent"}, "what was kept is as it was"


@committing
def test_killed_once_the_database_is_there_the_same_backup_holds_them_when_put_back_again(
    settings, tmp_path, portal, place
):
    now = timezone.now()
    queue(kind="accounts/invitation", to="waits@example.org", context=CONTEXT, now=now)
    made = backup_make(place=place, recipient="", now=now)
    later = backup_make(place=place, recipient="", now=now + HOUR)
    with elsewhere(settings, tmp_path / "there"):
        call_command("restore", place.path / made.name, stdout=io.StringIO())
        Message.objects.update(state=MessageState.QUEUED)
        shelf().put(RESTORING, [made.about.made_at.encode()])
        with pytest.raises(CommandError, match="n’est pas vide"):
            call_command("restore", place.path / later.name, stdout=io.StringIO())
        assert states() == {"waits@example.org": "queued"}
        call_command("restore", place.path / made.name, stdout=(told := io.StringIO()))
        assert "1 courriel(s) attendaient" in told.getvalue()
        assert states() == {"waits@example.org": "held"}
        with pytest.raises(CommandError, match="n’est pas vide"):
            call_command("restore", place.path / made.name, stdout=io.StringIO())


@pytest.mark.django_db
@pytest.mark.once
def test_one_that_is_held_may_be_taken_back():
    """As when a judge keeps a home away from the child of whom it tells."""
    one = queue(kind="accounts/invitation", to="a@example.org", context=CONTEXT, now=NOW)
    Message.objects.update(state=MessageState.HELD)
    assert revoke(ids=[one.pk]) == 1
    assert said("--send") == "0 courriel(s) vont partir.\n"


@pytest.mark.django_db
@pytest.mark.once
def test_an_instant_that_is_none_is_said():
    with pytest.raises(CommandError, match="écrivez un instant"):
        said("--send", "--after", "hier")
