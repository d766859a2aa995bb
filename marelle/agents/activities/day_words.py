"""One day of an activity in French: each slot with its places and what families may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.activities.effects import SlotDay
from marelle.activities.kept_labels import with_kept
from marelle.activities.models import Opening, Quota
from marelle.agents.activities.rule_words import EffectColumn, effect_columns
from marelle.core.clock import local
from marelle.core.french import day_long_year, hours_text


@dataclass(frozen=True, slots=True)
class SlotShown:
    """`places` are pairs of a group, or of all, and how many are taken or why it is closed."""

    title: str
    places: list[tuple[str, str]]
    columns: list[EffectColumn]


@dataclass(frozen=True, slots=True)
class DayShown:
    title: str
    slots: list[SlotShown]


def day_shown(day: date, slots: Iterable[SlotDay]) -> DayShown:
    return DayShown(day_long_year(day), [_slot(one) for one in slots])


def _slot(one: SlotDay) -> SlotShown:
    hours = hours_text(local(one.opening.starts_at).time(), local(one.opening.ends_at).time())
    return SlotShown(
        _("%(slot)s, %(hours)s") % {"slot": one.slot.name, "hours": hours},
        [(_label(row), _places(row)) for row in one.openings],
        effect_columns(one.window),
    )


def _label(row: Opening) -> str:
    named = " · ".join(filter(None, (row.title, row.group.name if row.group else "")))
    return _("Places, %(group)s") % {"group": named} if named else _("Places")


def _places(row: Opening) -> str:
    """Those of the tightest quota that it draws on."""
    if row.state == Opening.State.CLOSED:
        return _("fermé : %(reason)s") % {"reason": row.reason} if row.reason else _("fermé")
    tightest: Quota | None = min(
        row.quotas.all(),
        key=lambda quota: quota.capacity - quota.taken - quota.kept + quota.kept_taken,
        default=None,
    )
    if tightest is None:
        return _("sans limite")
    told = {"taken": tightest.taken, "capacity": tightest.capacity}
    return with_kept(
        _("%(taken)d prises sur %(capacity)d") % told,
        tightest.kept - tightest.kept_taken,
        tightest.capacity - tightest.taken,
    )
