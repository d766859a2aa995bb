"""Every write of an income by an agent. Neither an amount nor a status is ever in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.core.subject import Subject
from marelle.families.incomes.rules import COUNTS, MOST_CHILDREN, MOST_EUROS, SAYS_AN_AMOUNT, IncomeKind, Told
from marelle.families.incomes.selectors import incomes_mark
from marelle.families.incomes.writing import income_put, income_row
from marelle.families.models import Income
from marelle.families.models.incomes import SOURCE_LENGTH
from marelle.families.services import file_to_write
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.places.scope import is_office_of

BEFORE = timedelta(days=5 * 366)
AHEAD = timedelta(days=366)
NOTED, CORRECTED = "income.noted", "income.corrected"
WRITES = (NOTED, CORRECTED, "quotient.added", "file.change_accepted", "file.change_undone")
"""The acts that write incomes, which say who was faster."""


class WrongIncome(Refusal):
    """`code`: "amount_missing", "amount_for_nothing", "amount_too_high", "negative", "not_whole",
    "since_far_away", "ends_before_it_begins", "other_authority"; `part` is the field at fault."""

    def __init__(self, code: str, part: str) -> None:
        super().__init__(code)
        self.part = part


@dataclass(frozen=True, slots=True)
class NewIncome:
    """What an agent notes: a fact from a date, until a last day where it has one."""

    kind: IncomeKind
    told: Told
    since: date
    source: str
    until: date | None = None
    authority_id: int | None = None


def income_check(income: NewIncome, *, day: date) -> None:
    """Raises WrongIncome."""
    amount = income.told.amount
    if income.told.status in SAYS_AN_AMOUNT:
        if amount is None:
            raise WrongIncome("amount_missing", "amount")
        if amount < 0:
            raise WrongIncome("negative", "amount")
        if income.kind in COUNTS and amount != amount.to_integral_value():
            raise WrongIncome("not_whole", "amount")
        if amount > (MOST_CHILDREN if income.kind in COUNTS else MOST_EUROS):
            raise WrongIncome("amount_too_high", "amount")
    elif amount is not None:
        raise WrongIncome("amount_for_nothing", "amount")
    if not day - BEFORE <= income.since <= day + AHEAD:
        raise WrongIncome("since_far_away", "since")
    if income.until is not None and income.until < income.since:
        raise WrongIncome("ends_before_it_begins", "until")


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
