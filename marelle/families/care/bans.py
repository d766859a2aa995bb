"""Who must not fetch a child, by a judgment: set by an agent. `flows.care.team` says for which children.

The journal's entry belongs to the home that asked, if any: the other one reads nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.families.care.refusals import WrongValue
from marelle.families.locks import people_locked
from marelle.families.models import Member, PickupBan
from marelle.families.selectors import current
from marelle.journal.services import record

SET = "pickup_ban.set"
LIFTED = "pickup_ban.lifted"


@transaction.atomic
def pickup_ban_set(
    *,
    actor: Actor,
    child_id: int,
    family_id: int | None,
    name: str,
    reason: str,
    since: date,
    until: date | None,
    seen: Mapping[str, str] | None = None,
    now: datetime,
) -> PickupBan:
    """Write what a judgment says; the same name twice replaces what was said.

    `family_id` is the home that brought the judgment and may read it here, None for neither. `seen` is what
    the page showed of those that hold, as `bans_held`; None for who was shown nothing. Refused: NotYours,
    WrongValue, ChangedMeanwhile.
    """
    if until is not None and until < since:
        raise WrongValue("ban_dates")
    # Of one form sent twice at once, the second finds what the first wrote.
    _child_locked(child_id)
    homes = Member.objects.filter(current(local(now).date()), person_id=child_id, kind=Member.Kind.CHILD)
    there = set(homes.values_list("family_id", flat=True))
    if not there or (family_id is not None and family_id not in there):
        raise NotYours
    said = {"family_id": family_id, "reason": reason, "since": since, "until": until}
    _check_as_seen(PickupBan(name=name, **said), child_id, seen, day=local(now).date())
    written = {**said, "set_at": now, "set_by": actor.label[:150]}
    row = _of_name(PickupBan.objects.filter(child_id=child_id), name)
    if row is None:
        row = PickupBan.objects.create(child_id=child_id, name=name, **written)
    else:
        for column, value in written.items():
            setattr(row, column, value)
        row.save(update_fields=list(written))
    _note(actor, SET, row, now)
    return row


def bans_held(rows: Iterable[PickupBan]) -> dict[str, str]:
    """What a page shows of them, by name."""
    return {row.name: f"{row.reason}|{row.since}|{row.until or ''}|{row.family_id or ''}" for row in rows}


def _check_as_seen(wanted: PickupBan, child_id: int, seen: Mapping[str, str] | None, *, day: date) -> None:
    holds = Q(until=None) | Q(until__gte=day)
    row = _of_name(PickupBan.objects.filter(holds, child_id=child_id), wanted.name)
    if row is None or seen is None:
        return
    held = bans_held([row])
    if held != bans_held([wanted]) and held[row.name] != seen.get(row.name):
        raise ChangedMeanwhile(at=row.set_at)


def _of_name(rows: QuerySet[PickupBan], name: str) -> PickupBan | None:
    """Names are sealed: no query finds one."""
    return next((row for row in rows if row.name == name), None)


@transaction.atomic
def pickup_ban_lift(*, actor: Actor, child_id: int, ban_id: int, now: datetime) -> PickupBan:
    """Yesterday was its last day; one that has not begun goes. Refused: NotYours."""
    today = local(now).date()
    _child_locked(child_id)
    row = PickupBan.objects.select_for_update().filter(pk=ban_id, child_id=child_id).order_by("pk").first()
    if row is None or (row.until is not None and row.until < today):
        raise NotYours
    if row.since >= today:
        row.delete()
    else:
        row.until = today - timedelta(days=1)
        row.save(update_fields=["until"])
    _note(actor, LIFTED, row, now)
    return row


def _child_locked(child_id: int) -> None:
    if not people_locked([child_id]):
        raise NotYours


def _note(actor: Actor, verb: str, row: PickupBan, now: datetime) -> None:
    subject = Subject("pickup_ban", row.pk, "")
    record(actor=actor, verb=verb, subject=subject, family_id=row.family_id, now=now)
