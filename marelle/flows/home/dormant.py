"""Homes of which nothing has been heard for months: told by mail, confirmed by an agent, erased by the
worker.

Whoever gives a sign leaves the list by itself: `signs.silent` is asked wherever the list is read, and once
more under the locks of the home at the instant of erasing. What the CAF may still check stays until its last
day.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.bookings.saving.locks import lock
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local, months_after
from marelle.core.french import day_long_year
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.locks import files_locked, homes_locked
from marelle.families.models import Family
from marelle.families.scope import keeps_files, own_files
from marelle.families.telling import service_contacts, tell_home
from marelle.flows.home.checked import checked_until
from marelle.flows.home.erasure import Obstacle, home_erase, obstacles_to
from marelle.flows.home.signs import last_signs, silent
from marelle.flows.models import Dormant, PurgeChoice
from marelle.journal.services import Act, record, record_many
from marelle.places.delays import months_kept
from marelle.places.look import may_set_look

logger = logging.getLogger(__name__)

ANSWER: Final = timedelta(days=30)
"""How long a home has, once it was told, before an agent may confirm."""

EVERY: Final = 3600
"""Seconds between two looks, by one process."""

HOURS: Final = range(8, 20)
"""Hours of the day, in Paris, at which a home is told."""

AT_ONCE: Final = 50
"""Homes told, or erased, in one look."""

DELAY: Final = "dormant"


class Stage(StrEnum):
    """Where a home stands, in the order in which the page shows them."""

    TO_CONFIRM = "to_confirm"
    CONFIRMED = "confirmed"
    TOLD = "told"
    REDUCED = "reduced"


class VisaMissing(Refusal):
    """The archives are asked before anything is destroyed, and their answer is not given."""

    def __init__(self) -> None:
        super().__init__("visa_missing")


@dataclass(frozen=True, slots=True)
class Dormancy:
    """A home of the list. `obstacles` keep a confirmed one from being erased; `is_own`: the agent's own."""

    row: Dormant
    family: Family
    stage: Stage
    obstacles: tuple[Obstacle, ...]
    is_own: bool


def stage_of(row: Dormant, now: datetime) -> Stage:
    """Pure."""
    if row.reduced_at is not None:
        return Stage.REDUCED
    if row.confirmed_at is not None:
        return Stage.CONFIRMED
    return Stage.TO_CONFIRM if row.told_at + ANSWER <= now else Stage.TOLD


def silent_since(now: datetime) -> date:
    """Whoever gave no sign from this day on is dormant."""
    return months_after(local(now).date(), -months_kept()[DELAY])


def dormancies(actor: Actor, *, now: datetime) -> list[Dormancy]:
    """Homes that are silent still, those to confirm first; none for who keeps no files."""
    if not keeps_files(actor):
        return []
    day = local(now).date()
    own = own_files(actor, day)
    rows = _listed(now).select_related("family").order_by("told_at", "pk")
    found = [
        Dormancy(
            row=row,
            family=row.family,
            stage=stage_of(row, now),
            obstacles=obstacles_to(row.family_id, day) if row.confirmed_at and not row.reduced_at else (),
            is_own=row.family_id in own,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: list(Stage).index(one.stage))


def _listed(now: datetime) -> QuerySet[Dormant]:
    return Dormant.objects.filter(kept_at=None, family__in=silent(silent_since(now)))


def to_confirm(actor: Actor, *, now: datetime) -> int:
    """How many wait for an agent; one query, none for who keeps no files."""
    if not keeps_files(actor):
        return 0
    return _listed(now).filter(confirmed_at=None, told_at__lte=now - ANSWER).count()


def visa_wanted() -> bool:
    return PurgeChoice.objects.filter(visa_wanted=True).exists()


@transaction.atomic
def visa_want(*, actor: Actor, wanted: bool, now: datetime) -> bool:
    """Say whether the archives are asked. Returns whether that changed. Raises NotYours."""
    if not may_set_look(actor):
        raise NotYours
    if visa_wanted() == wanted:
        return False
    PurgeChoice.objects.update_or_create(pk=1, defaults={"visa_wanted": wanted})
    data = {"wanted": wanted}
    record(actor=actor, verb="dormant.visa_set", subject=Subject("delay", None), data=data, now=now)
    return True


@transaction.atomic
def dormant_confirm(
    *, actor: Actor, family_ids: Collection[int], visa: str = "", now: datetime
) -> tuple[int, int]:
    """Let these homes be erased: how many, and how many are not any more on the list, or are the actor's own.

    Raises NotYours for who keeps no files, VisaMissing.
    """
    if not keeps_files(actor):
        raise NotYours
    if visa_wanted() and not visa.strip():
        raise VisaMissing
    homes = {family.pk: family for family in homes_locked(family_ids)}
    day = local(now).date()
    rows = _listed(now).filter(family_id__in=homes, confirmed_at=None, told_at__lte=now - ANSWER)
    own = own_files(actor, day)
    mine = [pk for pk in rows.values_list("family_id", flat=True) if pk not in own]
    said = {"confirmed_at": now, "confirmed_by": actor.label[:150], "visa": visa.strip()[:200]}
    Dormant.objects.filter(family_id__in=mine).update(**said)
    acts = [Act("family.dormant_confirmed", Subject("family", pk, homes[pk].number), pk) for pk in mine]
    record_many(actor=actor, acts=acts, now=now)
    return len(mine), len(set(family_ids)) - len(mine)


@transaction.atomic
def dormant_keep(*, actor: Actor, family_id: int, now: datetime) -> None:
    """An agent knows that a home is still there, as if it had given a sign. Raises NotYours."""
    homes = homes_locked([family_id]) if keeps_files(actor) else []
    row = Dormant.objects.filter(family_id=family_id, reduced_at=None).first() if homes else None
    if row is None or family_id in own_files(actor, local(now).date()):
        raise NotYours
    row.kept_at, row.kept_by, row.confirmed_at, row.confirmed_by = now, actor.label[:150], None, ""
    row.save(update_fields=["kept_at", "kept_by", "confirmed_at", "confirmed_by"])
    _note(actor, "family.dormant_kept", homes[0], now)


def dormants_followed(*, now: datetime) -> int:
    """Take off the list who gave a sign, tell who has become silent; for the worker. Returns how many homes
    that was."""
    if not cache.add("flows.dormants", 1, EVERY):
        return 0
    told = dormants_told(now=now) if local(now).hour in HOURS else 0
    return awake_dropped(now=now) + told


def awake_dropped(*, now: datetime) -> int:
    """Take off the list the homes that gave a sign: of what they had, nothing was erased."""
    there = Dormant.objects.filter(kept_at=None).exclude(family__in=silent(silent_since(now)))
    ids = list(there.values_list("pk", flat=True))
    return Dormant.objects.filter(pk__in=ids).delete()[0] if ids else 0


def dormants_told(*, now: datetime) -> int:
    """Write to homes that have become silent, each once, and put them on the list. Returns how many."""
    fresh = silent(silent_since(now)).filter(Q(dormant=None) | ~Q(dormant__kept_at=None)).order_by("pk")
    ids = list(fresh.values_list("pk", flat=True)[:AT_ONCE])
    last = last_signs(ids) if ids else {}
    return sum(_tell(family_id, last.get(family_id), now) for family_id in ids)


@transaction.atomic
def _tell(family_id: int, last: date | None, now: datetime) -> bool:
    """The home is locked and looked at again: of two workers, one tells."""
    homes = homes_locked([family_id])
    known = Dormant.objects.filter(family_id=family_id).exclude(kept_at=None).first()
    is_known = Dormant.objects.filter(family_id=family_id, kept_at=None).exists()
    if not homes or is_known or not silent(silent_since(now)).filter(pk=family_id).exists():
        return False
    row = known or Dormant(family_id=family_id)
    row.told_at, row.last_sign, row.kept_at, row.kept_by = now, last, None, ""
    row.save()
    context = {**service_contacts(), "day": day_long_year(local(now + ANSWER).date())}
    tell_home(kind="families/dormant", context=context, family_id=family_id, now=now)
    _note(SYSTEM, "family.dormant_told", homes[0], now)
    return True


def dormants_erased(*, now: datetime) -> int:
    """Erase the homes that were confirmed, and those of which the CAF may check nothing any more. Returns how
    many; one that cannot be erased keeps no other from it."""
    over = Q(reduced_at=None) | Q(until__lt=local(now).date())
    due = Dormant.objects.filter(over, kept_at=None).exclude(confirmed_at=None).order_by("pk")
    wrong: Exception | None = None
    erased = 0
    for family_id in list(due.values_list("family_id", flat=True)[:AT_ONCE]):
        try:
            erased += _erase(family_id, now)
        except Exception as error:
            logger.exception("The dormant home %s cannot be erased", family_id)
            wrong = error
    if wrong is not None:
        raise wrong
    return erased


@transaction.atomic
def _erase(family_id: int, now: datetime) -> bool:
    """The whole file is locked, and looked at again: a sign that came in between keeps it."""
    day = local(now).date()
    files_locked(family_id)
    row = lock(Dormant.objects.filter(family_id=family_id, kept_at=None).exclude(confirmed_at=None)).first()
    if row is None or not silent(silent_since(now)).filter(pk=family_id).exists():
        return False
    if obstacles_to(family_id, day):
        return False
    until = checked_until(family_id)
    is_checked = until is not None and until >= day
    if is_checked and row.reduced_at is not None:
        return False
    data = {"confirmed_by": row.confirmed_by, "visa": row.visa}
    home_erase(actor=SYSTEM, family=row.family, checked=is_checked, data=data, now=now)
    Dormant.objects.filter(pk=row.pk).update(reduced_at=now, until=until)
    return True


def _note(actor: Actor, verb: str, family: Family, now: datetime) -> None:
    subject = Subject("family", family.pk, family.number)
    record(actor=actor, verb=verb, subject=subject, family_id=family.pk, now=now)
