"""Which papers are asked for, and by which activities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from marelle.activities.services.conditions import activities_asking, conditions_asking, paper_named
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, held, row_change, row_fill, rows_delete, seen_check
from marelle.journal.services import record
from marelle.papers.models import PaperNeed, PaperType
from marelle.papers.refusals import WrongType
from marelle.papers.rules import About, Effect, Validity
from marelle.papers.scope import kept_activities, kept_types, readable_types
from marelle.places.models import Authority
from marelle.places.scope import in_office

TYPE_VERBS: Final = ("paper_type.created", "paper_type.changed")
SET: Final = "paper_need.set"
REMOVED: Final = "paper_need.removed"
NEED_VERBS: Final = (SET, REMOVED)
NEED_FIELDS: Final = ("effect", "bookings_from")


@dataclass(frozen=True, slots=True)
class TypeFields:
    """What an agent says of a type; `validity_months` with `Validity.MONTHS` only."""

    title: str
    why: str
    stake: str
    about: About
    asked_of_all: bool
    mandatory: bool
    validity: Validity
    validity_months: int | None
    is_health: bool
    order: int
    active: bool


@transaction.atomic
def paper_type_save(
    *,
    actor: Actor,
    type_id: int | None,
    authority_id: int,
    fields: TypeFields,
    seen: Shown | None = None,
    now: datetime,
) -> PaperType:
    """Write a type of an authority of which the actor is the office; `type_id` None makes a new one.

    `seen` is what the form showed of the type. Whose paper it is, once papers were sent, cannot change any
    more; nor is a type stopped while an activity asks for it by the day, since nobody could send it any more.
    Raises `NotYours`, `ChangedMeanwhile`, `NotPossible`, or `WrongType`: "months" (missing, or given where
    they mean nothing), "health_for_all", "title_taken", "about_fixed", "asked_by_day" with the activities.
    """
    if type_id is None:
        if not Authority.objects.filter(in_office(actor), pk=authority_id).exists():
            raise NotYours
        row = PaperType(authority_id=authority_id)
    else:
        mine = kept_types(actor).filter(pk=type_id, authority_id=authority_id)
        found = mine.select_for_update(no_key=True, of=("self",)).first()
        if found is None:
            raise NotYours
        row = found
    _check(row, fields, local(now).date())
    try:
        with transaction.atomic():
            changed = _written(row, fields, seen)
    except IntegrityError as error:
        raise WrongType("title_taken") from error
    if changed:
        paper_named(row.pk, row.title)
        record(
            actor=actor,
            verb="paper_type.created" if type_id is None else "paper_type.changed",
            subject=_subject(row),
            data={} if type_id is None else {"fields": list(changed)},
            now=now,
        )
    return row


def _written(row: PaperType, fields: TypeFields, seen: Shown | None) -> tuple[str, ...]:
    """The names of the fields that were written."""
    values = asdict(fields)
    if not row._state.adding:
        return row_change(row, values, subject=_subject(row), seen=seen, verbs=TYPE_VERBS)
    row_fill(row, values)
    return tuple(values)


def _subject(row: PaperType) -> Subject:
    return Subject("paper_type", row.pk, row.title)


@transaction.atomic
def paper_type_remove(*, actor: Actor, type_id: int, now: datetime) -> None:
    """Take away a type that nothing uses; one that was ever asked for or sent is stopped instead.

    Raises `NotYours`, or `InUse` with the activities, papers and publications that hold it.
    """
    row = kept_types(actor).filter(pk=type_id).first()
    if row is None:
        raise NotYours
    subject = _subject(row)
    rows_delete(
        PaperType.objects.filter(pk=row.pk),
        lost=[row.needs.all(), row.asked.all(), conditions_asking(row.pk)],
    )
    record(actor=actor, verb="paper_type.removed", subject=subject, now=now)


@transaction.atomic
def needs_set(
    *,
    actor: Actor,
    type_id: int,
    needs: Mapping[int, tuple[Effect, date | None] | None],
    seen: Shown | None = None,
    now: datetime,
) -> int:
    """Say which activities need a type, with which effect; None takes the need away. Returns the changes.

    Activities that `needs` does not name keep what they have. `seen` is what the form showed, as `needs_held`
    gives it. The type is locked: two who save together wait for each other. Raises `NotYours` for an activity
    that the actor does not answer for or that is of another authority, `ChangedMeanwhile`, `WrongType`
    "from_a_date".
    """
    readable = readable_types(actor).filter(pk=type_id)
    kind = readable.select_for_update(no_key=True, of=("self",)).first()
    if kind is None:
        raise NotYours
    kept = kept_activities(actor).filter(structure__authority_id=kind.authority_id, pk__in=needs)
    activities = {activity.pk: activity for activity in kept}
    if set(activities) != set(needs):
        raise NotYours
    rows = {need.activity_id: need for need in PaperNeed.objects.filter(paper_type=kind, activity__in=needs)}
    seen_check(needs_held(needs, rows), seen, subject=_subject(kind), verbs=NEED_VERBS)
    changed = 0
    for activity_id, wanted in needs.items():
        row = rows.get(activity_id)
        fields = _need_set(kind, activity_id, row, wanted)
        if not fields:
            continue
        changed += 1
        record(
            actor=actor,
            verb=REMOVED if wanted is None else SET,
            subject=Subject("paper_type", kind.pk, f"{kind} · {activities[activity_id]}"),
            data={} if wanted is None else {"effect": wanted[0].value, "fields": list(fields)},
            now=now,
        )
    return changed


def needs_held(activity_ids: Iterable[int], needs: Mapping[int, PaperNeed]) -> dict[str, Any]:
    """What activities ask of a type, as a form carries it: "effect" and "bookings_from" by id, None for
    nothing."""
    rows = {activity_id: needs.get(activity_id) for activity_id in activity_ids}
    return {str(pk): held(row, NEED_FIELDS) if row is not None else None for pk, row in rows.items()}


def _need_set(
    kind: PaperType, activity_id: int, row: PaperNeed | None, wanted: tuple[Effect, date | None] | None
) -> tuple[str, ...]:
    """The names of the fields that changed, all of them for a need that comes or goes."""
    if wanted is None:
        if row is not None:
            row.delete()
        return NEED_FIELDS if row is not None else ()
    effect, since = wanted
    if (effect is Effect.BLOCKS_BOOKINGS) is (since is None):
        raise WrongType("from_a_date")
    values = {"effect": effect.value, "bookings_from": since}
    row = row or PaperNeed(activity_id=activity_id, paper_type=kind)
    changed = NEED_FIELDS if row.pk is None else tuple(n for n in values if getattr(row, n) != values[n])
    if changed:
        row.effect, row.bookings_from = PaperNeed.Effect(effect.value), since
        row.save()
    return changed


def _check(row: PaperType, fields: TypeFields, day: date) -> None:
    others = PaperType.objects.filter(authority_id=row.authority_id, title=fields.title).exclude(pk=row.pk)
    if others.exists():
        raise WrongType("title_taken")
    if (fields.validity is Validity.MONTHS) is not bool(fields.validity_months):
        raise WrongType("months")
    if fields.is_health and fields.asked_of_all:
        raise WrongType("health_for_all")
    if row.pk is not None and row.about != fields.about and row.papers.exists():
        raise WrongType("about_fixed")
    stops = row.pk is not None and row.active and not fields.active
    if stops and (activities := activities_asking(row.pk, day=day)):
        raise WrongType("asked_by_day", activities=activities)
