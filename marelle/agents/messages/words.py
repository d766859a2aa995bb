"""Messages in French for agents: lines of the list, who wrote and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.agents.desk.facts import Fact, Tag, home_facts, pair_facts, told
from marelle.core.actor import Actor
from marelle.core.french import instant_long_year
from marelle.flows.office.home_file import home_file, last_exchanges
from marelle.messaging.models import Attachment, Thread
from marelle.messaging.naming import service_name

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
        "structure": service_name(thread),
        "instant": instant_long_year(thread.last_at),
    }
    about = _("{who} · {structure} · dernier message le {instant}").format(**told)
    if thread.assigned_to is not None:
        about = _("{about} · confié à {agent}").format(about=about, agent=thread.assigned_to)
    return ThreadLine(
        url=reverse("agents_messages:thread", args=[thread.pk]),
        subject=thread.subject,
        about=about,
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
    found = [(_("De"), who(thread)), (_("Service"), service_name(thread)), (_("Numéro"), str(thread.pk))]
    if thread.email:
        found.insert(1, (_("Adresse laissée"), thread.email))
    if thread.contact is not None and thread.contact.label != thread.structure.name:
        found.insert(-1, (_("Pour"), thread.contact.label))
    if thread.assigned_to is not None:
        found.append((_("Confié à"), str(thread.assigned_to)))
    if thread.closed_at is not None:
        told = {"who": thread.closed_by, "instant": instant_long_year(thread.closed_at)}
        found.append((_("Clos"), _("par {who}, le {instant}").format(**told)))
    return found


def facts(actor: Actor, thread: Thread, *, now: datetime) -> list[Fact]:
    """Of the thread, of the home that wrote, and of what else it wrote lately."""
    home = home_file(actor, thread.family_id, authority_id=thread.structure.authority_id, now=now)
    last = last_exchanges(actor, home.family.pk, but=thread.pk) if home else ()
    return told([*pair_facts(pairs(thread)), *home_facts(home), *(_exchange(one) for one in last)])


def _exchange(thread: Thread) -> Fact:
    told = {"structure": thread.structure.name, "instant": instant_long_year(thread.last_at)}
    return Fact(
        _("Autre échange"),
        tags=(Tag(thread.subject, url=reverse("agents_messages:thread", args=[thread.pk])),),
        note=_("{structure}, {instant}").format(**told),
    )


def file_url(joined: Attachment) -> str:
    return reverse("agents_messages:attachment", args=[joined.message.thread_id, joined.pk])
