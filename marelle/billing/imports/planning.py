"""What a file of invoices would do to what is there: read in a fixed number of queries, nothing written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from marelle.activities.models import Activity
from marelle.billing.imports.drafts import InvoiceDraft, LineDraft
from marelle.billing.imports.homes import homes_by_number, in_batches
from marelle.billing.imports.sides import Side, sides_kept
from marelle.billing.models import Invoice, InvoiceCounter
from marelle.billing.runs.closed import closed_exercises
from marelle.billing.runs.services import rank_of, terms_held
from marelle.billing.terms import exercise_of, terms_of
from marelle.core.money import ZERO
from marelle.core.tabular import Problem, plain
from marelle.families.models import Member
from marelle.places.models import Structure


@dataclass(frozen=True, slots=True)
class Known:
    """A draft whose home, children and structure are found."""

    draft: InvoiceDraft
    family_id: int
    structure_id: int | None
    child_ids: tuple[int | None, ...]
    """One for each line."""

    fingerprint: str
    activity_ids: tuple[int | None, ...]
    """Likewise: the activity of the authority that has the name of the line, where there is one."""


@dataclass
class InvoicePlan:
    """`corrected` are pairs of the invoice that is there and what replaces it; `same` counts those known.
    `past`: they come from another software, with what was paid of them; `theirs`, what the file asks and says
    paid in all; `known`, the same of each of those that are there already, by number."""

    created: list[Known] = field(default_factory=list)
    corrected: list[tuple[Invoice, Known]] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)
    past: bool = False
    theirs: tuple[Decimal, Decimal] = (ZERO, ZERO)
    known: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)

    @property
    def sides(self) -> tuple[Side, ...]:
        """What is asked, what was paid of it, and what is left, once it is imported."""
        there = [(invoice.paid, known) for invoice, known in self.corrected]
        new = [(known.draft.paid, known) for known in self.created]
        written = [(known.draft.total, paid) for paid, known in (*there, *new)]
        return sides_of(self.theirs, [*self.known.values(), *written])

    @property
    def to_write(self) -> list[Known]:
        return [*self.created, *(known for _invoice, known in self.corrected)]

    @property
    def counts(self) -> dict[str, Any]:
        written = self.to_write
        return {
            "created": len(self.created),
            "corrected": len(self.corrected),
            "same": self.same,
            "lines": sum(len(known.draft.lines) for known in written),
            "families": len({known.family_id for known in written}),
            "total": str(sum((known.draft.total for known in written), ZERO)),
            **({"sides": sides_kept(self.sides)} if self.past else {}),
        }


def sides_of(theirs: tuple[Decimal, Decimal], held: Iterable[tuple[Decimal, Decimal]]) -> tuple[Side, ...]:
    """Of what is asked and paid of each invoice."""
    asked = paid = ZERO
    for total, of_it in held:
        asked, paid = asked + total, paid + of_it
    return (
        Side("asked", theirs[0], asked),
        Side("paid", theirs[1], paid),
        Side("left", theirs[0] - theirs[1], asked - paid),
    )


def invoices_planned(
    drafts: Sequence[InvoiceDraft],
    problems: Iterable[Problem],
    *,
    authority_id: int,
    correction: bool,
    theirs: tuple[Decimal, Decimal] | None = None,
) -> InvoicePlan:
    """`problems` are those of the file itself, by line. `theirs`: of the last bills of another software, what
    the file asks and says paid; None for a month that goes on by files."""
    known, unknown = _known(drafts, authority_id)
    ours = list(_ours(drafts, authority_id))
    plan = InvoicePlan(problems=sorted([*problems, *ours, *unknown], key=lambda problem: int(problem.where)))
    plan.past, plan.theirs = theirs is not None, theirs or (ZERO, ZERO)
    there = invoices_by_number(authority_id, [found.draft.number for found in known])
    for found in known:
        invoice = there.get(found.draft.number)
        if invoice is None:
            plan.created.append(found)
        elif invoice.paid < found.draft.paid:
            told = {"value": invoice.number, "paid": found.draft.paid, "had": invoice.paid}
            plan.problems.append(Problem(str(found.draft.line), "paid_since", told))
        elif invoice.fingerprint == found.fingerprint:
            plan.same += 1
            plan.known[invoice.number] = invoice.total, invoice.paid
        else:
            _replaced(plan, invoice, found, correction=correction)
    plan.problems += _closed(plan, closed_exercises(authority_id))
    return plan


def _closed(plan: InvoicePlan, closed: Collection[int]) -> Iterator[Problem]:
    """An exercise that is closed takes in no bill, and none of its own is replaced."""
    there = ((exercise_of(invoice.month, invoice.issued_on), known) for invoice, known in plan.corrected)
    said = ((exercise_of(one.draft.month, one.draft.issued_on), one) for one in plan.to_write)
    found = {(known.draft.line, exercise) for exercise, known in (*there, *said) if exercise in closed}
    for line, exercise in sorted(found):
        yield Problem(str(line), "exercise_closed", {"value": exercise})


def _ours(drafts: Iterable[InvoiceDraft], authority_id: int) -> Iterator[Problem]:
    """What the bills that Marelle makes keep for themselves: their months, and the numbers to come."""
    terms = terms_held(authority_id)
    if not any(one.made_here for one in terms):
        return
    last = dict(
        InvoiceCounter.objects.filter(authority_id=authority_id).values_list("exercise", "last").order_by()
    )
    for draft in drafts:
        if terms_of(draft.month, terms).made_here:
            yield Problem(str(draft.line), "month_made_here", {"month": draft.month})
        elif any(rank_of(draft.number, exercise) > number for exercise, number in last.items()):
            yield Problem(str(draft.line), "number_to_come", {"value": draft.number})


def invoices_by_number(authority_id: int, numbers: Collection[str]) -> dict[str, Invoice]:
    """Those of the authority that exist."""
    found = in_batches(
        numbers, lambda batch: Invoice.objects.filter(authority_id=authority_id, number__in=batch)
    )
    return {invoice.number: invoice for invoice in found}


def _replaced(plan: InvoicePlan, invoice: Invoice, found: Known, *, correction: bool) -> None:
    told = {"value": invoice.number}
    if invoice.run_id is not None:
        plan.problems.append(Problem(str(found.draft.line), "made_here", told))
    elif invoice.family_id != found.family_id:
        plan.problems.append(Problem(str(found.draft.line), "of_another_family", told))
    elif not correction:
        plan.problems.append(Problem(str(found.draft.line), "already_differs", told))
    else:
        plan.corrected.append((invoice, found))


@dataclass(frozen=True, slots=True)
class _Places:
    families: dict[str, int]
    children: dict[int, dict[str, set[int]]]
    """By home, then by name in plain letters: the first name, or both names in either order."""

    structures: dict[str, int]
    activities: dict[str, int]


def _known(drafts: Sequence[InvoiceDraft], authority_id: int) -> tuple[list[Known], list[Problem]]:
    places = _places(drafts, authority_id)
    found: list[Known] = []
    problems: list[Problem] = []
    for draft in drafts:
        wrong, family_id = [], places.families.get(draft.family.casefold())
        structure_id = places.structures.get(plain(draft.structure)) if draft.structure else None
        if family_id is None:
            wrong.append(Problem(str(draft.line), "family_unknown", {"value": draft.family}))
        if draft.structure and structure_id is None:
            wrong.append(Problem(str(draft.line), "structure_unknown", {"value": draft.structure[:60]}))
        children = [_child(line, places.children.get(family_id or 0, {}), wrong) for line in draft.lines]
        if wrong or family_id is None:
            problems += wrong
            continue
        mark = _fingerprint(draft, family_id, structure_id, children)
        activities = tuple(places.activities.get(plain(line.activity)) for line in draft.lines)
        found.append(Known(draft, family_id, structure_id, tuple(children), mark, activities))
    return found, problems


def _child(line: LineDraft, children: dict[str, set[int]], wrong: list[Problem]) -> int | None:
    if not line.child:
        return None
    ids = children.get(plain(line.child), set())
    if len(ids) == 1:
        return next(iter(ids))
    if not any(problem.code == "family_unknown" for problem in wrong):
        code = "child_ambiguous" if ids else "child_unknown"
        wrong.append(Problem(str(line.line), code, {"value": line.child[:60]}))
    return None


def _places(drafts: Sequence[InvoiceDraft], authority_id: int) -> _Places:
    families = homes_by_number([draft.family for draft in drafts])
    children: dict[int, dict[str, set[int]]] = {}
    members = in_batches(
        list(families.values()),
        lambda batch: (
            Member.objects.filter(family_id__in=batch, kind=Member.Kind.CHILD)
            .order_by()
            .values_list("family_id", "person_id", "person__first_name", "person__last_name")
        ),
    )
    for family_id, person_id, first_name, last_name in members:
        names = children.setdefault(family_id, {})
        for name in (first_name, f"{first_name}{last_name}", f"{last_name}{first_name}"):
            names.setdefault(plain(name), set()).add(person_id)
    structures = {
        plain(name): pk
        for pk, name in Structure.objects.filter(authority_id=authority_id).values_list("pk", "name")
    }
    return _Places(families, children, structures, _activities(authority_id))


def _activities(authority_id: int) -> dict[str, int]:
    """By name, those of the authority that no other has the name of."""
    found: dict[str, set[int]] = {}
    for pk, name in Activity.objects.filter(structure__authority_id=authority_id).values_list("pk", "name"):
        found.setdefault(plain(name), set()).add(pk)
    return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def _fingerprint(
    draft: InvoiceDraft, family_id: int, structure_id: int | None, children: Sequence[int | None]
) -> str:
    """Of what the invoice says, whatever the order of the columns and the way of writing its amounts."""
    lines = [
        [
            child,
            line.activity,
            line.label,
            *map(_number, (line.quantity, line.unit_price, line.amount)),
            *([None if line.food is None else _number(line.food), line.minutes] if _is_told(line) else ()),
        ]
        for child, line in zip(children, draft.lines, strict=True)
    ]
    said = [
        family_id,
        structure_id,
        draft.kind,
        draft.month.isoformat(),
        draft.issued_on.isoformat(),
        draft.due_on.isoformat(),
        _number(draft.total),
        lines,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _is_told(line: LineDraft) -> bool:
    """More than an invoice of a month says: its fingerprint stays what it was without."""
    return line.food is not None or line.minutes is not None


def _number(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
