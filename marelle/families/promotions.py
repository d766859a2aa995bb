"""« Passage de classe »: the classes of the next school year written at once, and taken back at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from marelle.core.actor import Actor
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.families.models import Promotion, Schooling
from marelle.journal.services import Act, record_many
from marelle.places.models import School


class PromotionRefused(Refusal):
    """`code`: "nothing_to_do", "noted_meanwhile" (somebody notes the class of one of the children at this
    moment), "already_undone" (`by`), "too_late" (its period is over), "own_file" or "others" (it moved
    children who are not the actor's to write)."""


@dataclass(frozen=True, slots=True)
class NextClass:
    """Where a child goes; `family_ids` are the homes in whose history it is told."""

    child_id: int
    family_ids: tuple[int, ...]
    school_id: int
    level: str


@dataclass(frozen=True, slots=True)
class Undone:
    """`kept` are rows that somebody has written since: they stay."""

    removed: int
    kept: tuple[Schooling, ...]


def promotion_make(
    *, actor: Actor, school: School, school_year: int, classes: Sequence[NextClass], now: datetime
) -> Promotion:
    """Write the classes of `school_year`; a number of statements that does not depend on how many.

    For `flows.year.promoting`, which has checked that the actor may and that the children have none yet.
    Joins the caller's transaction. Raises PromotionRefused.
    """
    if not classes:
        raise PromotionRefused("nothing_to_do")
    row = Promotion.objects.create(
        school=school,
        school_year=school_year,
        children=len(classes),
        made_at=now,
        made_by=actor.label[:200],
    )
    try:
        with transaction.atomic():
            Schooling.objects.bulk_create(
                Schooling(
                    child_id=one.child_id,
                    school_id=one.school_id,
                    school_year=school_year,
                    level=one.level,
                    promotion=row,
                )
                for one in classes
            )
    except IntegrityError as error:
        raise PromotionRefused("noted_meanwhile") from error
    homes = [(one.child_id, family_id) for one in classes for family_id in one.family_ids]
    _tell(actor, "promotion.made", "schooling.promoted", row, len(classes), homes, now)
    return row


def promotion_undo(
    *, actor: Actor, promotion: Promotion, family_ids: dict[int, tuple[int, ...]], now: datetime
) -> Undone:
    """Remove the rows that the promotion made and that nobody has written since; `family_ids` by child.

    For `flows.year.promoting`, which has checked that the actor may, and holds the lock of the promotion.
    Joins the caller's transaction.
    """
    rows = list(
        promotion.rows.select_for_update(of=("self",), no_key=True)
        .select_related("child", "school")
        .order_by("pk")
    )
    gone = [row for row in rows if not row.corrected]
    Schooling.objects.filter(pk__in=[row.pk for row in gone]).delete()
    promotion.undone_at, promotion.undone_by = now, actor.label[:200]
    promotion.save(update_fields=["undone_at", "undone_by"])
    homes = [(row.child_id, family_id) for row in gone for family_id in family_ids.get(row.child_id, ())]
    _tell(actor, "promotion.undone", "schooling.promotion_undone", promotion, len(gone), homes, now)
    return Undone(len(gone), tuple(row for row in rows if row.corrected))


def _tell(
    actor: Actor,
    verb: str,
    verb_of_home: str,
    promotion: Promotion,
    children: int,
    homes: Iterable[tuple[int, int]],
    now: datetime,
) -> None:
    school = promotion.school
    act = Act(verb, Subject("school", school.pk, school.name), data={"children": children})
    acts = [
        Act(verb_of_home, Subject("person", child_id), family_id=family_id) for child_id, family_id in homes
    ]
    record_many(actor=actor, acts=[act, *acts], now=now)
