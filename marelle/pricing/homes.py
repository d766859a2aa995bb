"""Writes what sets a home apart for prices: a child in care, one who comes regularly, a decision of help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.kept import kept_changed
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.models import Member
from marelle.families.services import file_to_write
from marelle.journal.services import record
from marelle.pricing.facts import Trait, TraitKind
from marelle.pricing.models import HomeTrait
from marelle.pricing.models.homes import NOTED, REASON_LENGTH
from marelle.pricing.refusals import TariffRefused
from marelle.pricing.services import authority_locked, own_slots_check, row_end, row_take_away
from marelle.pricing.tariffs import ALL_SLOTS, Adjustment, Always, Effect, Slots
from marelle.pricing.writing import adjustment_write

DAY: Final = timedelta(days=1)
LAST_STEP: Final = 30_000
"""A decision counts on what all else has come to."""


@dataclass(frozen=True, slots=True)
class NewTrait:
    """`effect` and `slots` are those of a decision (none of the slots: all); `name` is what the home reads of
    it, with its price."""

    kind: TraitKind
    since: date
    until: date | None
    reason: str
    child_id: int | None = None
    name: str = ""
    effect: Effect | None = None
    slots: Slots = ALL_SLOTS


@transaction.atomic
def home_trait_note(
    *, actor: Actor, authority_id: int, family_id: int, trait: NewTrait, now: datetime
) -> HomeTrait:
    """Note it, from a day that has not gone by. The office of the authority does, never of its own home.

    Raises NotYours, NotAllowed, HomeGone, or TariffRefused.
    """
    authority = authority_locked(actor, authority_id)
    family = file_to_write(actor, family_id)
    _check(trait, family.pk, local(now).date())
    own_slots_check(trait.slots, authority_id)
    row = HomeTrait(
        authority=authority,
        family=family,
        child_id=trait.child_id,
        kind=trait.kind.value,
        since=trait.since,
        until=trait.until,
        reason=trait.reason,
        noted_at=now,
        noted_by=actor.label,
    )
    row.full_clean()
    row.save()
    if trait.effect is not None:
        row.adjustment = adjustment_write(authority_id, _adjustment(row, trait, trait.effect))
        row.save(update_fields=["adjustment"])
    _record(actor, "price_trait.noted", row, now)
    kept_changed()
    return row


@transaction.atomic
def home_trait_end(*, actor: Actor, trait_id: int, until: date, now: datetime) -> None:
    """`until` is its last day; one that would end before it begins is taken away. Raises NotYours,
    NotAllowed, HomeGone, or TariffRefused."""
    found = HomeTrait.objects.select_related("adjustment").filter(pk=trait_id).first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.authority_id)
    file_to_write(actor, found.family_id)
    row = HomeTrait.objects.select_related("adjustment").select_for_update(of=("self",)).get(pk=trait_id)
    if until < local(now).date() - DAY:
        raise TariffRefused("past")
    if row.until is not None and row.until < until:
        raise TariffRefused("replaced")
    _record(actor, "price_trait.ended", row, now)
    adjustment = row.adjustment
    if until < row.since:
        row.delete()
    else:
        row.until = until
        row.save(update_fields=["until"])
    if adjustment is not None:
        row_end(adjustment, until)
    kept_changed()


def home_traits_erase(family_id: int) -> None:
    """Within the transaction of an erasure: what decisions changed goes with them, for they are for this home
    alone."""
    rows = HomeTrait.objects.filter(family_id=family_id).exclude(adjustment=None)
    decided = [row.adjustment for row in rows.select_related("adjustment__price") if row.adjustment]
    rows.order_by().delete()
    for adjustment in decided:
        row_take_away(adjustment)
    if decided:
        kept_changed()


def _check(trait: NewTrait, family_id: int, today: date) -> None:
    if trait.kind not in NOTED:
        raise TariffRefused("kind")
    if trait.since < today:
        raise TariffRefused("past")
    if trait.until is not None and trait.until < trait.since:
        raise TariffRefused("not_in_order")
    if not trait.reason.strip() or len(trait.reason) > REASON_LENGTH:
        raise TariffRefused("reason")
    if (trait.effect is not None) is not (trait.kind is TraitKind.DECISION):
        raise TariffRefused("effect")
    children = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD, until=None)
    if trait.child_id is not None and not children.filter(person_id=trait.child_id).exists():
        raise TariffRefused("child")


def _adjustment(row: HomeTrait, trait: NewTrait, effect: Effect) -> Adjustment:
    return Adjustment(
        id=0,
        name=trait.name,
        since=trait.since,
        until=trait.until,
        step=LAST_STEP,
        case=Always(),
        effect=effect,
        slots=trait.slots,
        who=frozenset({Trait(TraitKind.DECISION, row.pk)}),
    )


def _record(actor: Actor, verb: str, row: HomeTrait, now: datetime) -> None:
    """Neither which situation nor why is in the journal: they tell of a home what few may know."""
    subject = Subject("price_trait", row.pk, "")
    record(actor=actor, verb=verb, subject=subject, family_id=row.family_id, now=now)
