"""Tables of attribution: campaigns of wishes, and commissions that look at demands of childcare."""

from marelle.campaigns.models.campaigns import AnswerMove, Campaign, Criterion, Wish, WishLine
from marelle.campaigns.models.commissions import (
    Commission,
    CommissionCriterion,
    CommissionSection,
    CommissionSheet,
    SheetProof,
)

__all__ = [
    "AnswerMove",
    "Campaign",
    "Commission",
    "CommissionCriterion",
    "CommissionSection",
    "CommissionSheet",
    "Criterion",
    "SheetProof",
    "Wish",
    "WishLine",
]
