"""Who pays else than homes, in French."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.billing.addressed import PayerKind
from marelle.billing.covering import Way
from marelle.billing.models import Coverage, Payer
from marelle.core.french import euros_text, instant_long_year, join_and
from marelle.pricing.labels import dates_label, decimal_text


@dataclass(frozen=True, slots=True)
class PayerRow:
    id: int
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """`may_end`: it is not over yet."""

    id: int
    title: str
    detail: str
    dates: str
    noted: str
    may_end: bool


def payer_row(row: Payer, *, several: bool) -> PayerRow:
    """`several`: authorities, of which each is named."""
    told = [PayerKind(row.kind).label, *row.addressed.place, *([row.authority.name] if several else [])]
    return PayerRow(row.pk, str(row), " · ".join(map(str, told)))


def coverage_row(row: Coverage, today: date) -> CoverageRow:
    who = str(row.payer) if row.payer else ""
    if row.payer_home is not None:
        who = _("l’autre foyer (%(name)s)") % {"name": row.payer_home.name}
    whose = row.child.first_name if row.child else _("tout le foyer")
    activities = [one.name for one in row.activities.all()]
    told = [
        _what(row),
        join_and(activities) if activities else _("toutes les activités"),
        _("%(amount)s en tout au plus") % {"amount": euros_text(row.most)} if row.most is not None else "",
    ]
    noted = {"who": row.noted_by, "at": instant_long_year(row.noted_at), "reason": row.reason}
    return CoverageRow(
        row.pk,
        f"{who} · {whose}",
        " · ".join(filter(None, told)),
        f"{row.authority} · {dates_label(row.since, row.until, today)}",
        _("%(reason)s, noté le %(at)s par %(who)s") % noted,
        may_end=row.until is None or row.until >= today,
    )


def _what(row: Coverage) -> str:
    match Way(row.way):
        case Way.PERCENT:
            return _("%(part)s\u00a0%%") % {"part": decimal_text(row.figure)}
        case Way.AMOUNT:
            return _("%(amount)s par jour") % {"amount": euros_text(row.figure)}
        case Way.CUSTODY:
            return _("ses jours de garde")
