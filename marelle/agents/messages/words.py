"""Messages in French for agents: lines of the list, who wrote and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.core.french import instant_long_year
from marelle.messaging.models import Attachment, Thread

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """`tag` and its `tone` say what is expected of whom."""

    url: str
    subject: str
    about: str
    unread: bool
    tag: str
    tone: str


def thread_line(thread: Thread, *, unread: bool, waits: bool) -> ThreadLine:
    tag, tone = "", ""
    if thread.closed_at is not None:
        tag, tone = _("clos"), "plain"
    elif waits:
        tag, tone = _("à répondre"), "warn"
    told = {
        "who": who(thread),
        "structure": thread.structure.name,
        "instant": instant_long_year(thread.last_at),
    }
    return ThreadLine(
        url=reverse("agents_messages:thread", args=[thread.pk]),
        subject=thread.subject,
        about=_("{who} · {structure} · dernier message le {instant}").format(**told),
        unread=unread,
        tag=tag,
        tone=tone,
    )


def who(thread: Thread) -> str:
    """The family, or who wrote without one."""
    if thread.family is not None:
        return str(thread.family)
    return _("{name}, sans dossier famille").format(name=thread.name or thread.email)


def pairs(thread: Thread) -> Pairs:
    found = [(_("De"), who(thread)), (_("Service"), thread.structure.name), (_("Numéro"), str(thread.pk))]
    if thread.email:
        found.insert(1, (_("Adresse laissée"), thread.email))
    if thread.contact is not None and thread.contact.label != thread.structure.name:
        found.insert(-1, (_("Pour"), thread.contact.label))
    if thread.closed_at is not None:
        told = {"who": thread.closed_by, "instant": instant_long_year(thread.closed_at)}
        found.append((_("Clos"), _("par {who}, le {instant}").format(**told)))
    return found


def file_url(joined: Attachment) -> str:
    return reverse("agents_messages:attachment", args=[joined.message.thread_id, joined.pk])
