"""Amounts as an agent types them, and back: a line a bracket, a rate, a number of children.

Each fault names its line. What one writes the other reads: all that a price may be goes through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Final, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from marelle.core.french import euros_text
from marelle.core.money import NotAnAmount, parse_amount, parse_decimal
from marelle.pricing.amounts import (
    Amount,
    Bracket,
    Brackets,
    ByNumber,
    Effort,
    EffortBound,
    EffortRate,
    Fixed,
    Linear,
)

HIGHEST_PRICE: Final = Decimal("99999.99")
HIGHEST_LIMIT: Final = Decimal("999999.99")
CENT: Final = Decimal("0.01")
HIGHEST_PERCENT: Final = Decimal(99)
MOST_LINES: Final = 30
NUMBER: Final = re.compile(r"\d[\d \u00a0\u202f]*(?:[.,]\d+)?")
NAMED: Final = r"\s*(?:(?:qf|quotient(?: familial)?)\s*)?"
UP_TO: Final = re.compile(rf"{NAMED}(?:moins d|jusqu|inférieure?s? |<|≤)", re.IGNORECASE)
BEYOND: Final = re.compile(
    rf"^{NAMED}(?:plus de|au[- ]delà de|supérieure?s? à|>)\s*\d|^\s*{NUMBER.pattern}\s*<(?!=)",
    re.IGNORECASE,
)
HEAD: Final = re.compile(
    rf"{NAMED}(?:de|moins de|plus de|jusqu.à|à partir de|à compter de|au[- ]delà de|entre|"
    rf"(?:inf|sup)érieure?s? (?:ou égale?s? )?à|[<>≤≥]=?)?\s*\d",
    re.IGNORECASE,
)
LINEAR: Final = re.compile(
    r"(?P<percent>[^%]+)%(?: du quotient)?,?\s+(?:de|entre)\s(?P<floor>.+?)\s(?:à|et)\s(?P<ceiling>.+)"
)
THEN: Final = re.compile(r"\s+puis\s+")
FREE: Final = "gratuit"
EFFORT: Final = "taux"

Read = TypeVar("Read")


def euros_read(text: str) -> Decimal:
    """Raises ValidationError for what is no price of ours."""
    try:
        amount = parse_amount(text)
    except NotAnAmount as error:
        raise ValidationError(_("Donnez un prix en euros, par exemple 3,60.")) from error
    if amount < 0:
        raise ValidationError(_("Un prix n’est jamais négatif."))
    if amount > HIGHEST_PRICE:
        raise ValidationError(_("Un prix a au plus %(most)s.") % {"most": euros_text(HIGHEST_PRICE)})
    return amount


def percent_read(text: str, *, decimals: int = 4, most: Decimal = HIGHEST_PERCENT) -> Decimal:
    """ "0,36", "0,36 %"."""
    try:
        percent = parse_decimal(text.strip().removesuffix("%"))
    except NotAnAmount as error:
        raise ValidationError(_("Donnez un pourcentage, par exemple 0,36.")) from error
    if percent < 0:
        raise ValidationError(_("Un pourcentage n’est jamais négatif."))
    if percent > most:
        raise ValidationError(_("Donnez un pourcentage plus petit\u00a0: %(most)s au plus.") % {"most": most})
    if percent != round(percent, decimals):
        raise ValidationError(_("Donnez au plus %(n)d chiffres après la virgule.") % {"n": decimals})
    return percent


def brackets_read(text: str) -> Brackets:
    """ "0 ; 3,15" and "601 ; 3,60", a line each, or as a spreadsheet has them: "0 à 600", then a price."""
    rows: list[Bracket] = []
    heads: list[str] = []
    for number, (head, price) in enumerate(_pairs(text, _("donnez un quotient, puis son prix.")), 1):
        rows.append(Bracket(_limit(head, number), _of_line(number, price, euros_read)))
        heads.append(head)
    crossed = crossing(heads)
    if crossed:
        raise ValidationError(crossed)
    if rows[0].since != 0:
        raise ValidationError(_("La première tranche commence à 0."))
    _in_order([row.since for row in rows])
    return Brackets(tuple(rows))


def rates_read(text: str) -> Effort:
    """ "1 ; 0,0619", "4 à 7 ; 0,0310", "8 et plus ; 0,0206": from so many dependent children, a percent."""
    rates = []
    for number, (head, percent) in enumerate(
        _pairs(text, _("donnez un nombre d’enfants, puis son taux.")), 1
    ):
        children = _limit(head, number)
        if children != int(children) or children > 20:
            raise _line_error(number, _("donnez un nombre d’enfants, 20 au plus."))
        rates.append(EffortRate(int(children), _of_line(number, percent, percent_read)))
    _in_order([Decimal(rate.children) for rate in rates])
    return Effort(tuple(rates), ())


def numbers_read(text: str) -> ByNumber:
    """A price a line: that of one child, of two, of three and more."""
    lines = _lines(text)
    return ByNumber(tuple(_of_line(number, line, amount_read) for number, line in enumerate(lines, 1)))


def amount_read(text: str) -> Fixed | Brackets | Linear | Effort:
    """A price in one line: "59", "gratuit", "0,36 % de 2,60 à 4,50", "0 ; 3,15 puis 601 ; 3,60" or "taux 1 ;
    0,0619 puis 2 ; 0,0516"."""
    told = text.strip()
    if told.lower() == FREE:
        return Fixed(Decimal("0.00"))
    if told.lower().startswith(EFFORT):
        return rates_read("\n".join(THEN.split(told[len(EFFORT) :].strip())))
    if "%" in told:
        found = LINEAR.fullmatch(told)
        if found is None:
            raise ValidationError(_("Écrivez par exemple 0,36 % de 2,60 à 4,50."))
        return linear(
            percent_read(found["percent"]), euros_read(found["floor"]), euros_read(found["ceiling"])
        )
    if ";" in told or THEN.search(told):
        return brackets_read("\n".join(THEN.split(told)))
    return Fixed(euros_read(told))


def linear(percent: Decimal, floor: Decimal, ceiling: Decimal) -> Linear:
    """Raises ValidationError where the floor is above the ceiling."""
    if ceiling < floor:
        raise ValidationError(_("Le prix le plus haut est plus petit que le plus bas."))
    return Linear(percent, floor, ceiling)


def with_bounds(amount: Amount, bounds: tuple[EffortBound, ...]) -> Amount:
    """The same, with the resources that its authority counts."""
    match amount:
        case Effort(rates):
            return Effort(rates, bounds)
        case ByNumber(amounts):
            return ByNumber(tuple(_bound(one, bounds) for one in amounts))
        case _:
            return amount


def _bound(
    amount: Fixed | Brackets | Linear | Effort | ByNumber, bounds: tuple[EffortBound, ...]
) -> Fixed | Brackets | Linear | Effort:
    if isinstance(amount, ByNumber):
        raise TypeError("A price by number is of simple prices.")
    return Effort(amount.rates, bounds) if isinstance(amount, Effort) else amount


def brackets_written(amount: Brackets) -> str:
    return "\n".join(f"{bare(row.since)}\u00a0; {cents(row.price)}" for row in amount.rows)


def rates_written(amount: Effort) -> str:
    return "\n".join(f"{rate.children}\u00a0; {bare(rate.percent)}" for rate in amount.rates)


def numbers_written(amount: ByNumber) -> str:
    return "\n".join(amount_written(one) for one in amount.amounts)


def amount_written(amount: Amount) -> str:
    """One line, as `amount_read` reads it."""
    match amount:
        case Fixed(price):
            return cents(price) if price else FREE
        case Linear(percent, floor, ceiling):
            return f"{bare(percent)}\u00a0% de {cents(floor)} à {cents(ceiling)}"
        case Brackets():
            return " puis ".join(brackets_written(amount).splitlines())
        case Effort():
            return f"{EFFORT} {' puis '.join(rates_written(amount).splitlines())}"
        case ByNumber():
            return numbers_written(amount)


def cents(amount: Decimal) -> str:
    """ "3,60"."""
    return f"{amount:.2f}".replace(".", ",")


def bare(value: Decimal) -> str:
    """ "0,0619", "600": no zero that says nothing."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",")


def crossing(heads: Sequence[str]) -> str:
    """What is wrong where "0 à 600" is followed by "500 à 900", or by "700 et plus"; "" where nothing is.

    "601" follows "600": a published grid leaves no hole between them.
    """
    spans = [[_plain(found) for found in NUMBER.findall(head)] for head in heads]
    for one, after in pairwise(spans):
        if len(one) != 2 or not after:
            continue
        told = {"until": bare(one[1]), "since": bare(after[0])}
        if after[0] < one[1]:
            return (
                _(
                    "Deux tranches se chevauchent\u00a0: l’une va jusqu’à %(until)s, "
                    "l’autre commence à %(since)s."
                )
                % told
            )
        if after[0] > one[1] + 1:
            return _("Il manque une tranche entre %(until)s et %(since)s.") % told
    return ""


def is_bracket(head: str) -> bool:
    """Whether it reads as one: "0–359", "jusqu’à 600", "QF > 1 200"."""
    return HEAD.match(head) is not None


def begins(head: str) -> str:
    """Where a bracket begins that is headed "360 à 564", "moins de 360", "jusqu’à 359", "≥ 1 201"; "> 564" is
    beyond it, and a quotient has cents."""
    found = NUMBER.search(head)
    if found is None or UP_TO.match(head):
        return "0" if found else head
    if BEYOND.search(head):
        return bare(_plain(found[0]) + CENT)
    return re.sub(r"[ \u00a0\u202f]", "", found[0])


def _lines(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip(" \t;")]
    if len(lines) > MOST_LINES:
        raise ValidationError(_("Donnez au plus %(n)d lignes.") % {"n": MOST_LINES})
    if not lines:
        raise ValidationError(_("Donnez au moins une ligne."))
    return lines


def _pairs(text: str, wanted: str) -> list[tuple[str, str]]:
    """What each line begins with, and its last cell: between them a semicolon, a colon or a tab."""
    found = []
    for number, line in enumerate(_lines(text), 1):
        cells = [cell.strip(" \u00a0\u202f") for cell in re.split(r"[\t;:]", line.rstrip(" "))]
        if len(cells) != 2 or not cells[0]:
            raise _line_error(number, wanted)
        if not cells[1]:
            raise _line_error(number, _("donnez un prix\u00a0; 0 si c’est gratuit."))
        found.append((cells[0], cells[1]))
    return found


def _limit(head: str, number: int) -> Decimal:
    try:
        limit = parse_decimal(begins(head))
    except NotAnAmount as error:
        raise _line_error(
            number, _("«\u00a0%(text)s\u00a0» n’est pas un nombre.") % {"text": head[:40]}
        ) from error
    if head.lstrip().startswith(("-", "−")):
        raise _line_error(number, _("donnez un nombre positif."))
    if limit > HIGHEST_LIMIT or limit != round(limit, 2):
        raise _line_error(number, _("un quotient a au plus six chiffres, et deux après la virgule."))
    return limit


def _in_order(limits: Sequence[Decimal]) -> None:
    for before, after in pairwise(limits):
        if after <= before:
            told = {"before": bare(before), "after": bare(after)}
            raise ValidationError(
                _("Les tranches vont en montant\u00a0: %(after)s vient après %(before)s.") % told
            )


def _of_line(number: int, text: str, read: Callable[[str], Read]) -> Read:
    """What `read` makes of the text; its fault is that of the line."""
    try:
        return read(text)
    except ValidationError as error:
        told = error.messages[0]
        raise _line_error(number, f"{told[0].lower()}{told[1:]}") from error


def _line_error(number: int, told: str) -> ValidationError:
    return ValidationError(_("Ligne %(n)d\u00a0: %(told)s") % {"n": number, "told": told})


def _plain(text: str) -> Decimal:
    return Decimal(re.sub(r"[ \u00a0\u202f]", "", text).replace(",", "."))
