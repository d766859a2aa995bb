"""The numbers by which a debt is known on a payment slip. Pure.

Source: the DGFiP's « dossier technique PES V2 », of a role (ORMC). `Cle1`, a modulo 11, has weights that the
comptable gives: no file says it until they are known here.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXY"


class PeriodRule(TextChoices):
    """What the period of one digit says of a month: agreed with the comptable."""

    LAST_DIGIT = "last_digit", _("le dernier chiffre du mois (octobre\u00a0: 0)")
    QUARTER = "quarter", _("le trimestre (octobre\u00a0: 4)")
    NONE = "none", _("aucune période")


def period_of(month: date, rule: PeriodRule) -> str:
    """`Per`: one digit, or "" for none."""
    match rule:
        case PeriodRule.LAST_DIGIT:
            return str(month.month % 10)
        case PeriodRule.QUARTER:
            return str((month.month + 2) // 3)
        case PeriodRule.NONE:
            return ""


def second_key(exercise: int, period: str, debt: str) -> str:
    """`Cle2`: a letter."""
    return LETTERS[int(f"{exercise % 100:02d}{period}00{debt}") % len(LETTERS)]
