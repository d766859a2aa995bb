"""The incomes of homes as pages read them: which there are, and what they say to who may read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.sealed import CannotOpen
from marelle.families.incomes.rules import IncomeKind, IncomeRow
from marelle.families.incomes.scope import readable
from marelle.families.models import Income


def incomes_held(family_id: int) -> tuple[IncomeRow, ...]:
    """All those of a home, for itself: the newest first. One query."""
    return tuple(row_of(row, reads=True) for row in _held(family_id))


def incomes_shown(actor: Actor, family_id: int, *, reads: bool) -> tuple[IncomeRow, ...]:
    """Those that an agent may know of, of a home that it may open: without what they say unless it `reads`.

    One query. Of what another authority alone was told, nothing is shown.
    """
    rows = _readable(actor, family_id) if reads else _common(family_id)
    return tuple(row_of(row, reads=reads) for row in rows)


def incomes_by_home(family_ids: Collection[int]) -> Iterable[Income]:
    """The rows of homes, sealed, in the order of their days; one query."""
    return Income.objects.filter(family_id__in=family_ids).order_by("family_id", "since", "pk")


def row_of(row: Income, *, reads: bool) -> IncomeRow:
    told, lost = None, False
    if reads:
        try:
            told = row.told
        except CannotOpen:
            lost = True
    kind = IncomeKind(row.kind)
    return IncomeRow(row.pk, kind, row.since, row.until, row.source, row.authority_id, told, lost)


@prepared
def _held(family_id: int) -> QuerySet[Income]:
    return Income.objects.filter(family_id=family_id)


@prepared
def _readable(actor: Actor, family_id: int) -> QuerySet[Income]:
    return Income.objects.filter(readable(actor), family_id=family_id)


@prepared
def _common(family_id: int) -> QuerySet[Income]:
    return Income.objects.filter(Q(authority=None), family_id=family_id)
