"""What a closing freezes beside its figures: by month and by code, what was open, and the head of its paper.

Kept as JSON, amounts as their text, so that the paper is the same whenever it is printed and the digest is
found again from what is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from marelle.billing.accounting.closing_rules import Draft, Left, Open, Point
from marelle.billing.accounting.rules import Code, CodeSum, Figures
from marelle.billing.models import ExerciseClosing, LeftToRecover, Treasury
from marelle.billing.pdf import sender_lines
from marelle.mail.letterhead import Letterhead
from marelle.places.models import Authority

PAPER: Final = Path(__file__).parent.parent / "typst" / "closing.typ"
"""What typesets it."""

AMOUNTS: Final = ("billed", "credited", "cancelled", "paid", "left", "over")
OF_CODES: Final = ("billed", "credited", "cancelled")


def sums_frozen(draft: Draft, told: Iterable[Open]) -> dict[str, Any]:
    """`told`: what was open in the exercise, and did not keep it open."""
    return {
        "months": [
            {"month": month.isoformat(), "count": one.count, **_texts(one, AMOUNTS)}
            for month, one in draft.months
        ],
        "codes": [
            {**one.code._asdict(), "structure": one.structure, **_texts(one, OF_CODES)} for one in draft.codes
        ],
        "open": [
            {
                "point": one.point.value,
                "count": one.count,
                "amount": None if one.amount is None else str(one.amount),
                "months": [month.isoformat() for month in one.months],
            }
            for one in told
        ],
    }


def head_frozen(authority: Authority, letterhead: Letterhead, treasury: Treasury | None) -> dict[str, Any]:
    return {
        "name": authority.name,
        "lines": sender_lines(authority),
        "colour": letterhead.ground,
        "treasury": treasury.name if treasury else "",
    }


def draft_frozen(row: ExerciseClosing) -> Draft:
    """What was frozen, from what is kept of it; one query."""
    sums = row.sums
    rows = (
        LeftToRecover.objects.filter(closing=row)
        .order_by()
        .values_list("invoice_id", "number", "invoice__family_id", "at_end", "at_closing")
    )
    left = (Left(*one) for one in rows)
    return Draft(
        exercise=row.exercise,
        day=row.closed_on,
        figures=Figures(row.count, row.billed, row.credited, row.cancelled, row.paid, row.left, row.over),
        left_at_end=row.left_at_end,
        # As `draft_of` puts them, which a database that collates may not.
        rows=tuple(sorted(left, key=lambda one: (one.number, one.invoice_id))),
        months=tuple(
            (date.fromisoformat(one["month"]), Figures(one["count"], *_amounts(one, AMOUNTS)))
            for one in sums.get("months", ())
        ),
        codes=tuple(
            CodeSum(
                Code(**{name: one[name] for name in Code._fields}), one["structure"], *_amounts(one, OF_CODES)
            )
            for one in sums.get("codes", ())
        ),
    )


def open_frozen(row: ExerciseClosing) -> tuple[Open, ...]:
    """What was open in the exercise when it was closed."""
    return tuple(
        Open(
            Point(one["point"]),
            one["count"],
            None if one["amount"] is None else Decimal(one["amount"]),
            tuple(date.fromisoformat(month) for month in one["months"]),
        )
        for one in row.sums.get("open", ())
    )


def _texts(one: object, names: Iterable[str]) -> dict[str, str]:
    return {name: str(getattr(one, name)) for name in names}


def _amounts(kept: Mapping[str, Any], names: Iterable[str]) -> Iterable[Decimal]:
    return (Decimal(kept[name]) for name in names)
