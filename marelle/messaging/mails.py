"""Mails about messages.

The structure's mail holds the message: that is where agents read. A parent is told that an answer waits, and
reads it in the portal. Who wrote from outside has no portal to read in: the answer itself goes by mail. What
others typed never stands in a mail to an address that nobody has proved to be the sender's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marelle.accounts.models import User
from marelle.accounts.notices import Notice
from marelle.core.actor import Actor
from marelle.core.french import instant_long_year
from marelle.families.models import Person
from marelle.families.telling import tell_home
from marelle.mail.services import queue
from marelle.messaging.models import Message, Thread, ThreadPass
from marelle.messaging.naming import holder_name, reach_of, service_address, service_name


def tell_structure(message: Message, now: datetime) -> None:
    """To the contact written to, else to the authority; nobody where neither has an address."""
    thread = message.thread
    address = service_address(thread)
    if not address:
        return
    context = {
        "thread_id": thread.pk,
        "structure": service_name(thread),
        "authority_id": thread.structure.authority_id,
        "author": message.author,
        "family": str(thread.family) if thread.family is not None else "",
        "email": thread.email,
        "on_behalf": message.on_behalf,
        "subject": thread.subject,
        "quoted": quoted(message.text),
        "files": message.attachments.count(),
    }
    queue(kind="messaging/written", to=address, context=context, family_id=thread.family_id, now=now)


def tell_passed(passed: ThreadPass, now: datetime) -> None:
    """To the service that has it now: who gave it, why, and what the family wrote last."""
    thread = passed.thread
    address = service_address(thread)
    if not address:
        return
    last = thread.messages.filter(from_staff=False).order_by("-at", "-pk").first()
    context = {
        "thread_id": thread.pk,
        "structure": service_name(thread),
        "authority_id": thread.structure.authority_id,
        "former": holder_name(thread.structure.authority, passed.from_structure),
        "agent": passed.by,
        "family": str(thread.family) if thread.family is not None else thread.name or thread.email,
        "subject": thread.subject,
        "note": quoted(passed.note),
        "quoted": quoted(last.text) if last is not None else "",
    }
    queue(kind="messaging/passed", to=address, context=context, family_id=thread.family_id, now=now)


def tell_received(actor: Actor, thread: Thread, now: datetime) -> None:
    """The acknowledgement: number, when, which service, how to reach it. Holds nothing that was typed."""
    context = {**_about(thread), "received": instant_long_year(thread.opened_at), "at_home": True}
    if thread.family_id is None:
        outside = {**context, "at_home": False}
        queue(kind="messaging/received", to=thread.email, context=outside, now=now)
    elif actor.on_behalf_of:
        acting = {**context, "agent": actor.label}
        tell_home(kind="messaging/received", context=acting, family_id=thread.family_id, now=now)
    elif address := _own_address(actor):
        queue(kind="messaging/received", to=address, context=context, family_id=thread.family_id, now=now)


def tell_answered(message: Message, now: datetime) -> None:
    """To the adults of the home, without the answer; to who has no home here, with it."""
    thread = message.thread
    if thread.family_id is not None:
        tell_home(
            kind="messaging/answered",
            context=_about(thread),
            family_id=thread.family_id,
            notice=Notice.MESSAGE,
            now=now,
        )
        return
    context = {**_about(thread), "author": message.author, "quoted": quoted(message.text)}
    queue(kind="messaging/answer", to=thread.email, context=context, now=now)


def quoted(text: str) -> str:
    """Each line behind a "> ", so that what somebody typed is never taken for a button or a list of ours."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _about(thread: Thread) -> Mapping[str, Any]:
    return {
        "thread_id": thread.pk,
        "structure": service_name(thread),
        "agent": "",
        "authority_id": thread.structure.authority_id,
        **reach_of(thread),
    }


def _own_address(actor: Actor) -> str:
    """The writer's own: its person's, else its account's."""
    email = ""
    if actor.person_id is not None:
        email = Person.objects.values_list("email", flat=True).get(pk=actor.person_id)
    if not email and actor.user_id is not None:
        email = User.objects.values_list("email", flat=True).get(pk=actor.user_id)
    return email
