"""Writes on places: calendars that follow what the State publishes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.core.actor import SYSTEM, Actor, Role
from marelle.core.kept import kept_changed
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, held, seen_check
from marelle.journal.services import record
from marelle.places.calendars import (
    CalendarDifference,
    StoredSpan,
    calendar_difference,
    library_spans,
    zone_of,
)
from marelle.places.grounds import incomes_count_follow
from marelle.places.models import Authority, Calendar, CalendarSpan
from marelle.places.rules import Span, SpanKind
from marelle.places.scope import in_office


@transaction.atomic
def calendar_refresh(
    *, actor: Actor, calendar_id: int, school_year: int, now: datetime
) -> CalendarDifference:
    """Make one school year of a calendar follow the libraries, as a difference: rows by hand stay.

    `school_year` is the year of its September. Activities that use the calendar must then be given a new
    revision and their openings generated again, which the caller does: places know no activity.
    Raises NotYours, and UnknownSchoolYearError when the dates are not published.
    """
    if actor != SYSTEM and not any(p.role in {Role.ADMINISTRATOR, Role.OFFICE} for p in actor.powers):
        raise NotYours
    calendar = Calendar.objects.select_for_update(no_key=True).filter(pk=calendar_id).first()
    if calendar is None:
        raise NotYours
    existing = [
        StoredSpan(
            id=row.pk,
            span=Span(SpanKind(row.kind), row.name, row.first_day, row.last_day),
            by_hand=row.corrected,
            active=row.active,
            typed=row.typed,
        )
        for row in CalendarSpan.objects.filter(calendar=calendar)
    ]
    difference = calendar_difference(
        existing, library_spans(zone_of(calendar.zone), school_year), school_year=school_year
    )
    CalendarSpan.objects.filter(pk__in=[row.id for row in difference.remove]).delete()
    CalendarSpan.objects.bulk_create(
        CalendarSpan(
            calendar=calendar,
            kind=span.kind,
            name=span.name,
            first_day=span.first_day,
            last_day=span.last_day,
        )
        for span in difference.add
    )
    record(
        actor=actor,
        verb="calendar.refreshed",
        subject=Subject("calendar", calendar.pk, calendar.name),
        data={"added": len(difference.add), "removed": len(difference.remove)},
        now=now,
    )
    return difference


@dataclass(frozen=True, slots=True)
class AuthoritySheet:
    """How an authority is reached, and what its legal pages say; "" or None for what is not known."""

    email: str
    phone: str
    address: str
    siret: str
    publication_director: str
    host_name: str
    host_address: str
    host_phone: str
    dpo_name: str
    dpo_email: str
    accessibility_email: str
    accessibility_rate: int | None
    accessibility_audited_on: date | None
    incomes_count: str
    teen_age: int


@transaction.atomic
def authority_describe(
    *,
    actor: Actor,
    authority_id: int,
    sheet: AuthoritySheet,
    seen: Shown | None = None,
    since: date | None = None,
    now: datetime,
) -> tuple[str, ...]:
    """Keep what was changed of an authority's sheet. Returns the names of the fields that changed.

    `seen` is what the form showed of it; None for who showed nothing. `since`: the first day, of a month,
    that counts incomes as it says from now on; None: all days. Raises NotYours, or ChangedMeanwhile.
    """
    authority = Authority.objects.select_for_update().filter(in_office(actor), pk=authority_id).first()
    if authority is None:
        raise NotYours
    wanted = asdict(sheet)
    subject = Subject("authority", authority.pk, authority.name)
    seen_check(held(authority, wanted), seen, subject=subject, verbs=("authority.described",))
    changed = tuple(name for name, value in wanted.items() if getattr(authority, name) != value)
    if changed:
        counted = authority.incomes_count
        for name in changed:
            setattr(authority, name, wanted[name])
        authority.save(update_fields=changed)
        if "incomes_count" in changed:
            incomes_count_follow(
                authority_id=authority_id,
                before=counted,
                after=authority.incomes_count,
                since=since and since.replace(day=1),
            )
        record(
            actor=actor,
            verb="authority.described",
            subject=subject,
            data={"fields": list(changed)},
            now=now,
        )
        kept_changed()
    return changed
