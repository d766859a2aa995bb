"""The French of a bill's lines, as it is settled when the bill is previewed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.billing.bill_lines import BillLine, WrittenLine
from marelle.billing.due import Cause, Charge, Correction, Covered
from marelle.core.french import euros_text, join_and, month_text
from marelle.pricing.explained import line_title
from marelle.pricing.labels import Names
from marelle.pricing.lines import Line, total

LABEL_LENGTH: Final = 160

CAUSES: Final[dict[Cause, str | Promise]] = {
    Cause.ADDED: gettext_lazy("pas encore facturé"),
    Cause.SEEN: gettext_lazy("présence sans réservation"),
    Cause.REMOVED: gettext_lazy("retiré"),
    Cause.ABSENCE: gettext_lazy("absence"),
    Cause.SLOTS: gettext_lazy("autres créneaux"),
    Cause.HOURS: gettext_lazy("autres heures"),
    Cause.INCOME: gettext_lazy("quotient ou ressources"),
    Cause.TARIFF: gettext_lazy("tarif"),
    Cause.CONTESTED: gettext_lazy("contestation acceptée"),
    Cause.DUE_AGAIN: gettext_lazy("de nouveau dû, contestation revue"),
    Cause.PAYER: gettext_lazy("prise en charge"),
    Cause.BROUGHT: gettext_lazy("crédit de l’ancien logiciel"),
    Cause.OTHER: gettext_lazy("suite d’un autre changement"),
}


def written(
    line: BillLine, slots: Names, activities: Mapping[int, str], payers: Mapping[int, str]
) -> WrittenLine:
    """`slots` and `activities` by their ids; `payers`, by the coverages through which they pay."""
    item = line.item
    if isinstance(item, Charge):
        label = line_title(item.line, slots)
    elif isinstance(item, Covered):
        label = covered_title(item, slots, payers)
    else:
        label = correction_title(item, slots)
    return WrittenLine(
        child_id=line.child_id,
        activity_id=line.activity_id,
        activity=activities.get(line.activity_id or 0, _("Commun")),
        label=cut(label),
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        food=line.food,
        days=line.days,
        ledger=item.ledger,
        minutes=line.minutes,
    )


def covered_title(one: Covered, slots: Names, payers: Mapping[int, str]) -> str:
    """ "Pris en charge par le CCAS : Repas"; on the bill of who pays, "Part prise en charge : Repas"."""
    values = {
        "what": line_title(one.charge.line, slots),
        "who": payers.get(one.part.coverage_id, _("l’autre foyer")),
    }
    if one.asked:
        return _("Part prise en charge\u00a0: %(what)s") % values
    return _("Pris en charge par %(who)s\u00a0: %(what)s") % values


def correction_title(one: Correction, slots: Names) -> str:
    """ "Régularisation, octobre 2026 : absence · Repas (0,00 € au lieu de 4,10 €)"."""
    told = one.after or one.before
    values = {
        "month": month_text(one.place.day),
        "cause": CAUSES[one.cause],
        "what": join_and(list(dict.fromkeys(line_title(line, slots) for line in told))),
        "after": euros_text(_of(one.after, one)),
        "before": euros_text(_of(one.before, one)),
    }
    if not one.before or _of(one.after, one) - _of(one.before, one) != one.amount:
        return _("Régularisation, %(month)s\u00a0: %(cause)s · %(what)s") % values
    return (
        _("Régularisation, %(month)s\u00a0: %(cause)s · %(what)s (%(after)s au lieu de %(before)s)") % values
    )


def cut(label: str) -> str:
    """At most as long as a line of a bill may be."""
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1].rstrip() + "…"


def _of(lines: Iterable[Line], one: Correction) -> Decimal:
    return total(line for line in lines if line.ledger == one.ledger)
