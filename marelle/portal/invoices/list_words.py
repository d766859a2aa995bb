"""« Mes factures » in French: what is said of all bills of a home together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.billing.models import Invoice
from marelle.billing.reminders.rules import Hold
from marelle.billing.rules import UNPAID
from marelle.core.french import day_plain, euros_text, month_text
from marelle.core.money import ZERO
from marelle.portal.invoices.filters import ALL, DEFAULT, KINDS, Wanted
from marelle.portal.invoices.filters import STATES as CHOICES


def so_far(total: Decimal, day: date) -> str:
    """ "Novembre 2026 : 91,26 € d’après ce qui est réservé"."""
    told = {"month": month_text(day), "total": euros_text(total)}
    text = _("%(month)s\u00a0: %(total)s d’après ce qui est réservé") % told
    return text[:1].upper() + text[1:]


def heading(chosen: Wanted, shown: Iterable[Invoice]) -> str:
    """What the list holds: "Factures mensuelles à payer : 86,40 € en tout", and what of it the home is not to
    pay by hand. `shown`: each with `held`."""
    if chosen.state == DEFAULT.state:
        return _to_pay(chosen, list(shown))
    if chosen.kind == ALL:
        return _("Factures\u00a0: %(state)s") % {"state": str(CHOICES[chosen.state][1]).lower()}
    told = {"kind": KINDS[chosen.kind][1], "state": str(CHOICES[chosen.state][1]).lower()}
    return _("%(kind)s\u00a0: %(state)s") % told


def _to_pay(chosen: Wanted, shown: list[Invoice]) -> str:
    left, debited, refused = (left_of(shown, why) for why in ("", Hold.DEBITED, Hold.REFUSED))
    kind = _("Factures") if chosen.kind == ALL else str(KINDS[chosen.kind][1])
    if not (left or debited or refused):
        return _("%(kind)s à payer") % {"kind": kind}
    said = _("%(kind)s à payer\u00a0: %(left)s en tout") if left else _("%(kind)s\u00a0: rien à payer")
    parts = [said % {"kind": kind, "left": euros_text(left)}]
    if debited:
        parts.append(_("%(left)s en prélèvement") % {"left": euros_text(debited)})
    if refused:
        parts.append(_("%(left)s en correction") % {"left": euros_text(refused)})
    return ", ".join(parts)


def left_of(rows: Iterable[Invoice], why: str) -> Decimal:
    """What is left to pay of those that are `held` so, in euros."""
    return sum((row.left for row in _held(rows, why)), ZERO)


def settling(rows: Iterable[Invoice], day: date, *, is_debited: bool) -> str:
    """What is to be done on `day` of all bills of the home, each with `held`; "" where they are paid at the
    Trésor. `is_debited`: it has a mandate in force."""
    rows = list(rows)
    debited, refused = _held(rows, Hold.DEBITED), _held(rows, Hold.REFUSED)
    if _held(rows, "") or not (debited or refused):
        if not (debited or is_debited):
            return ""
        return _(
            "Les factures qui ne sont pas prélevées restent à régler auprès du Trésor public. Vous ne pouvez "
            "pas régler directement via le portail famille."
        )
    told = [_("Vous n’avez rien à faire pour le moment.")]
    told += _debits(debited, day)
    if refused:
        told.append(
            ngettext(
                "Le Trésor public nous a renvoyé une facture\u00a0: le service la corrige.",
                "Le Trésor public nous a renvoyé %(n)d factures\u00a0: le service les corrige.",
                len(refused),
            )
            % {"n": len(refused)}
        )
    return " ".join(told)


def _debits(debited: Iterable[Invoice], day: date) -> Iterator[str]:
    """Those to come, then those of which the Trésor has not told yet what became."""
    by_day = sorted(debited, key=lambda row: row.due_on)
    coming = [row for row in by_day if row.due_on >= day]
    under_way = [row for row in by_day if row.due_on < day]
    if coming:
        text = ngettext(
            "Le Trésor public prélèvera %(left)s sur votre compte, le %(day)s ou peu après.",
            "Le Trésor public prélèvera %(left)s en tout sur votre compte, à partir du %(day)s.",
            len(coming),
        )
        yield text % {"left": euros_text(left_of(coming, Hold.DEBITED)), "day": day_plain(coming[0].due_on)}
    if under_way:
        text = ngettext(
            "Un prélèvement de %(left)s, annoncé pour le %(day)s, est en cours.",
            "Des prélèvements de %(left)s en tout, annoncés à partir du %(day)s, sont en cours.",
            len(under_way),
        )
        left, first = left_of(under_way, Hold.DEBITED), under_way[0].due_on
        yield text % {"left": euros_text(left), "day": day_plain(first)}


def others_to_pay(rows: Iterable[Invoice], chosen: Wanted) -> str:
    """That invoices which are no monthly ones wait too, where the page shows the monthly ones alone. Each
    with `held`."""
    if chosen.kind != DEFAULT.kind:
        return ""
    others = [row for row in rows if row.kind != Invoice.Kind.MONTHLY and row.state in UNPAID]
    if not others:
        return ""
    count = len(_held(others, ""))
    if not count:
        text = ngettext(
            "%(n)d autre facture ne vous demande rien pour le moment.",
            "%(n)d autres factures ne vous demandent rien pour le moment.",
            len(others),
        )
        return text % {"n": len(others)}
    return ngettext(
        "%(n)d autre facture est aussi à payer.", "%(n)d autres factures sont aussi à payer.", count
    ) % {"n": count}


def paid_by_hand(rows: Iterable[Invoice]) -> frozenset[int]:
    """The authorities to which something is to be paid by hand, or nothing at all is. Rows with `held`."""
    rows = list(rows)
    unpaid = {row.authority_id for row in rows if row.state in UNPAID}
    by_hand = {row.authority_id for row in _held(rows, "")}
    return frozenset({row.authority_id for row in rows} - (unpaid - by_hand))


def _held(rows: Iterable[Invoice], why: str) -> list[Invoice]:
    return [row for row in rows if row.state in UNPAID and row.held == why]  # type: ignore[attr-defined]
