"""Who pays else than homes, read for many of them: what holds, and whose bill it goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from marelle.billing import covering as pure
from marelle.billing.covering import Way
from marelle.billing.models import Coverage
from marelle.billing.runs.previewing import Party
from marelle.families.models import Member
from marelle.families.rules import Custody, custody_on
from marelle.families.selectors import custody_rows
from marelle.flows.prices.held import HeldSlot
from marelle.flows.prices.spans import Days


def coverages_of(
    authority_id: int, family_ids: Collection[int], days: Days, held: Mapping[int, Iterable[HeldSlot]]
) -> dict[int, tuple[pure.Coverage, ...]]:
    """By home, those that hold on one of these days; `held`: what each has. A query, one more where there is
    any, two where days of custody count."""
    rows = Coverage.objects.filter(
        authority_id=authority_id, family_id__in=family_ids, withdrawn_at=None, since__lte=days[1]
    ).prefetch_related("activities")
    holding = [
        row
        for row in rows.order_by("pk")
        if (row.until is None or row.until >= days[0]) and row.payer_home_id != row.family_id
    ]
    patterns = _patterns([row for row in holding if row.way == Way.CUSTODY])
    found: dict[int, tuple[pure.Coverage, ...]] = defaultdict(tuple)
    for row in holding:
        with_it = frozenset[date]()
        if row.way == Way.CUSTODY:
            pattern = patterns.get((row.payer_home_id, row.child_id), ())
            with_it = frozenset(
                one.day
                for one in held.get(row.family_id, ())
                if one.child_id == row.child_id and custody_on(pattern, one.day, one.activity.calendar)
            )
        found[row.family_id] += (row.as_coverage(with_it),)
    return found


def parties_of(authority_id: int, family_ids: Collection[int]) -> tuple[dict[int, Party], dict[int, str]]:
    """Whose bill each coverage of these homes goes on, and what who pays is called on the home's own; those
    that ended or were withdrawn too, since something of them may have been billed. A query."""
    rows = Coverage.objects.filter(authority_id=authority_id, family_id__in=family_ids)
    parties, names = {}, {}
    for row in rows.select_related("payer"):
        parties[row.pk] = Party("", row.payer_id, row.payer_home_id)
        if row.payer is not None:
            names[row.pk] = str(row.payer)
    return parties, names


def _patterns(rows: Sequence[Coverage]) -> dict[tuple[int | None, int | None], tuple[Custody, ...]]:
    """Of the child in the home that pays, by both."""
    if not rows:
        return {}
    members = Member.objects.filter(
        family_id__in={row.payer_home_id for row in rows if row.payer_home_id},
        person_id__in={row.child_id for row in rows if row.child_id},
    )
    by_pk = {member.pk: (member.family_id, member.person_id) for member in members}
    return {by_pk[pk]: pattern for pk, pattern in custody_rows(list(by_pk)).items()}
