"""Lines as text and back, for who keeps them: each with its steps, so that a price can be explained as long
as it is kept. What is read is equal to what was written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from marelle.pricing.lines import Figure, Ledger, Line, LineKind, Step, StepCode


def line_data(line: Line) -> dict[str, Any]:
    """For JSON. What is empty or usual is left out."""
    data = {
        "day": line.day.isoformat(),
        "child": line.child_id,
        "kind": line.kind.value,
        "tariff": line.tariff,
        "name": line.name,
        "quantity": str(line.quantity),
        "unit": str(line.unit),
        "steps": [_step_data(step) for step in line.steps],
        "ledger": ledger_data(line.ledger),
        "slots": sorted(line.slots),
        "plate": [str(amount) for amount in line.plate] if line.plate else None,
        "missed": line.missed,
    }
    return {name: value for name, value in data.items() if value not in (None, [], {}, False)}


def line_read(data: Mapping[str, Any]) -> Line:
    plate = data.get("plate")
    return Line(
        day=date.fromisoformat(data["day"]),
        child_id=data.get("child"),
        kind=LineKind(data["kind"]),
        tariff=data["tariff"],
        name=data["name"],
        quantity=Decimal(data["quantity"]),
        unit=Decimal(data["unit"]),
        steps=tuple(_step_read(step) for step in data["steps"]),
        ledger=ledger_read(data.get("ledger", {})),
        slots=frozenset(data.get("slots", ())),
        plate=(Decimal(plate[0]), Decimal(plate[1])) if plate else None,
        missed=data.get("missed", False),
    )


def ledger_data(ledger: Ledger) -> dict[str, str]:
    data = {"account": ledger.account, "budget": ledger.budget, "regie": ledger.regie}
    return {**{name: value for name, value in data.items() if value}, **_vat(ledger)}


def ledger_read(data: Mapping[str, str]) -> Ledger:
    return Ledger(
        data.get("account", ""),
        data.get("budget", ""),
        data.get("regie", ""),
        Decimal(data.get("vat", "0.00")),
    )


def _vat(ledger: Ledger) -> dict[str, str]:
    return {"vat": str(ledger.vat)} if ledger.vat else {}


def _step_data(step: Step) -> dict[str, Any]:
    data: dict[str, Any] = {"code": step.code.value, "amount": str(step.amount), "source": step.source}
    data["name"] = step.name
    if step.figures:
        data["figures"] = [[name, *_figure_data(figure)] for name, figure in step.figures]
    return data


def _step_read(data: Mapping[str, Any]) -> Step:
    return Step(
        StepCode(data["code"]),
        Decimal(data["amount"]),
        data["source"],
        data["name"],
        tuple((name, _figure_read(kind, value)) for name, kind, value in data.get("figures", ())),
    )


def _figure_data(figure: Figure) -> tuple[str, str | int | None]:
    match figure:
        case Decimal():
            return "decimal", str(figure)
        case date():
            return "date", figure.isoformat()
        case _:
            return "", figure


def _figure_read(kind: str, value: Any) -> Figure:
    match kind:
        case "decimal":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case _:
            figure: Figure = value
            return figure
