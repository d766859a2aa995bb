"""The mails of reminders: the words of the step, neither amount nor line, and for a home a link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from marelle.billing.models import Reminder
from marelle.billing.reminders.report import Debtor
from marelle.families.telling import draft_to
from marelle.mail.services import Draft, queue_many
from marelle.places.models import Authority

HOME: Final = "billing/reminder"
PAYER: Final = "billing/reminder_of_payer"


def reminders_mail(authority: Authority, pairs: Sequence[tuple[Reminder, Debtor]], *, now: datetime) -> None:
    """To all the adults of a home who have an address, whatever mails they want: they owe it."""
    drafts: dict[str, list[Draft]] = {HOME: [], PAYER: []}
    for row, debtor in pairs:
        if not row.mailed:
            continue
        context = _said(authority, row)
        if debtor.family is not None:
            drafts[HOME] += [draft_to(one, context, debtor.family.pk, None) for one in debtor.told]
        else:
            context["numbers"] = ", ".join(one.bill.number for one in debtor.due)
            drafts[PAYER] += [Draft(one.email, {**context, "to_name": one.name}) for one in debtor.told]
    mails = [
        mail for kind, them in drafts.items() if them for mail in queue_many(kind=kind, drafts=them, now=now)
    ]
    reminders = {row.family_id: row.pk for row, _debtor in pairs}
    link = Reminder.mails.through
    link._default_manager.bulk_create(
        link(reminder_id=reminders[mail.family_id], message_id=mail.pk) for mail in mails if mail.family_id
    )


def paragraphs(text: str) -> list[str]:
    """Of what an office wrote: an empty line, or a new one, begins another."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _said(authority: Authority, row: Reminder) -> dict[str, Any]:
    return {
        "authority": authority.name,
        "authority_id": authority.pk,
        "phone": authority.phone,
        "email": authority.email,
        "title": row.title,
        "paragraphs": paragraphs(row.text),
        "letter": row.letter,
    }
