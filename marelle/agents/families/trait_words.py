"""What sets a home apart for prices, in French."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.core.french import instant_long_year, join_and
from marelle.pricing.labels import dates_label, effect_label
from marelle.pricing.models import HomeTrait


@dataclass(frozen=True, slots=True)
class TraitShown:
    """`changes`: what a decision changes, "" of another; `may_end`: it is not over yet."""

    id: int
    title: str
    dates: str
    changes: str
    reason: str
    noted: str
    may_end: bool


def shown(row: HomeTrait, today: date) -> TraitShown:
    whose = row.child.first_name if row.child is not None else _("tout le foyer")
    told = {"who": row.noted_by, "at": instant_long_year(row.noted_at)}
    return TraitShown(
        row.pk,
        f"{row.get_kind_display()} · {whose}",
        f"{row.authority} · {dates_label(row.since, row.until, today)}",
        _changes(row),
        row.reason,
        _("noté le %(at)s par %(who)s") % told,
        may_end=row.until is None or row.until >= today,
    )


def _changes(row: HomeTrait) -> str:
    if row.adjustment is None:
        return ""
    pure = row.adjustment.as_adjustment(())
    slots = [slot.name for slot in row.adjustment.slots.all()]
    return " · ".join(filter(None, (effect_label(pure.effect, row.since), join_and(slots))))
