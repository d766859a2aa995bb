"""What the CAF or the MSA said of a home: proposed as a change of its file, written once it is accepted.

Its amounts are sealed, as incomes are: none is in the change, in the journal nor in a mail.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marelle.cases.services import CannotUndo
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.sealed import CannotOpen, Sealed, opened, seal
from marelle.families.caf.rules import Identity, Said, identity_of, identity_told, said_of, said_told
from marelle.families.file.changes import change_case_open, change_make, change_replace
from marelle.families.file.labels import caf_source, what_text
from marelle.families.incomes.rules import (
    IncomeRow,
    IncomeStatus,
    NewIncome,
    Told,
    income_check,
    last_begun,
)
from marelle.families.incomes.selectors import row_of
from marelle.families.incomes.writing import income_put, income_row
from marelle.families.models import CafAgreement, CafAnswer, ChangeRequest, Income


@dataclass(frozen=True, slots=True)
class Answer:
    """`received` is the day on which `said` was heard, of whom `identity` tells. Never shown to the home
    before an agent has accepted it: somebody may have told another's identity as its own."""

    said: Said
    identity: Identity
    certified: bool
    received: date

    @property
    def since(self) -> date:
        """From when its amounts count unless the agent says otherwise: the quotient's month; resources, which
        are of two years ago, from the month in which they were heard."""
        return self.said.month or self.received.replace(day=1)

    @property
    def source(self) -> str:
        return caf_source(self.said, self.received)


def answer_propose(
    *, actor: Actor, agreement: CafAgreement, identity: Identity, said: Said, now: datetime
) -> None:
    """What was said waits for an agent, in the place of what waited unless it says the same, in the
    transaction of who holds the home's lock. Raises CannotSeal."""
    kind = ChangeRequest.Kind.CAF
    former = (
        ChangeRequest.objects.select_related("caf_answer")
        .filter(
            family_id=agreement.family_id,
            person_id=agreement.person_id,
            kind=kind,
            field=said.what.value,
            state=ChangeRequest.State.OPEN,
        )
        .first()
    )
    if former is not None:
        if _says(former, said, identity):
            return
        change_replace(actor=actor, change=former, now=now)
    change = change_make(actor, agreement.family, agreement.person, kind, now, field=said.what.value)
    told = {
        "said": said_told(said),
        "identity": identity_told(identity),
        "certified": agreement.certified,
        "received": local(now).date().isoformat(),
    }
    CafAnswer.objects.create(change=change, said=seal(json.dumps(told)))
    change_case_open(actor, change, f"{agreement.person} · {what_text(said.what)}", now)


def _says(change: ChangeRequest, said: Said, identity: Identity) -> bool:
    try:
        waits = answer_of(change)
    except CannotOpen:
        return False
    return waits is not None and (waits.said, waits.identity) == (said, identity)


def answer_of(change: ChangeRequest) -> Answer | None:
    """None once it is gone. Raises CannotOpen."""
    held = getattr(change, "caf_answer", None)
    if held is None:
        return None
    told = json.loads(opened(held.said))
    return Answer(
        said_of(told["said"]),
        identity_of(told["identity"]),
        bool(told["certified"]),
        date.fromisoformat(told["received"]),
    )


def is_known(family_id: int, said: Said, *, day: date) -> bool:
    """Whether all that was said is held on `day` already, as proved."""
    held = {row.kind: row.told for row in held_beside(family_id, said, day=day)}
    return all(held.get(kind) == Told(IncomeStatus.PROVED, amount) for kind, amount in said.amounts.items())


def held_beside(family_id: int, said: Said, *, day: date) -> tuple[IncomeRow, ...]:
    """What is held on `day` of the kinds that were said."""
    rows = _rows(family_id)
    found = (last_begun(rows, kind, day) for kind in said.amounts)
    return tuple(row for row in found if row is not None)


def answer_accept(change: ChangeRequest, answer: Answer, *, since: date, day: date) -> None:
    """Its amounts become incomes from `since` on. Raises WrongIncome, CannotSeal."""
    former: dict[str, Any] = {}
    for kind, amount in answer.said.amounts.items():
        told = Told(IncomeStatus.PROVED, amount)
        income_check(NewIncome(kind, told, since, answer.source), day=day)
        former[kind.value] = _columns(income_row(change.family_id, kind, since))
        income_put(change.family_id, kind, told, since=since, source=answer.source)
    CafAnswer.objects.filter(change=change).update(written_since=since, former=seal(json.dumps(former)))


def answer_back(change: ChangeRequest) -> None:
    """What accepting it wrote is taken away, and what that replaced is back. Raises CannotUndo."""
    answer, held = answer_of(change), CafAnswer.objects.filter(change=change).first()
    if answer is None or held is None or held.former is None or held.written_since is None:
        raise CannotUndo("too_late")
    former: dict[str, Any] = json.loads(opened(held.former))
    for kind, amount in answer.said.amounts.items():
        row = income_row(change.family_id, kind, held.written_since)
        if row is None or row.told != Told(IncomeStatus.PROVED, amount):
            raise CannotUndo("changed")
        before = former[kind.value]
        if before is None:
            row.delete()
            continue
        row.status, row.amount = Sealed(before["status"]), Sealed(before["amount"])
        row.source = before["source"]
        row.until = date.fromisoformat(before["until"]) if before["until"] else None
        row.save(update_fields=["status", "amount", "source", "until"])
    CafAnswer.objects.filter(pk=held.pk).update(written_since=None, former=None)


def _columns(row: Income | None) -> dict[str, str] | None:
    if row is None:
        return None
    until = row.until.isoformat() if row.until else ""
    return {"status": row.status.token, "amount": row.amount.token, "source": row.source, "until": until}


def _rows(family_id: int) -> tuple[IncomeRow, ...]:
    held = Income.objects.filter(family_id=family_id, authority=None)
    return tuple(row_of(row, reads=True) for row in held)
