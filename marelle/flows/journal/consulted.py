"""Who read how much of health, of incomes and of papers: agent by agent, over some days.

For who answers for what is read: the data protection officer, by a mail each week, and the offices and
administrators, on a page. That they opened it is written down too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import ExtractHour

from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import PARIS, instant_at, local
from marelle.core.french import day_long_year, number_text
from marelle.core.subject import Subject
from marelle.families.incomes.reading import READ
from marelle.flows.journal.staff import READINGS, staff_accounts
from marelle.flows.journal.watching import LISTED, LOOKED_EVERY, READINGS_WATCHED, SHEETS, TOLD, watchers
from marelle.flows.journal.watching_rules import MORNING, NIGHT, Unusual
from marelle.journal.chain import chain_head
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.services import Draft, queue_many
from marelle.places.locks import portal_locked

OPENED: Final = "consulted.read"
EXPORTED: Final = "consulted.exported"
SUMMED: Final = "consulted.summed"
MAIL: Final = "accounts/week_of_readings"

WEEK: Final = timedelta(days=7)
FROM_HOUR: Final = 7
"""On the wall clock of Paris, from when on a Monday tells the week before."""

PAPERS: Final = READINGS.difference(READINGS_WATCHED)


@dataclass(frozen=True, slots=True)
class Consulted:
    """Of one agent: children whose sheet it read, homes whose incomes, lists and papers opened; children
    and homes at night. `told`: what was told as unusual."""

    agent_id: int
    name: str
    sheets: int
    homes: int
    lists: int
    papers: int
    at_night: int
    last_at: datetime
    told: tuple[Unusual, ...]


def consulted(actor: Actor, first: date, last: date) -> tuple[Consulted, ...]:
    """Of the agents that the actor answers for, from `first` to `last`: those of whom something was told
    first, then who read most. Three queries."""
    names = {user.pk: str(user) for user in staff_accounts(actor)}
    days = Q(at__gte=instant_at(first, time()), at__lt=instant_at(last + timedelta(days=1), time()))
    told: dict[int, list[Unusual]] = {}
    alerts = Entry.objects.filter(days, verb=TOLD, subject_kind="account", subject_id__in=names)
    for agent_id, kind in alerts.order_by("pk").values_list("subject_id", "data__kind"):
        told.setdefault(agent_id or 0, []).append(Unusual(kind))
    found = [
        Consulted(
            agent_id=row["actor_user_id"],
            name=names[row["actor_user_id"]],
            sheets=row["sheets"],
            homes=row["homes"],
            lists=row["lists"],
            papers=row["papers"],
            at_night=row["sheets_at_night"] + row["homes_at_night"],
            last_at=row["last_at"],
            told=tuple(dict.fromkeys(told.get(row["actor_user_id"], ()))),
        )
        for row in _counted(Entry.objects.filter(days, actor_user_id__in=names))
    ]
    return tuple(sorted(found, key=lambda one: (not one.told, -(one.sheets + one.homes), one.name)))


def consulted_opened(*, actor: Actor, first: date, last: date, now: datetime) -> tuple[Consulted, ...]:
    """The same, written down as read."""
    found = consulted(actor, first, last)
    _note(actor, OPENED, first, last, len(found), now)
    return found


def consulted_exported(*, actor: Actor, first: date, last: date, now: datetime) -> tuple[Consulted, ...]:
    """The same for a file, written down as taken."""
    found = consulted(actor, first, last)
    _note(actor, EXPORTED, first, last, len(found), now)
    return found


def week_summed(*, now: datetime) -> int:
    """Tell who watches, once, what was read in the week before; nothing where nothing was. Returns how many
    mails."""
    monday = _monday_told(now)
    if not cache.add(f"flows.week_summed.{monday}", 1, LOOKED_EVERY) or _is_summed(monday):
        return 0
    with transaction.atomic():
        portal_locked()
        if _is_summed(monday):
            return 0
        days = Q(at__gte=instant_at(monday, time()), at__lt=instant_at(monday + WEEK, time()))
        rows = list(_counted(Entry.objects.filter(days, actor_user_id__isnull=False)))
        if not rows:
            return 0
        drafts = [Draft(one, _told_of(monday, rows, days)) for one in watchers()]
        queue_many(kind=MAIL, drafts=drafts, now=now)
        subject = Subject("week", None, day_long_year(monday))
        data = {"day": monday.isoformat(), "count": len(rows)}
        record(actor=SYSTEM, verb=SUMMED, subject=subject, data=data, now=now)
    return len(drafts)


def _told_of(monday: date, rows: list[dict[str, Any]], days: Q) -> dict[str, str]:
    sunday, head = monday + WEEK - timedelta(days=1), chain_head()
    unusual = Entry.objects.filter(days, verb=TOLD).count()
    return {
        "monday": day_long_year(monday),
        "sunday": day_long_year(sunday),
        "agents": number_text(len(rows)),
        "sheets": number_text(sum(row["sheets"] for row in rows)),
        "homes": number_text(sum(row["homes"] for row in rows)),
        "unusual": number_text(unusual) if unusual else "",
        "link": "" if head is None else str(head.number),
        "digest": "" if head is None else head.digest,
        "query": f"du={monday.isoformat()}&au={sunday.isoformat()}",
    }


def _counted(entries: QuerySet[Entry]) -> QuerySet[Entry, Any]:
    """By agent, what it read."""
    night = Q(hour__gte=NIGHT.hour) | Q(hour__lt=MORNING.hour)
    sheet, home = Q(verb__in=SHEETS), Q(verb=READ)
    rows = entries.filter(verb__in=READINGS).order_by().annotate(hour=ExtractHour("at", tzinfo=PARIS))
    return rows.values("actor_user_id").annotate(
        sheets=Count("subject_id", filter=sheet, distinct=True),
        homes=Count("subject_id", filter=home, distinct=True),
        lists=Count("pk", filter=Q(verb=LISTED)),
        papers=Count("pk", filter=Q(verb__in=PAPERS)),
        sheets_at_night=Count("subject_id", filter=sheet & night, distinct=True),
        homes_at_night=Count("subject_id", filter=home & night, distinct=True),
        last_at=Max("at"),
    )


def _note(actor: Actor, verb: str, first: date, last: date, count: int, now: datetime) -> None:
    subject = Subject("account", actor.user_id, actor.label)
    data = {"days": [first.isoformat(), last.isoformat()], "count": count}
    record(actor=actor, verb=verb, subject=subject, data=data, now=now)


def _monday_told(now: datetime) -> date:
    """The first day of the last week that is over, and that it is time to tell."""
    there = local(now) - timedelta(hours=FROM_HOUR)
    return there.date() - timedelta(days=there.weekday()) - WEEK


def _is_summed(monday: date) -> bool:
    after = instant_at(monday + WEEK, time())
    rows = Entry.objects.filter(verb=SUMMED, subject_kind="week", subject_id=None, at__gte=after)
    return rows.filter(data__day=monday.isoformat()).exists()
