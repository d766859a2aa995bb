"""Which papers are asked for, and by which activities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from marelle.core.actor import Actor
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.papers.models import PaperNeed, PaperType
from marelle.papers.refusals import NotYours, WrongType
from marelle.papers.rules import About, Effect, Validity
from marelle.papers.scope import kept_activities, kept_types, readable_types
from marelle.places.models import Authority
from marelle.places.scope import in_office


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
    *, actor: Actor, type_id: int | None, authority_id: int, fields: TypeFields, now: datetime
) -> PaperType:
    """Write a type of an authority of which the actor is the office; `type_id` None makes a new one.

    Whose paper it is, once papers were sent, cannot change any more. Raises `NotYours`, or `WrongType`:
    "months" (missing, or given where they mean nothing), "health_for_all", "title_taken", "about_fixed".
    """
    if type_id is None:
        if not Authority.objects.filter(in_office(actor), pk=authority_id).exists():
            raise NotYours
        row = PaperType(authority_id=authority_id)
    else:
        found = kept_types(actor).filter(pk=type_id, authority_id=authority_id).first()
        if found is None:
            raise NotYours
        row = found
    _check(row, fields)
    for name, value in asdict(fields).items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise WrongType("title_taken") from error
    record(
        actor=actor,
        verb="paper_type.created" if type_id is None else "paper_type.changed",
        subject=Subject("paper_type", row.pk, row.title),
        now=now,
    )
    return row


@transaction.atomic
def needs_set(
    *,
    actor: Actor,
    type_id: int,
    needs: Mapping[int, tuple[Effect, date | None] | None],
    now: datetime,
) -> int:
    """Say which activities need a type, with which effect; None takes the need away. Returns the changes.

    Activities that `needs` does not name keep what they have. Raises `NotYours` for an activity that the
    actor does not answer for or that is of another authority, `WrongType` "from_a_date".
    """
    kind = readable_types(actor).filter(pk=type_id).first()
    if kind is None:
        raise NotYours
    kept = kept_activities(actor).filter(structure__authority_id=kind.authority_id, pk__in=needs)
    activities = {activity.pk: activity for activity in kept}
    if set(activities) != set(needs):
        raise NotYours
    rows = {need.activity_id: need for need in PaperNeed.objects.filter(paper_type=kind, activity__in=needs)}
    changed = 0
    for activity_id, wanted in needs.items():
        row = rows.get(activity_id)
        if not _need_set(kind, activity_id, row, wanted):
            continue
        changed += 1
        record(
            actor=actor,
            verb="paper_need.removed" if wanted is None else "paper_need.set",
            subject=Subject("paper_type", kind.pk, f"{kind} · {activities[activity_id]}"),
            data={} if wanted is None else {"effect": wanted[0].value},
            now=now,
        )
    return changed


def _need_set(
    kind: PaperType, activity_id: int, row: PaperNeed | None, wanted: tuple[Effect, date | None] | None
) -> bool:
    if wanted is None:
        if row is not None:
            row.delete()
        return row is not None
    effect, since = wanted
    if (effect is Effect.BLOCKS_BOOKINGS) is (since is None):
        raise WrongType("from_a_date")
    if row is None:
        row = PaperNeed(activity_id=activity_id, paper_type=kind)
    elif (row.effect, row.bookings_from) == (effect.value, since):
        return False
    row.effect, row.bookings_from = PaperNeed.Effect(effect.value), since
    row.save()
    return True


def _check(row: PaperType, fields: TypeFields) -> None:
    if (fields.validity is Validity.MONTHS) is not bool(fields.validity_months):
        raise WrongType("months")
    if fields.is_health and fields.asked_of_all:
        raise WrongType("health_for_all")
    if row.pk is not None and row.about != fields.about and row.papers.exists():
        raise WrongType("about_fixed")
