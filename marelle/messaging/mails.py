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
from marelle.messaging.models import Message, Thread
from marelle.places.models import StructureContact


def tell_structure(message: Message, now: datetime) -> None:
    """To the contact written to, else to the authority; nobody where neither has an address."""
    thread = message.thread
    address = (thread.contact.email if thread.contact else "") or _first_contact(thread)["email"]
    address = address or thread.structure.authority.email
    if not address:
        return
    context = {
        "thread_id": thread.pk,
        "structure": thread.structure.name,
        "author": message.author,
        "family": str(thread.family) if thread.family is not None else "",
        "email": thread.email,
        "on_behalf": message.on_behalf,
        "subject": thread.subject,
        "quoted": quoted(message.text),
        "files": message.attachments.count(),
    }
    queue(kind="messaging/written", to=address, context=context, family_id=thread.family_id, now=now)


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
        "structure": thread.structure.name,
        "agent": "",
        **(_contact_of(thread.contact) if thread.contact else _first_contact(thread)),
    }


def _first_contact(thread: Thread) -> dict[str, str]:
    contacts = StructureContact.objects.filter(structure_id=thread.structure_id).order_by("order", "pk")
    return _contact_of(contacts.first())


def _contact_of(contact: StructureContact | None) -> dict[str, str]:
    return {"email": contact.email if contact else "", "phone": contact.phone if contact else ""}


def _own_address(actor: Actor) -> str:
    """The writer's own: its person's, else its account's."""
    email = ""
    if actor.person_id is not None:
        email = Person.objects.values_list("email", flat=True).get(pk=actor.person_id)
    if not email and actor.user_id is not None:
        email = User.objects.values_list("email", flat=True).get(pk=actor.user_id)
    return email
