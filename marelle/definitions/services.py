"""A file brought in: what it would change, tried and shown; then written, all of it or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection, models, transaction

from marelle.accounts.models import User
from marelle.accounts.services import InvitationSent
from marelle.activities.models import Activity, Opening
from marelle.bookings.closing.services import bookings_locked
from marelle.core.actor import Actor, Power, Role
from marelle.core.clock import local
from marelle.core.refusals import No
from marelle.definitions.difference import Change, Difference, difference
from marelle.definitions.held import Held, definitions_held, keys_keep
from marelle.definitions.kinds import EVERY
from marelle.definitions.kinds.offer import KEPT
from marelle.definitions.kinds.places import SPAN
from marelle.definitions.models import DefinitionKey
from marelle.definitions.reading import DefinitionsRefused, Fault
from marelle.definitions.refusal_words import refusal_told
from marelle.definitions.tree import AGENTS, Agent, Definitions, Id, definitions_read
from marelle.definitions.writing import Writer
from marelle.flows.catalogue.calendars import calendar_years_read
from marelle.flows.catalogue.openings import activity_generate, activity_preview
from marelle.places.models import Post
from marelle.places.posts.services import PostRefused, agent_invite

FROM_A_FILE: Final = Actor(None, "marelle init", powers=frozenset({Power(Role.ADMINISTRATOR)}))
"""Who runs the server, and is no account."""
_LOCK: Final = 0x4D41_5245
_OPENS: Final = frozenset({"activity", "group", "slot", "closure"})
"""What openings come from."""
_COUNTS: Final = frozenset({*_OPENS, "gauge", "kept_places", "calendar", "span"})
"""What touches days that are booked."""

_WORDS: Final = frozenset({"name", "order", "description", "cost_text", "unpaid"})
"""But for these, which no place is counted by."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of the openings of an activity; `kept`: how many are booked and stay as they are."""

    activity: str
    created: int
    moved: int
    removed: int
    kept: int


@dataclass(frozen=True, slots=True)
class Written:
    difference: Difference
    opened: tuple[Opened, ...]
    invited: tuple[tuple[Agent, InvitationSent | None], ...]


def definitions_compared(text: str, *, now: datetime) -> tuple[Difference, Held]:
    """What a file would change, once it was tried: nothing is written. Raises DefinitionsRefused.

    What is tried holds what it touches until it is undone, as a save of it would; a file that changes nothing
    holds nothing.
    """
    held = definitions_held()
    found = _difference(definitions_read(text, held.entries), held, now)
    if found.is_empty:
        return found, held
    with transaction.atomic():
        _alone()
        held = definitions_held()
        found = _difference(definitions_read(text, held.entries), held, now)
        _written(found, held, now, tried=True)
        transaction.set_rollback(True)
    return found, held


@transaction.atomic
def definitions_write(*, text: str, mark: str | None = None, now: datetime) -> Written:
    """Write what a file changes, all of it or none; what is in it and held alike is not touched.

    `mark` is that of the difference that was shown: "moved" where it is another by now. Raises
    DefinitionsRefused.
    """
    _alone()
    held = definitions_held()
    found = _difference(definitions_read(text, held.entries), held, now)
    if mark is not None and found.mark != mark:
        raise DefinitionsRefused("moved")
    return _written(found, held, now)


@transaction.atomic
def definitions_begin(*, wanted: Definitions, now: datetime) -> Mapping[Id, models.Model]:
    """Write a whole file where nothing of it is, without trying it before; its days are the caller's to open.
    Returns the rows. Raises DefinitionsRefused.
    """
    held = definitions_held()
    found = _difference(wanted, held, now)
    writer, _invited = _rows_written(found, held, now, tried=False)
    keys_keep(_keys(found.changes, writer))
    return writer.rows


@transaction.atomic
def definitions_kept() -> Held:
    """What is held, every row by a key that it keeps from now on."""
    _alone()
    held = definitions_held()
    keys_keep(held.unkept)
    return held


def _alone() -> None:
    """One file after another: the second is compared with what the first has written. SQLite has one
    writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _difference(wanted: Definitions, held: Held, now: datetime) -> Difference:
    """Raises DefinitionsRefused for what may not change."""
    found, faults = difference(wanted, held.entries, local(now).date())
    if faults:
        raise DefinitionsRefused(faults=tuple(faults))
    return replace(found, agents=tuple(agent for agent in wanted.agents if not _is_agent(agent)))


def _is_agent(agent: Agent) -> bool:
    """Whether somebody works here by that address: what it may do is changed on the screens alone."""
    return Post.objects.filter(user__email__iexact=agent.email).exists()


def _written(found: Difference, held: Held, now: datetime, *, tried: bool = False) -> Written:
    """Raises DefinitionsRefused with all that is refused."""
    _bookings_locked(found.changes, held, now)
    writer, invited = _rows_written(found, held, now, tried=tried)
    if tried:
        return Written(found, (), ())
    opened = tuple(_opened(activity, writer) for activity in _to_open(found.changes, writer))
    keys_keep([*held.unkept, *_keys(found.changes, writer)])
    return Written(found, tuple(one for one in opened if one is not None), tuple(invited))


def _rows_written(
    found: Difference, held: Held, now: datetime, *, tried: bool
) -> tuple[Writer, list[tuple[Agent, InvitationSent | None]]]:
    """All but the days that open. Raises DefinitionsRefused with all that is refused."""
    writer = Writer(FROM_A_FILE, now, dict(held.rows))
    for kind in EVERY.values():
        rows = [one for one in found.changes if one.entry.kind is kind]
        if kind is KEPT:
            _led(found.changes, writer)
        for change in rows:
            writer.write(change)
        if kind is SPAN and not tried:
            _calendars_read(rows, writer)
    invited = [(agent, _invited(agent, writer)) for agent in found.agents]
    if writer.faults:
        raise DefinitionsRefused(faults=tuple(writer.faults))
    return writer, invited


def _led(changes: Iterable[Change], writer: Writer) -> None:
    """What leads to others, once all of that is there: places are kept of gauges that slots draw on."""
    for change in changes:
        if any(one.later and one.attr in change.attrs for one in change.entry.kind.fields):
            writer.write_later(change)


def _bookings_locked(changes: Iterable[Change], held: Held, now: datetime) -> None:
    """All children and quotas first, as every save does: what is written next locks some of them at a
    time."""
    touched = any(one.entry.kind.name in _COUNTS and not _WORDS.issuperset(one.attrs) for one in changes)
    if touched and any(name == "activity" for name, _path in held.rows):
        to_come = Opening.objects.filter(day__gte=local(now).date()).order_by()
        bookings_locked(list(to_come.values_list("pk", flat=True)))


def _invited(agent: Agent, writer: Writer) -> InvitationSent | None:
    ids = {Role.OFFICE: "authority", Role.DIRECTOR: "structure", Role.ANIMATOR: "structure"}
    powers = set()
    for role, path in agent.posts:
        row: Any = writer.rows.get((ids.get(role, ""), path or ()))
        if path is not None and row is None:
            return None
        authority = row.pk if role is Role.OFFICE else None
        structure = row.pk if role in {Role.DIRECTOR, Role.ANIMATOR} else None
        powers.add(Power(role, authority, structure))
    try:
        joined = agent_invite(
            actor=writer.actor, name=agent.name, email=agent.email, powers=powers, now=writer.now
        )
    except (PostRefused, No) as refusal:
        path_of = f"{AGENTS} › {agent.key}"
        writer.faults += [Fault(agent.line, path_of, words) for _attr, words in refusal_told(refusal)]
        return None
    return joined.sent


def _calendars_read(changes: Iterable[Change], writer: Writer) -> None:
    """A day that was corrected stands for the one that the State publishes."""
    for path in sorted({one.entry.path[:1] for one in changes}):
        calendar = writer.rows["calendar", path]
        calendar_years_read(actor=writer.actor, calendar_id=calendar.pk, now=writer.now)


def _to_open(changes: Iterable[Change], writer: Writer) -> list[Activity]:
    """The activities whose days may be others."""
    ids: set[int] = set()
    for change in changes:
        entry = change.entry
        if entry.kind.name not in _OPENS:
            continue
        top = "structure" if entry.kind.name == "closure" else "activity"
        row = writer.rows[top, entry.path[:1]]
        if isinstance(row, Activity):
            ids.add(row.pk)
        else:
            ids.update(Activity.objects.filter(structure_id=row.pk).values_list("pk", flat=True))
    return list(Activity.objects.filter(pk__in=ids).order_by("pk"))


def _opened(activity: Activity, writer: Writer) -> Opened | None:
    preview = activity_preview(activity, now=writer.now)
    if preview.difference.is_empty and not preview.difference.kept_because_booked:
        return None
    done = activity_generate(
        actor=writer.actor, activity_id=activity.pk, seen=preview.version, now=writer.now
    )
    return Opened(activity.name, done.created, done.moved, done.removed, len(done.kept_because_booked))


def _keys(changes: Iterable[Change], writer: Writer) -> list[DefinitionKey]:
    return [
        DefinitionKey(kind=one.entry.kind.name, row_id=writer.rows[one.entry.id].pk, key=one.entry.path[-1])
        for one in changes
        if one.is_new and not one.entry.kind.is_single
    ]


def administers_nobody() -> bool:
    """Whether nobody administers the portal, invited or not."""
    held = Post.objects.held().filter(role=Role.ADMINISTRATOR).values("user_id")
    return not User.objects.filter(pk__in=held).exists()
