"""What an authority was until a day, kept when it changes: prices of the days before stand on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from marelle.core.kept import kept_changed
from marelle.places.models import Authority, Commune, GroundBefore
from marelle.places.rules import Ground
from marelle.places.selectors import grounds


@dataclass(frozen=True, slots=True)
class Ties:
    """The authorities of which a commune has the residents, and those with which it has an agreement."""

    residents: frozenset[int] = frozenset()
    agreement: frozenset[int] = frozenset()

    @classmethod
    def of(cls, commune: Commune) -> Ties:
        return cls(
            frozenset(commune.authorities.values_list("pk", flat=True)),
            frozenset(commune.agreements.values_list("pk", flat=True)),
        )


def ties_follow(*, commune_id: int, before: Ties, after: Ties, since: date | None) -> frozenset[int]:
    """Within the transaction that has written `after`: `before` is what held until the day before `since`;
    None: it never did. Returns the authorities that changed, whose rows are locked."""
    changed = (before.residents ^ after.residents) | (before.agreement ^ after.agreement)

    def tied(ground: Ground, ties: Ties, authority_id: int) -> Ground:
        return ground.tied(
            commune_id,
            resident=authority_id in ties.residents,
            agreement=authority_id in ties.agreement,
        )

    rows = Authority.objects.select_for_update(no_key=True).filter(pk__in=changed).order_by("pk")
    for authority_id in list(rows.values_list("pk", flat=True)):
        now = grounds.read()[authority_id][-1]

        def change(ground: Ground, pk: int = authority_id) -> Ground:
            return tied(ground, after, pk)

        _keep(authority_id, tied(now, before, authority_id), since, change)
    return changed


def incomes_count_follow(*, authority_id: int, before: str, after: str, since: date | None) -> None:
    """The same of from when a change of income counts; `since` is the first day of a month, so that no month
    is counted in two ways. The caller has locked the authority."""
    now = grounds.read()[authority_id][-1]

    def change(ground: Ground) -> Ground:
        return replace(ground, incomes_count=after)

    _keep(authority_id, replace(now, incomes_count=before), since, change)


def _keep(authority_id: int, was: Ground, since: date | None, change: Callable[[Ground], Ground]) -> None:
    """`was`: the last one as it was; `change` it and all that follow `since`."""
    rows = list(GroundBefore.objects.filter(authority_id=authority_id).order_by("until"))
    eve = since and since - timedelta(days=1)
    if eve is not None and all(row.until != eve for row in rows):
        held = next((row.as_ground() for row in rows if row.until > eve), was)
        kept = GroundBefore(authority_id=authority_id, until=eve)
        kept.set_ground(held)
        kept.save()
    for row in rows:
        if since is None or row.until >= since:
            row.set_ground(change(row.as_ground()))
            row.save()
    kept_changed()
