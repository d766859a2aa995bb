"""What pages of bills tell of reminders and of delays that were granted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from marelle.billing.late import deferrals_holding
from marelle.billing.models import Reminder, ReminderBill
from marelle.mail.models import Message, MessageState


class Reminded(NamedTuple):
    """That a bill was named by a reminder with this title, on a day."""

    title: str
    on: date


def lost_reminders() -> QuerySet[Reminder]:
    """Mails alone, of which the last try to each adult has failed: nobody can have read them."""
    mails = Message.objects.filter(reminders=OuterRef("pk"))
    others = mails.exclude(state=MessageState.FAILED)
    return Reminder.objects.filter(Exists(mails), ~Exists(others), letter=False)


def is_lost() -> Exists:
    """Of a `ReminderBill`, that its reminder is one of `lost_reminders`."""
    return Exists(lost_reminders().filter(pk=OuterRef("reminder")))


def reminded_of(invoice_ids: Collection[int]) -> dict[int, tuple[Reminded, ...]]:
    """By bill, those of it that reached somebody, the oldest first; one query, none for no bill."""
    if not invoice_ids:
        return {}
    found: dict[int, list[Reminded]] = defaultdict(list)
    rows = ReminderBill.objects.filter(~is_lost(), invoice__in=invoice_ids, live=True)
    rows = rows.order_by("reminder__run__day", "pk")
    for pk, title, on in rows.values_list("invoice", "reminder__title", "reminder__run__day"):
        found[pk].append(Reminded(title, on))
    return {pk: tuple(them) for pk, them in found.items()}


def home_deferred(family_id: int, day: date) -> dict[int, date]:
    """By authority, until when a home's bills are deferred on `day`; one query."""
    rows = deferrals_holding(day).filter(family=family_id).order_by("until")
    return dict(rows.values_list("authority", "until"))
