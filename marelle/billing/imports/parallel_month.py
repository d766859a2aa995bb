"""A month of another software beside what Marelle has found of it, as its preview keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from marelle.billing.bill_lines import written_read
from marelle.billing.imports.homes import homes_by_number, in_batches
from marelle.billing.imports.parallel import Compared, Key, Line, Sum, Why, compared, summed
from marelle.billing.models import BillingRun, Share
from marelle.core.money import ZERO
from marelle.core.sealed import opened
from marelle.core.tabular import Problem, plain
from marelle.families.models import Family, Member

AT_ONCE = 500
"""Shares that are read together."""


@dataclass(frozen=True, slots=True)
class Parallel:
    """`run`: the preview that is compared, None where the month is not prepared. `homes`: number and name of
    those that are known; `activities`: the names of what is compared, as one of the two writes them."""

    run: BillingRun | None
    rows: tuple[Compared, ...] = ()
    problems: tuple[Problem, ...] = ()
    homes: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    activities: Mapping[str, str] = field(default_factory=dict)

    def total(self, *, ours: bool) -> Decimal:
        sums = (one.ours if ours else one.theirs for one in self.rows)
        return sum((one.amount for one in sums if one is not None), ZERO)

    @property
    def counts(self) -> dict[Why, int]:
        found = dict.fromkeys(Why, 0)
        for one in self.rows:
            found[one.why] += 1
        return found


def parallel_month(
    *, authority_id: int, month: date, lines: Iterable[Line], problems: Iterable[Problem]
) -> Parallel:
    """`month`: its first day. Those that differ most come first. Raises CannotOpen."""
    lines, problems = list(lines), list(problems)
    run = run_compared(authority_id, month)
    if run is None:
        return Parallel(None, problems=tuple(problems))
    activities: dict[str, str] = {}
    ours = summed(_ours(run, activities))
    placed, unknown = _placed(lines, month)
    theirs = summed((Key(home, plain(line.activity)), line.sum) for home, line in placed)
    for line in lines:
        activities.setdefault(plain(line.activity), line.activity)
    ids = {key.home for key in ours.keys() | theirs.keys() if isinstance(key.home, int)}
    rows = in_batches(
        list(ids), lambda batch: Family.objects.filter(pk__in=batch).values_list("pk", "number", "name")
    )
    homes = {pk: (number, name) for pk, number, name in rows}
    found = sorted(compared(ours, theirs), key=lambda one: _order(one, homes, activities))
    said = sorted([*problems, *unknown], key=lambda one: int(one.where))
    return Parallel(run, tuple(found), tuple(said), homes, activities)


def run_compared(authority_id: int, month: date) -> BillingRun | None:
    """The last one of the month that has been prepared whole, issued or not."""
    state = BillingRun.State
    rows = BillingRun.objects.made_here().filter(
        authority=authority_id,
        month=month,
        reason="",
        state__in=(state.PREVIEWED, state.ISSUING, state.ISSUED),
    )
    return rows.order_by("-pk").first()


def _ours(run: BillingRun, activities: dict[str, str]) -> Iterator[tuple[Key, Sum]]:
    """What the bills of homes say, or would: who else pays has its own. What a line takes off, for somebody
    else who pays or for what was billed before, is an amount and no number of them."""
    shares = Share.objects.filter(assessment__run=run, payer=None).select_related("assessment").order_by("pk")
    for share in shares.iterator(AT_ONCE):
        home = share.payer_home_id or share.assessment.family_id
        for line in written_read(opened(share.lines)):
            activities.setdefault(plain(line.activity), line.activity)
            quantity = line.quantity if line.amount > 0 else ZERO
            yield Key(home, plain(line.activity)), Sum(quantity, line.amount)


def _placed(lines: Collection[Line], month: date) -> tuple[list[tuple[int | str, Line]], list[Problem]]:
    """Each line with its home; with the words of the file, where nobody has that number or that name."""
    homes = homes_by_number([line.family for line in lines if line.family])
    children = _children(month) if any(not line.family for line in lines) else {}
    placed: list[tuple[int | str, Line]] = []
    problems: list[Problem] = []
    for line in lines:
        if line.family:
            placed.append((homes.get(line.family.casefold(), line.family), line))
            continue
        found = children.get(plain(line.child), set())
        if len(found) > 1:
            problems.append(Problem(str(line.line), "child_of_several", {"value": line.child[:60]}))
        else:
            placed.append((next(iter(found), line.child), line))
    return placed, problems


def _children(month: date) -> Mapping[str, set[int]]:
    """The homes where children have lived since `month`, by both names, in either order."""
    found: dict[str, set[int]] = defaultdict(set)
    there = Member.objects.filter(Q(until=None) | Q(until__gte=month), kind=Member.Kind.CHILD)
    rows = there.filter(family__erased_at=None).order_by()
    for family_id, first, last in rows.values_list("family_id", "person__first_name", "person__last_name"):
        found[plain(f"{first}{last}")].add(family_id)
        found[plain(f"{last}{first}")].add(family_id)
    return found


def _order(
    one: Compared, homes: Mapping[int, tuple[str, str]], activities: Mapping[str, str]
) -> tuple[bool, str, str, str]:
    """Those that differ first, by the name of the home and the activity."""
    number, name = homes.get(one.key.home, ("", "")) if isinstance(one.key.home, int) else (one.key.home, "")
    return one.why is Why.SAME, name or str(number), str(number), activities[one.key.activity]
