"""Who pays else than homes, read for many of them: what holds, and whose bill it goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from marelle.billing import covering as pure
from marelle.billing.covering import Way
from marelle.billing.models import Coverage
from marelle.billing.runs.previewing import Party
from marelle.families.models import Member
from marelle.families.rules import Custody, custody_on
from marelle.families.selectors import Away, custody_rows, homes_away
from marelle.flows.prices.held import HeldSlot
from marelle.flows.prices.spans import Days
from marelle.places.rules import DAY


def coverages_of(
    authority_id: int, family_ids: Collection[int], days: Days, held: Mapping[int, Iterable[HeldSlot]]
) -> dict[int, tuple[pure.Coverage, ...]]:
    """By home, those that hold on one of these days; `held`: what each has. A query, one more where there is
    any, two where days of custody count, and one where another home pays: it pays nothing of a child on the
    days on which a judge keeps it away from it, since its bill would say where the child is."""
    rows = Coverage.objects.filter(
        authority_id=authority_id, family_id__in=family_ids, withdrawn_at=None, since__lte=days[1]
    ).prefetch_related("activities")
    holding = [
        row
        for row in rows.order_by("pk")
        if (row.until is None or row.until >= days[0]) and row.payer_home_id != row.family_id
    ]
    patterns = _patterns([row for row in holding if row.way == Way.CUSTODY])
    by_homes = [row for row in holding if row.payer_home_id]
    children = {one.child_id for row in by_homes for one in held.get(row.family_id, ())}
    away = homes_away(children) if by_homes else Away({})
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
        whose = {row.child_id} if row.child_id else {one.child_id for one in held.get(row.family_id, ())}
        spans = [span for child_id in whose for span in away.of(child_id, row.payer_home_id)]
        found[row.family_id] += tuple(_but(row.as_coverage(with_it), spans))
    return found


def _but(coverage: pure.Coverage, spans: Iterable[tuple[date, date | None]]) -> Iterator[pure.Coverage]:
    """What is left of a coverage without these spans, whose ends are included."""
    since = coverage.since
    for first, last in sorted(spans, key=lambda span: span[0]):
        if since < first and (coverage.until is None or since <= coverage.until):
            ends = first - DAY if coverage.until is None else min(first - DAY, coverage.until)
            yield replace(coverage, since=since, until=ends)
        if last is None:
            return
        since = max(since, last + DAY)
    if coverage.until is None or since <= coverage.until:
        yield replace(coverage, since=since)


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
