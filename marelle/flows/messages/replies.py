"""Reply templates in a thread: their fields filled with who wrote, whose child it is about, who answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from marelle.core.actor import Actor
from marelle.core.braces import filled
from marelle.core.clock import local
from marelle.core.french import join_and
from marelle.core.prepared import prepared
from marelle.enrolments.models import Enrolment
from marelle.enrolments.scope import decidable
from marelle.families.models import Person
from marelle.messaging.models import Thread
from marelle.messaging.naming import service_name
from marelle.messaging.replies import replies_for
from marelle.messaging.selectors import Exchange


@dataclass(frozen=True, slots=True)
class ReadyReply:
    id: int
    title: str
    text: str


def ready_replies(actor: Actor, exchange: Exchange, *, now: datetime) -> tuple[ReadyReply, ...]:
    """Those that the agent may choose, filled as far as is known; a query where there are none, else three.

    A field that nothing fills stays between braces, for the agent to replace.
    """
    replies = replies_for(actor, exchange.thread)
    if not replies:
        return ()
    values = _values(actor, exchange, now)
    return tuple(ReadyReply(row.pk, row.title, filled(row.text, values)) for row in replies)


def _values(actor: Actor, exchange: Exchange, now: datetime) -> dict[str, str]:
    thread = exchange.thread
    first, last = _writer(exchange)
    values = {
        "prénom": first,
        "nom": last,
        "enfant": join_and(_children(actor, thread, now)),
        "structure": service_name(thread),
        "agent": actor.label,
    }
    # A name may hold a brace: the agent would be told of a field left, where there is none.
    told = {name: re.sub(r"[{}]", "", value) for name, value in values.items()}
    return {name: value for name, value in told.items() if value}


def _writer(exchange: Exchange) -> tuple[str, str]:
    """First and last name of the adult who wrote last; nothing where an agent wrote in the home's name."""
    if exchange.thread.family_id is None:
        first, _space, last = exchange.thread.name.partition(" ")
        return first, last
    last_one = next((one for one in reversed(exchange.messages) if not one.from_staff), None)
    if last_one is None or last_one.on_behalf or last_one.account_id is None:
        return "", ""
    return next(iter(_names(last_one.account_id)), ("", ""))


@prepared
def _names(account_id: int) -> QuerySet[Person, tuple[str, str]]:
    return Person.objects.filter(account_id=account_id).values_list("first_name", "last_name")


def _children(actor: Actor, thread: Thread, now: datetime) -> list[str]:
    """Those of the home who go to the structure written to, or ask to, where the agent answers for it."""
    if thread.family_id is None:
        return []
    return list(dict.fromkeys(_first_names(actor, thread.family_id, thread.structure_id, local(now).date())))


@prepared
def _first_names(actor: Actor, family_id: int, structure_id: int, day: date) -> QuerySet[Enrolment, str]:
    rows = decidable(actor).filter(
        family_id=family_id,
        activity__structure_id=structure_id,
        state__in=Enrolment.LIVE,
        ends_on__gte=day,
    )
    return rows.order_by("person__birth_date", "person_id").values_list("person__first_name", flat=True)
