"""What others pay of a home's month, and what is waived, in French: the same for the home and for agents."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from marelle.core.french import days_numbers, euros_text
from marelle.core.money import ZERO
from marelle.flows.bills.sharing import MonthShared


def total_text(total: Decimal, shared: Iterable[MonthShared], *, to_home: bool) -> str:
    """Of all authorities, and what of it is left to the home: who reads it, unless `to_home` is False."""
    own = total - sum((one.taken_off for one in shared), ZERO)
    if own == total:
        return euros_text(total)
    told = {"total": euros_text(total), "own": euros_text(own)}
    if to_home:
        return _("%(total)s, dont %(own)s pour votre foyer") % told
    return _("%(total)s, dont %(own)s pour le foyer") % told


def shared_rows(shared: MonthShared, *, to_home: bool) -> tuple[tuple[str, str], ...]:
    """What is waived of it, what others pay, then what is left to the home."""
    told = [
        (_("Pris en charge par %(who)s") % {"who": who or _("l’autre foyer")}, euros_text(-amount))
        for who, amount in shared.parts
    ]
    own = _("Pour votre foyer") if to_home else _("Pour le foyer")
    return (*_waived(shared), *told, (own, euros_text(shared.own)))


def _waived(shared: MonthShared) -> tuple[tuple[str, str], ...]:
    if not shared.days:
        return ()
    told = _("Contestation acceptée, %(days)s") % {"days": days_numbers(shared.days)}
    return ((told, euros_text(-shared.waived)),)
