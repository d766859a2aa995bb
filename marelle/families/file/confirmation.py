"""Once a school year, a home says that its file is right."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.clock import instant_at, local
from marelle.core.prepared import prepared
from marelle.core.subject import Subject
from marelle.families.file.reading import has_left
from marelle.families.locks import own_home_locked
from marelle.families.models import Family, FileConfirmation
from marelle.families.refusals import HomeLeft
from marelle.families.selectors import still_there
from marelle.journal.services import record
from marelle.places.rules import school_year_days, school_year_of


def to_confirm(actor: Actor, day: date) -> bool:
    """Whether the actor's home has yet to confirm its file this school year; one query.

    A file made since the question is asked was just filled in: it waits for next year. So does who left.
    """
    if actor.family_id is None:
        return False
    year = school_year_of(day)
    return bool(_to_confirm(actor.family_id, day, year, asked_at(year)))


@prepared
def _to_confirm(family_id: int, day: date, year: int, asked_at: datetime) -> QuerySet[Family, int]:
    waiting = Family.objects.filter(unconfirmed(day, year, asked_at), pk=family_id)
    return waiting.values_list("pk", flat=True)


def asked_at(year: int) -> datetime:
    """When homes begin to be asked about that school year: on its first day, since what they read and correct
    is of the year in course, its school and its class too."""
    return instant_at(school_year_days(year)[0], time())


def unconfirmed(day: date, year: int, asked_at: datetime) -> Q:
    """Homes that on `day` have yet to confirm their file of the year asked about since `asked_at`, as a
    condition on the family."""
    done = FileConfirmation.objects.filter(family=OuterRef("pk"), school_year=year)
    return still_there(day) & ~Q(Exists(done)) & Q(created_at__lt=asked_at)


def last_confirmation(family_id: int) -> FileConfirmation | None:
    return FileConfirmation.objects.filter(family_id=family_id).first()


@transaction.atomic
def file_confirm(*, actor: Actor, now: datetime) -> FileConfirmation:
    """The home confirms its file for the school year; said twice, the first time counts.

    Raises NotYours, HomeLeft.
    """
    day = local(now).date()
    family = own_home_locked(actor)
    if has_left(family, day):
        raise HomeLeft
    row, is_new = FileConfirmation.objects.get_or_create(
        family=family,
        school_year=school_year_of(day),
        defaults={"at": now, "by": actor.label[:200]},
    )
    if is_new:
        record(
            actor=actor,
            verb="file.confirmed",
            subject=Subject("family", family.pk, family.name),
            family_id=family.pk,
            now=now,
        )
    return row
