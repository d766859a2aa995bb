"""What an agent of the office types on the pages of tariffs so that each tariff of docs/prices.md is there.

A step is a page, by the end of its address or by the words of its link, and what is typed on it; what is not
typed stays as the page shows it. Slots have the numbers of the examples.
"""

from __future__ import annotations

import re
from typing import Any

from tests.pricing.sheets import TEXT

Typed = dict[str, Any]
Step = tuple[str, Typed]

START = {"since": "2026-09-01"}


def grid_pasted() -> str:
    """The table of the document, as a spreadsheet gives it: "360 à 564", euros with a comma."""
    table = TEXT.split("| quotient from |")[1].split("\n\n")[0]
    rows = [re.findall(r"[\d.]+", row) for row in table.splitlines()[2:]]
    since = [int(row[0]) for row in rows]
    until = [*(limit - 1 for limit in since[1:]), None]
    heads = [
        f"{low} et plus" if high is None else f"{low} à {high}"
        for low, high in zip(since, until, strict=True)
    ]
    names = ("Journée", "Demi-journée", "Demi-journée + repas")
    lines = [["QF", *heads]]
    for column, name in enumerate(names, 1):
        lines.append([name, *(f"{row[column].replace('.', ',')} €" for row in rows)])
    return "\n".join("\t".join(line) for line in lines)


def price(**blanks: str) -> Typed:
    """The line of the price that has these blanks, or that `kind` names."""
    kind = blanks.pop("kind", None) or {"amount": "fixed", "numbers": "number", "rates": "effort"}.get(
        next(iter(blanks)), next(iter(blanks))
    )
    return {"price-kind": kind, **{f"price-{name}": told for name, told in blanks.items()}}


def meal(name: str = "Repas", **others: Any) -> Step:
    return "prix", {"name": name, "sets": ["2"], **START, **others}


def rule(code: str, kind: str, blank: str = "", told: str = "", **others: Any) -> Step:
    effect = {"effect-kind": kind} | ({f"effect-{blank}": told} if blank else {})
    return f"regles/{code}", {**START, **effect, **others}


WEDNESDAYS: list[Step] = [
    (
        "grille",
        {
            "colle": grid_pasted(),
            "sets-0": ["1-2-3"],
            "sets-1": ["1", "3"],
            "sets-2": ["1-2", "2-3"],
            **START,
        },
    ),
    rule("hors-commune", "plus", "more", "2,00 €"),
]
APART: list[Step] = [*WEDNESDAYS, meal(**price(amount="3,15"))]
BY_QUOTIENT = meal(**price(kind="brackets", brackets="0 à 600\t3,15 €\n601 et plus\t3,60 €"))
CANTEEN: list[Step] = [
    BY_QUOTIENT,
    rule("hors-delai", "fixed", "amount", "4,05"),
    rule("sans-reservation", "fixed", "amount", "5,05"),
]
SIBLINGS = [
    ("regles/fratrie", {**START, "second": "10", "third": "20 %"}),
]
MEAL_AT_4 = meal(**price(amount="4"))
RATES = "1 ; 0,0619 %\n2 ; 0,0516 %\n3 ; 0,0413 %\n4 à 7 ; 0,0310 %\n8 et plus ; 0,0206 %"
BOUNDS: Step = ("ressources", {**START, "floor": "814,62", "ceiling": "8 500,00 €"})
NEW_YEAR = {"since": "2027-01-01"}


def care(rates: str) -> Step:
    """An hour by half-hours begun, as booked."""
    hours = {"step": "30", "per": "60", "hours": "booked"}
    return "prix", {"name": "Accueil", "sets": ["5"], **START, **price(rates=rates), **hours}


def sold(name: str, period: str, *slots: str) -> Step:
    """What is paid at once, and the slots that it covers; its tariff is the next step."""
    return "vendre", {"name": name, "period": period, "slots": list(slots)}


def weekly(kind: str, **others: str) -> Step:
    return "duree", {"name": "Semaine", "span": "week", "rule-kind": kind, **START, **others}


TYPED: dict[str, list[Step]] = {
    "wednesdays": WEDNESDAYS,
    "wednesdays siblings": [*WEDNESDAYS, *SIBLINGS],
    "wednesdays apart": APART,
    "late wednesdays whole": [*APART, rule("hors-delai", "up", "up", "50 %", whole="whole")],
    "late wednesdays part": [*APART, rule("hors-delai", "up", "up", "50")],
    "late wednesdays warned": [*APART, rule("hors-delai", "up", "up", "50", spared="1")],
    "canteen": CANTEEN,
    "canteen siblings": [*CANTEEN, *SIBLINGS],
    "canteen penalties": [
        BY_QUOTIENT,
        rule("hors-delai", "up", "up", "50"),
        rule("sans-reservation", "fixed", "amount", "10"),
        rule("absence-justifiee", "free"),
        rule("absence", "fixed", "amount", "2,99"),
    ],
    "canteen warned": [
        BY_QUOTIENT,
        rule("hors-delai", "up", "up", "50", spared="1"),
        rule("sans-reservation", "fixed", "amount", "10", spared="1"),
        rule("absence-justifiee", "free"),
        rule("absence", "fixed", "amount", "6", spared="2"),
    ],
    "canteen told": [
        BY_QUOTIENT,
        rule("absence-justifiee", "free", **{"missed-told": ["in_time"]}),
        rule("absence", "fixed", "amount", "2,99", **{"missed-excused": "any"}),
    ],
    "canteen letters": [
        meal(**price(amount="3,60")),
        rule("absence-justifiee", "free", **{"missed-within": "0"}),
    ],
    "canteen plain": [meal(**price(amount="3,60"))],
    "canteen two years": [
        meal(**price(amount="3,60")),
        rule("hors-delai", "fixed", "amount", "4,05"),
        ("Changer ces prix", {"c-0-0": "3,75", **NEW_YEAR}),
        ("Changer Majoration hors délai", {"effect-amount": "4,30", **NEW_YEAR}),
    ],
    "garderie": [
        (
            "prix",
            {
                "name": "Demi-heure",
                "sets": ["4"],
                **START,
                **price(kind="brackets", brackets="0;0,30\n651;0,48\n1151;0,63"),
                "step": "30",
                "per": "30",
                "hours": "seen",
            },
        ),
        rule("hors-commune", "up", "up", "100"),
    ],
    "crèche": [BOUNDS, care(RATES)],
    "crèche ceiling": [
        BOUNDS,
        ("ressources", {"floor": "814,62", "ceiling": "9 000", **NEW_YEAR}),
        care(RATES),
    ],
    "crèche families": [BOUNDS, care("1\t0,0516 %\n2\t0,0413 %\n3 à 5\t0,0310 %\n6 et plus\t0,0206 %")],
    "linear": [meal(**price(kind="linear", percent="0,36", floor="2,60", ceiling="4,50"))],
    "habits": [
        meal("Occasionnel", **price(amount="6,10")),
        meal("Régulier", **price(amount="5,20"), who=["regular"], order="2"),
        meal("Panier", **price(amount="1,75"), who=["own_meal"], order="1"),
    ],
    "every day": [
        MEAL_AT_4,
        rule("rang", "fixed", "amount", "2", first="3", last="", who=["every_school_day"]),
    ],
    "closing": [
        (
            "retard",
            {"name": "Retard", "about": "some", "slots": ["4"], "spared": "1", **START, **price(amount="26")},
        ),
        (
            "retard",
            {"name": "Personnel", "about": "everywhere", "who": ["staff"], **START, **price(kind="free")},
        ),
    ],
    "flat": [MEAL_AT_4, weekly("flat", **{"rule-flat_days": "5"}, **price(amount="19,80"))],
    "flat after five": [MEAL_AT_4, weekly("flat", **{"rule-flat_days": "6"}, **price(amount="19,80"))],
    "most": [MEAL_AT_4, weekly("most", **price(amount="19,80"))],
    "third day": [
        meal(**price(amount="10")),
        weekly("less", **{"rule-less_days": "3", "rule-less": "10"}),
    ],
    "youth": [
        sold("fee", "calendar_year"),
        ("tarif", {"name": "Cotisation", **START, **price(amount="15")}),
        ("prix", {"name": "Sortie", "sets": ["4"], **START, **price(amount="8")}),
    ],
    "supervision": [
        meal(**price(amount="3,60")),
        meal("Panier", **price(kind="free"), who=["own_meal"]),
        sold("supervision", "month", "2"),
        ("tarif", {"name": "Surveillance", **START, **price(amount="12")}),
    ],
    "card": [
        sold("card", "month", "2"),
        (
            "tarif",
            {
                "name": "Carte",
                **START,
                **price(numbers="59\n57\n55"),
                "back-kind": "fixed",
                "back-amount": "3,85",
                "way-0-excused": "yes",
            },
        ),
    ],
    "monthly": [
        BOUNDS,
        sold("hours", "month", "5"),
        ("tarif", {"name": "Forfait", **START, **price(rates=RATES)}),
    ],
}
