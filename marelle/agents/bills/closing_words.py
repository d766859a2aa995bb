"""The closing of an exercise in French: what is still open in it, and where that is seen to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.agents.bills.accounting_words import Line, account_url, who_text
from marelle.billing.accounting.closing_rules import Draft, Open, Point
from marelle.billing.models import ExerciseClosing, Invoice, LeftToRecover
from marelle.core.french import day_plain, euros_text, instant_long_year, join_and, month_text, number_text
from marelle.core.money import ZERO
from marelle.core.refusals import No
from marelle.flows.bills.closing import ToClose

POINTS: Final[Mapping[Point, tuple[str | Promise, str | Promise, str]]] = {
    Point.RUN: (
        gettext_lazy("Une facturation de l’exercice est en cours"),
        gettext_lazy("Émettez-la, ou abandonnez-la."),
        "agents_bills:runs",
    ),
    Point.MONTHS: (
        gettext_lazy("Des mois ne sont pas facturés"),
        gettext_lazy("Une fois l’exercice clos, leurs factures iraient sur le suivant."),
        "agents_bills:new",
    ),
    Point.UNSENT: (
        gettext_lazy("Des factures ne sont pas envoyées au Trésor"),
        gettext_lazy("Le Trésor prend celles d’un exercice jusqu’au 31 janvier qui le suit."),
        "agents_bills:tresor",
    ),
    Point.WAITING: (
        gettext_lazy("Des montants attendent sous le seuil"),
        gettext_lazy("Ils seront sur une facture de l’exercice suivant."),
        "agents_bills:runs",
    ),
    Point.REJECTED: (
        gettext_lazy("Des factures sont rejetées par le Trésor"),
        gettext_lazy("Elles restent à recouvrer."),
        "agents_bills:tresor_rejected",
    ),
    Point.STRAYS: (
        gettext_lazy("Des encaissements sont à rattacher"),
        gettext_lazy("Ceux que vous rattachez après la clôture comptent sur l’année suivante."),
        "agents_bills:strays",
    ),
    Point.CONTESTS: (
        gettext_lazy("Des lignes sont contestées"),
        gettext_lazy("Ce que vous accepterez sera un avoir de l’exercice suivant."),
        "requests:queue",
    ),
}
REFUSALS: Final[Mapping[str, str | Promise]] = {
    "early": gettext_lazy("L’année n’est pas finie\u00a0: un exercice se clôt à partir du 1er janvier."),
    "closed": gettext_lazy("Cet exercice est déjà clos."),
    "open": gettext_lazy("Il reste quelque chose à faire avant de clore\u00a0: voyez la liste."),
    "changed": gettext_lazy("Les chiffres ont changé entre-temps\u00a0: relisez-les avant de clore."),
    "not_closed": gettext_lazy("Cet exercice est ouvert."),
}


@dataclass(frozen=True, slots=True)
class PointLine:
    title: str
    detail: str
    url: str
    state: str
    tone: str


def refusal_text(refusal: No) -> str:
    return str(REFUSALS[refusal.code])


def point_lines(found: ToClose) -> list[PointLine]:
    return [_point(one, is_blocking=one in found.blocking) for one in found.open]


def _point(one: Open, *, is_blocking: bool) -> PointLine:
    _title, detail, url = POINTS[one.point]
    title, counted = open_told(one)
    return PointLine(
        title,
        f"{capfirst(counted)}. {detail}",
        reverse(url),
        _("à faire d’abord") if is_blocking else _("pour information"),
        "warn" if is_blocking else "plain",
    )


def open_told(one: Open) -> tuple[str, str]:
    """("Des factures sont rejetées par le Trésor", "3 factures"), with what they come to."""
    counted = join_and([month_text(month) for month in one.months]) or counted_text(one)
    told = [counted, euros_text(one.amount)] if one.amount is not None else [counted]
    return str(POINTS[one.point][0]), ", ".join(told)


def counted_text(one: Open) -> str:
    """ "3 factures"."""
    n = one.count
    match one.point:
        case Point.UNSENT | Point.REJECTED:
            said = ngettext("%(n)s facture", "%(n)s factures", n)
        case Point.WAITING:
            said = ngettext("%(n)s montant", "%(n)s montants", n)
        case Point.STRAYS:
            said = ngettext("%(n)s encaissement", "%(n)s encaissements", n)
        case Point.CONTESTS:
            said = ngettext("%(n)s ligne", "%(n)s lignes", n)
        case _:
            said = ngettext("%(n)s facturation", "%(n)s facturations", n)
    return said % {"n": number_text(n)}


def draft_facts(draft: Draft) -> list[tuple[str, str]]:
    figures = draft.figures
    return [
        (_("Factures"), number_text(figures.count)),
        (_("Facturé"), euros_text(figures.billed)),
        (_("Avoirs"), euros_text(figures.credited)),
        *([(_("Annulé"), euros_text(figures.cancelled))] if figures.cancelled else []),
        (_("Payé"), euros_text(figures.paid)),
        *([(_("Trop perçu"), euros_text(figures.over))] if figures.over else []),
        (_("Reste à recouvrer au 31 décembre"), euros_text(draft.left_at_end)),
        (_("Reste à recouvrer à ce jour"), euros_text(figures.left)),
    ]


def closing_facts(row: ExerciseClosing) -> list[tuple[str, str]]:
    return [*closing_figures(row), (_("Empreinte (SHA-256)"), row.sha256)]


def closing_figures(row: ExerciseClosing) -> list[tuple[str, str]]:
    return [
        (_("Clos"), _who(row.closed_at, row.closed_by)),
        (_("Factures"), number_text(row.count)),
        (_("Facturé"), euros_text(row.billed)),
        (_("Avoirs"), euros_text(row.credited)),
        *([(_("Annulé"), euros_text(row.cancelled))] if row.cancelled else []),
        (_("Payé"), euros_text(row.paid)),
        *([(_("Trop perçu"), euros_text(row.over))] if row.over else []),
        (_("Reste à recouvrer au 31 décembre"), euros_text(row.left_at_end)),
        (_("Reste à recouvrer à la clôture"), euros_text(row.left)),
    ]


def _who(at: datetime, who: str) -> str:
    return _("le %(at)s par %(who)s") % {"at": instant_long_year(at), "who": who}


def reopened_text(row: ExerciseClosing) -> str:
    told = {
        "closed": day_plain(row.closed_on),
        "at": instant_long_year(row.reopened_at) if row.reopened_at else "",
        "who": row.reopened_by,
        "reason": row.reason,
    }
    return _("Clos le %(closed)s, puis rouvert le %(at)s par %(who)s\u00a0: %(reason)s") % told


def left_now(bill: Invoice) -> Decimal:
    """Nothing of what was cancelled since."""
    return ZERO if bill.cancelled_on else bill.left


def left_line(one: LeftToRecover) -> Line:
    bill = one.invoice
    told = {
        "end": euros_text(one.at_end),
        "closing": euros_text(one.at_closing),
        "now": euros_text(left_now(bill)),
    }
    return Line(
        account_url(bill.family_id, bill.payer_id),
        f"{one.number} · {who_text(bill.family, bill.payer)}",
        _("%(end)s au 31 décembre, %(closing)s à la clôture, %(now)s aujourd’hui") % told,
    )
