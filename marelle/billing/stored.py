"""Items as one text, to be sealed: a charge's lines that differ by their day alone are written once. Pure."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marelle.billing.due import Cause, Charge, Correction, Item, Part, Place
from marelle.pricing.lines import Line
from marelle.pricing.stored import ledger_data, ledger_read, line_data, line_read


def items_text(items: Iterable[Item]) -> str:
    """In the order of the items: the charges first, then the corrections."""
    charges: dict[Hashable, tuple[Charge, list[date]]] = {}
    corrections = []
    for item in items:
        if isinstance(item, Charge):
            charges.setdefault(item.alike, (item, []))[1].append(item.line.day)
        else:
            corrections.append(_correction_data(item))
    return json.dumps(
        {
            "charges": [_charge_data(charge, days) for charge, days in charges.values()],
            "corrections": corrections,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def items_read(text: str) -> tuple[Item, ...]:
    """Charges day by day, then corrections."""
    data = json.loads(text)
    charges = (charge for one in data["charges"] for charge in _charges_read(one))
    return (
        *sorted(charges, key=lambda charge: charge.place.order),
        *(_correction_read(one) for one in data["corrections"]),
    )


def _charge_data(charge: Charge, days: Iterable[date]) -> dict[str, Any]:
    data = {
        "days": [day.isoformat() for day in days],
        "activity": charge.activity_id,
        "structure": charge.structure_id,
        "seen": charge.seen,
        "line": line_data(charge.line.on(date.min)),
        "parts": [_part_data(part) for part in charge.parts] or None,
    }
    return {name: value for name, value in data.items() if value not in (None, False)}


def _charges_read(data: Mapping[str, Any]) -> Iterable[Charge]:
    line = line_read(data["line"])
    for day in data["days"]:
        yield Charge(
            line.on(date.fromisoformat(day)),
            data.get("activity"),
            data.get("structure"),
            data.get("seen", False),
            tuple(_part_read(one) for one in data.get("parts", ())),
        )


def _part_data(part: Part) -> dict[str, Any]:
    food = None if part.food is None else str(part.food)
    return {"coverage": part.coverage_id, "amount": str(part.amount), "food": food}


def _part_read(data: Mapping[str, Any]) -> Part:
    food = None if data["food"] is None else Decimal(data["food"])
    return Part(data["coverage"], Decimal(data["amount"]), food)


def _correction_data(one: Correction) -> dict[str, Any]:
    return {
        "day": one.place.day.isoformat(),
        "child": one.place.child_id,
        "activity": one.place.activity_id,
        "structure": one.structure_id,
        "ledger": ledger_data(one.ledger),
        "amount": str(one.amount),
        "food": None if one.food is None else str(one.food),
        "cause": one.cause.value,
        "before": [line_data(line) for line in one.before],
        "after": [line_data(line) for line in one.after],
        **({} if one.coverage_id is None else {"coverage": one.coverage_id}),
        **({} if one.minutes is None else {"minutes": one.minutes}),
    }


def _correction_read(data: Mapping[str, Any]) -> Correction:
    return Correction(
        place=Place(date.fromisoformat(data["day"]), data["child"], data["activity"]),
        structure_id=data["structure"],
        ledger=ledger_read(data["ledger"]),
        amount=Decimal(data["amount"]),
        food=None if data["food"] is None else Decimal(data["food"]),
        cause=Cause(data["cause"]),
        before=_lines_read(data["before"]),
        after=_lines_read(data["after"]),
        coverage_id=data.get("coverage"),
        minutes=data.get("minutes"),
    )


def _lines_read(data: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    return tuple(line_read(one) for one in data)
