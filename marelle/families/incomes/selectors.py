"""The incomes of homes as pages read them: which there are, and what they say to who may read it."""

from __future__ import annotations

from hashlib import blake2s

from django.db.models import Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.sealed import CannotOpen
from marelle.families.incomes.rules import IncomeKind, IncomeRow
from marelle.families.incomes.scope import readable
from marelle.families.models import Income


def incomes_held(actor: Actor) -> tuple[IncomeRow, ...]:
    """Those of the actor's home, for itself: the newest first; for an agent in its name, those that it reads.
    One query."""
    if actor.family_id is None:
        return ()
    rows = _readable(actor, actor.family_id) if actor.on_behalf_of else _held(actor.family_id)
    return tuple(row_of(row, reads=True) for row in rows)


def incomes_shown(actor: Actor, family_id: int, *, reads: bool) -> tuple[IncomeRow, ...]:
    """Those that an agent may know of, of a home that it may open: without what they say unless it `reads`.

    One query. Of what another authority alone was told, nothing is shown.
    """
    rows = _readable(actor, family_id) if reads else _common(family_id)
    return tuple(row_of(row, reads=reads) for row in rows)


def incomes_mark(actor: Actor, family_id: int) -> str:
    """What a form carries of the incomes that it showed: another one whenever any of them was written. One
    query; it tells none of them, and nothing of those that the agent does not read."""
    held = [
        (row.pk, row.since, row.until, row.source, row.status.token, row.amount.token)
        for row in _readable(actor, family_id)
    ]
    return blake2s(repr(sorted(held)).encode(), digest_size=8).hexdigest()


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
