"""Which rows of an exercise an address asks for: what a figure of the page leads to."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict

from marelle.billing.accounting.detail import Chosen, Figure, OfCode
from marelle.billing.accounting.rules import Code
from marelle.core.converters import id_read


def chosen(query: QueryDict) -> Chosen:
    """What means nothing chooses nothing."""
    asked = query.get("quoi", "")
    figure = Figure(asked) if asked in set(Figure) else Figure.BILLED
    return Chosen(figure, _month(query.get("mois", "")), _month(query.get("en", "")))


def code_asked(query: QueryDict) -> OfCode:
    return OfCode(
        structure_id=_id(query, "structure"),
        activity_id=_id(query, "activite"),
        activity=_text(query, "nom"),
        account=_text(query, "compte"),
        budget=_text(query, "budget"),
        regie=_text(query, "regie"),
    )


def _id(query: QueryDict, name: str) -> int | None:
    return id_read(query.get(name, "")) if name in query else None


def _text(query: QueryDict, name: str) -> str | None:
    """None too for what no database holds."""
    said = query.get(name)
    return None if said is None or "\0" in said else said


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == len("2026-01") else None
    except ValueError:
        return None


def query_of(figure: Figure, *, billed: date | None = None, within: date | None = None) -> str:
    named = {"quoi": figure.value, "mois": billed and f"{billed:%Y-%m}", "en": within and f"{within:%Y-%m}"}
    return "?" + urlencode({name: value for name, value in named.items() if value})


def query_of_structure(structure_id: int | None) -> str:
    return "?" + urlencode({"quoi": Figure.LINES.value, "structure": structure_id or 0})


def query_of_code(code: Code) -> str:
    """All that it is, so that the rows are those and no others."""
    named = {
        "quoi": Figure.LINES.value,
        "structure": code.structure_id or 0,
        "activite": code.activity_id or 0,
        "compte": code.account,
        "budget": code.budget,
        "regie": code.regie,
    }
    if code.activity_id is None:
        named["nom"] = code.activity
    return "?" + urlencode(named)
