"""What the authorities of a portal share and its first one keeps: authorities, communes, schools, calendars.

What defines an activity follows: the days of its calendar, and who its residents are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.core.kept import kept_changed
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import NotPossible, Shown, row_change, row_fill, rows_delete
from marelle.journal.services import record
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, School
from marelle.places.selectors import keeps_portal

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Shared:
    """A kind of row: the journal's word for it, and the verbs of adding, changing and removing one."""

    kind: str
    verbs: tuple[str, str, str]


KINDS: Final[Mapping[type[models.Model], Shared]] = {
    Authority: Shared("authority", ("authority.added", "authority.changed", "")),
    Commune: Shared("commune", ("commune.added", "commune.changed", "commune.removed")),
    School: Shared("school", ("school.added", "school.changed", "school.removed")),
    Calendar: Shared("calendar", ("calendar.added", "calendar.changed", "calendar.removed")),
    CalendarSpan: Shared("span", ("calendar.span_added", "calendar.span_changed", "calendar.span_removed")),
}


def keeps_shared(actor: Actor, model: type[models.Model]) -> bool:
    """Authorities are an administrator's to make and to name; the rest is whose portal it is."""
    return actor.is_administrator if model is Authority else keeps_portal(actor)


def shared_rows(actor: Actor, model: type[Row]) -> QuerySet[Row]:
    """The rows of a kind that the actor keeps."""
    keeps = keeps_shared(actor, model)
    rows = model._default_manager.all() if keeps else model._default_manager.none()
    return rows.filter(active=True) if model is CalendarSpan else rows


@transaction.atomic
def shared_add(*, actor: Actor, model: type[Row], values: Mapping[str, Any], now: datetime) -> Row:
    """A new row. Raises NotYours or NotPossible."""
    if not keeps_shared(actor, model):
        raise NotYours
    if model is Authority:
        _check_named_once(values["name"])
    row = model(corrected=True, typed=True) if model is CalendarSpan else model()
    row_fill(row, values)
    _follow(row)
    _note(actor, row, 0, now)
    return row


@transaction.atomic
def shared_change(
    *, actor: Actor, model: type[Row], pk: int, changes: Mapping[str, Any], seen: Shown, now: datetime
) -> tuple[str, ...]:
    """Change fields from what the form showed. Returns the names of those that changed.

    A span that an agent changed is left alone when the calendar is read again. Raises NotYours,
    ChangedMeanwhile or NotPossible.
    """
    row = _locked(actor, model, pk)
    changed = row_change(row, changes, subject=_subject(row), seen=seen)
    if changed:
        if isinstance(row, CalendarSpan):
            CalendarSpan.objects.filter(pk=pk).update(corrected=True)
        _follow(row)
        _note(actor, row, 1, now, {"fields": list(changed)})
    return changed


@transaction.atomic
def shared_remove(*, actor: Actor, model: type[Row], pk: int, now: datetime) -> None:
    """Take away what nothing uses; an authority stays. Raises NotYours, or InUse.

    A span is kept, without force, so that reading the calendar again does not bring it back.
    """
    row = _locked(actor, model, pk, removed=True)
    if isinstance(row, Authority):
        raise NotYours
    _note(actor, row, 2, now)
    if isinstance(row, CalendarSpan):
        CalendarSpan.objects.filter(pk=pk).update(active=False, corrected=True)
    else:
        # An activity without a school is open to all: losing its last one would open it.
        lost = (Activity.objects.filter(schools=row),) if isinstance(row, School) else ()
        rows_delete(model._default_manager.filter(pk=pk), lost=lost)
    _follow(row)


@transaction.atomic
def span_restore(*, actor: Actor, span_id: int, now: datetime) -> None:
    """A span that was taken away has force again. Raises NotYours."""
    spans = CalendarSpan.objects.select_for_update(no_key=True)
    row = spans.filter(pk=span_id, active=False).first() if keeps_shared(actor, CalendarSpan) else None
    if row is None:
        raise NotYours
    CalendarSpan.objects.filter(pk=span_id).update(active=True, corrected=True)
    _follow(row)
    _note(actor, row, 0, now)


def _locked(actor: Actor, model: type[Row], pk: int, *, removed: bool = False) -> Row:
    """A row that is to be removed is locked whole: who leads to it meanwhile is counted, or waits."""
    rows = shared_rows(actor, model).select_for_update(no_key=not removed, of=("self",))
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotYours
    return row


def _check_named_once(name: str) -> None:
    """An authority is never removed: one made twice, by a form sent again, would stay. Raises NotPossible."""
    list(Authority.objects.select_for_update(no_key=True).order_by("pk"))
    if Authority.objects.filter(name=name).exists():
        raise NotPossible({"name": [gettext("Une collectivité porte déjà ce nom.")]})


def _follow(row: models.Model) -> None:
    """What processes keep of it, and of the activities that it defines, is read again."""
    if isinstance(row, Authority | Commune):
        kept_changed()
    if isinstance(row, Commune):
        definition_changed(Activity.objects.all())
    elif isinstance(row, Calendar | CalendarSpan):
        calendar_id = row.calendar_id if isinstance(row, CalendarSpan) else row.pk
        definition_changed(Activity.objects.filter(calendar_id=calendar_id))


def _subject(row: models.Model) -> Subject:
    return Subject(KINDS[type(row)].kind, row.pk, str(row))


def _note(
    actor: Actor, row: models.Model, act: int, now: datetime, data: Mapping[str, Any] | None = None
) -> None:
    record(actor=actor, verb=KINDS[type(row)].verbs[act], subject=_subject(row), data=data, now=now)
