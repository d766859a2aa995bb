"""Every write of an income by an agent. Neither an amount nor a status is ever in the journal."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile
from marelle.core.subject import Subject
from marelle.families.incomes.rules import NewIncome, WrongIncome, income_check
from marelle.families.incomes.selectors import incomes_mark
from marelle.families.incomes.writing import income_put, income_row
from marelle.families.models import Income
from marelle.families.models.incomes import SOURCE_LENGTH
from marelle.families.services import file_to_write
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.places.scope import is_office_of

NOTED, CORRECTED = "income.noted", "income.corrected"
WRITES = (NOTED, CORRECTED, "quotient.added", "file.change_accepted", "file.change_undone")
"""The acts that write incomes, which say who was faster."""


@transaction.atomic
def income_note(
    *, actor: Actor, family_id: int, income: NewIncome, seen: str | None = None, now: datetime
) -> Income:
    """Note an income of a home; the same kind and day given again replace what was said.

    `seen` is the mark of the home's incomes as the form showed them, None for who showed none. Raises
    NotAllowed, HomeGone, WrongIncome, ChangedMeanwhile, CannotSeal.
    """
    family = file_to_write(actor, family_id)
    _check_seen(actor, family_id, seen)
    income_check(income, day=local(now).date())
    if income.authority_id is not None and not is_office_of(actor, income.authority_id):
        raise WrongIncome("other_authority", "authority")
    former = income_row(family.pk, income.kind, income.since, income.authority_id)
    row = income_put(
        family.pk,
        income.kind,
        income.told,
        since=income.since,
        until=income.until,
        source=income.source[:SOURCE_LENGTH],
        authority_id=income.authority_id,
    )
    _note(actor, NOTED if former is None else CORRECTED, row, now)
    return row


def _check_seen(actor: Actor, family_id: int, seen: str | None) -> None:
    if seen is None or seen == incomes_mark(actor, family_id):
        return
    last = Entry.objects.filter(family_id=family_id, verb__in=WRITES).first()
    raise ChangedMeanwhile(by=last.actor_label if last else "", at=last.at if last else None)


def _note(actor: Actor, verb: str, row: Income, now: datetime) -> None:
    subject = Subject("income", row.pk, row.get_kind_display())
    record(actor=actor, verb=verb, subject=subject, family_id=row.family_id, now=now)
