"""What commissions answered to the demands of a home: its own sheets, and nobody else's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.campaigns.commissions.labels import outcome_text, place_text
from marelle.campaigns.commissions.reading import is_to_answer, told_sheets
from marelle.campaigns.commissions.receipts import missed_texts, names_of, receipt_pairs, turns_of
from marelle.campaigns.models import CommissionSheet
from marelle.core.actor import Actor
from marelle.core.french import day_long, day_long_year


@dataclass(frozen=True, slots=True)
class SheetCard:
    id: int
    title: str
    state: str
    tone: str
    place: str
    told: str
    may_answer: bool
    pairs: tuple[tuple[str, str], ...]
    missed: tuple[str, ...]


def receipts(actor: Actor, today: date) -> dict[int, list[SheetCard]]:
    """By demand, the latest first; three queries."""
    sheets = list(told_sheets(actor).order_by("-sent_at", "-pk"))
    commissions = {one.commission_id for one in sheets}
    turns, names = (turns_of(commissions), names_of(commissions)) if sheets else ({}, {})
    found: defaultdict[int, list[SheetCard]] = defaultdict(list)
    for one in sheets:
        state, tone = outcome_text(one, today)
        title = _("%(name)s, le %(day)s") % {
            "name": one.commission.name,
            "day": day_long_year(one.commission.sits_on),
        }
        card = SheetCard(
            one.pk,
            title,
            state,
            tone,
            place_text(one.section, one) if one.section is not None else "",
            _told(one, today),
            is_to_answer(one, today),
            tuple(receipt_pairs(one, turns.get(one.commission_id, 0))),
            tuple(missed_texts(one, names)),
        )
        found[one.request_id].append(card)
    return found


def _told(sheet: CommissionSheet, today: date) -> str:
    """What is to be done, or why it is not what the order by right says."""
    parts = []
    if is_to_answer(sheet, today) and sheet.answer_until is not None:
        parts.append(
            _("À accepter, ou à rendre, jusqu’au %(day)s. Sans réponse, la place va à une autre famille.")
            % {"day": day_long(sheet.answer_until)}
        )
    if sheet.reason:
        parts.append(_("La commission a décidé autrement que le classement : %s") % sheet.reason)
    return " ".join(parts)
