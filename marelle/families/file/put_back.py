"""What accepting a change replaced: noted when it is accepted, put back when that is undone.

A field of a column keeps its former value; one of a dated row (address, school) the row that it wrote over
and the one that it wrote; an income the same, on its own row (`ProposedIncome`); somebody who was added,
the rows that were made.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db.models import ForeignObjectRel, Model, Q, QuerySet

from marelle.cases.rules import UNDO_FOR
from marelle.cases.services import CannotUndo
from marelle.core.clock import local
from marelle.core.sealed import Sealed, opened
from marelle.families.fields import BY_CODE, Kind
from marelle.families.file.caf_answers import answer_back
from marelle.families.file.reading import proposed_value, value_now
from marelle.families.file.values import Value
from marelle.families.file.writing import DATED, columns_of, dated_row, value_write
from marelle.families.finding.index import families_index
from marelle.families.models import (
    CafAnswer,
    ChangeRequest,
    Guardianship,
    Income,
    Member,
    Person,
    ProposedIncome,
)

NOTHING_BEFORE: Final[Mapping[str, Any]] = {"amount": None, "status": None, "source": "", "until": None}
"""The columns of an income that writing another over it replaces, where there was none."""


def what_is_replaced(
    change: ChangeRequest, now_held: Value, value: Value, *, day: date
) -> dict[str, Any] | None:
    """What writing `value` is about to replace; None where a dated row begins without one before it."""
    field = BY_CODE[change.field]
    if field.kind in DATED:
        row = dated_row(field, change.family, change.person, since=_since(value), day=day)
        if isinstance(row, Income):
            return {name: getattr(row, name) for name in NOTHING_BEFORE}
        return columns_of(row)
    replaced: dict[str, Any] = dict(now_held)
    if field.kind is Kind.BIRTH and change.person is not None and change.person.expected_on is not None:
        replaced["expected_on"] = change.person.expected_on.isoformat()
    return replaced


def replaced_note(change: ChangeRequest, before: dict[str, Any] | None, value: Value, *, day: date) -> None:
    """Keep it with the change, for its caller to save; an income stays on its own row."""
    field = BY_CODE[change.field]
    since = _since(value)
    if field.kind is Kind.INCOME:
        former = {f"former_{name}": value for name, value in (before or NOTHING_BEFORE).items()}
        ProposedIncome.objects.filter(change=change).update(written_since=since, **former)
    elif field.kind in DATED:
        written = columns_of(dated_row(field, change.family, change.person, since=since, day=day))
        change.replaced = {"since": value.get("since", ""), "before": before, "written": written}
    else:
        change.replaced = before


def put_back(change: ChangeRequest, *, decided_at: datetime, day: date) -> None:
    """Put back what accepting `change` replaced. Raises CannotUndo: "changed" when the file has moved on
    since, "newcomer" when the home has done something with the person who was added."""
    match change.kind:
        case ChangeRequest.Kind.ADD:
            _newcomer_gone(change, day)
        case ChangeRequest.Kind.REMOVE:
            until = date.fromisoformat((change.replaced or {})["until"])
            gone = Member.objects.filter(family_id=change.family_id, person=change.person, until=until)
            if not gone.update(until=None):
                raise CannotUndo("changed")
        case ChangeRequest.Kind.CAF:
            answer_back(change)
        case _:
            _value_back(change, local(decided_at).date(), day)


def proposals_forget(*, now: datetime) -> int:
    """Delete the incomes whose decision can be undone no more: they live where they count, or nowhere.

    Read first: on SQLite a delete waits for the write lock even where there is nothing to delete.
    """
    answered = Q(~Q(change__state=ChangeRequest.State.OPEN), change__decided_at__lte=now - UNDO_FOR)
    return sum(
        rows.filter(pk__in=ids).delete()[0]
        for rows in (ProposedIncome.objects, CafAnswer.objects)
        if (ids := list(rows.filter(answered).values_list("pk", flat=True)))
    )


def _value_back(change: ChangeRequest, decided_on: date, day: date) -> None:
    field = BY_CODE[change.field]
    if field.kind in DATED:
        _row_back(change, decided_on)
        return
    replaced = dict(change.replaced or {})
    if value_now(field, change.family, change.person, day=day) != proposed_value(change):
        raise CannotUndo("changed")
    expected_on = replaced.pop("expected_on", "")
    value_write(field, change.family, change.person, replaced, source="", day=day)
    if expected_on:
        Person.objects.filter(changes=change).update(expected_on=date.fromisoformat(expected_on))


def _row_back(change: ChangeRequest, decided_on: date) -> None:
    field = BY_CODE[change.field]
    noted = _noted_income(change) if field.kind is Kind.INCOME else (change.replaced or {})
    row = dated_row(
        field, change.family, change.person, since=_since({"since": noted["since"]}), day=decided_on
    )
    if row is None or any(_text(getattr(row, name)) != value for name, value in noted["written"].items()):
        raise CannotUndo("changed")
    if noted["before"] is None:
        row.delete()
        return
    for name, value in noted["before"].items():
        setattr(row, name, value)
    row.save(update_fields=[name.removesuffix("_id") for name in noted["before"]])


def _noted_income(change: ChangeRequest) -> dict[str, Any]:
    """Read, and forgotten: the income is a proposal again."""
    held = ProposedIncome.objects.filter(change=change).first()
    if held is None or held.written_since is None:
        raise CannotUndo("too_late")
    former = {f"former_{name}": value for name, value in NOTHING_BEFORE.items()}
    ProposedIncome.objects.filter(pk=held.pk).update(written_since=None, **former)
    before = {name: getattr(held, f"former_{name}") for name in NOTHING_BEFORE}
    return {
        "since": held.written_since.isoformat(),
        "before": None if held.former_amount is None else before,
        "written": {"amount": opened(held.amount)},
    }


def _text(value: Any) -> Any:
    """Two sealed values of one text differ."""
    return opened(value) if isinstance(value, Sealed) else value


def _newcomer_gone(change: ChangeRequest, day: date) -> None:
    """Who was added leaves no trace, unless something was done with it meanwhile.

    The lock is a full one: it waits for whatever is about to point at the person.
    """
    made = change.replaced or {"made": False, "member": 0, "links": []}
    person = Person.objects.select_for_update().filter(pk=change.person_id or 0).first()
    member = Member.objects.filter(pk=made["member"], until=None).first()
    links = Guardianship.objects.filter(pk__in=made["links"])
    if person is None or member is None or links.filter(until=None).count() != len(made["links"]):
        raise CannotUndo("changed")
    if _used(change, person, member, set(made["links"])):
        raise CannotUndo("newcomer")
    ChangeRequest.objects.filter(pk=change.pk).update(person=None)
    change.person = None
    links.delete()
    member.delete()
    if made["made"]:
        person.delete()
    families_index([change.family_id], day=day)


def _used(change: ChangeRequest, person: Person, member: Member, links: set[int]) -> bool:
    """Whether anything else points at the person: anything at all of one who was made, something of this home
    of one who was known elsewhere."""
    if any(_pointing(rel, member).exists() for rel in _relations(Member)):
        return True
    made = (change.replaced or {})["made"]
    for rel in _relations(Person):
        model: type[Model] = rel.related_model
        rows = _pointing(rel, person)
        if not made:
            if not any(one.name == "family" for one in model._meta.fields):
                continue
            rows = rows.filter(family=change.family_id)
        own = {Member: {member.pk}, Guardianship: links, ChangeRequest: {change.pk}}.get(model, set())
        if rows.exclude(pk__in=own).exists():
            return True
    return False


def _relations(model: type[Model]) -> list[Any]:
    fields = model._meta.get_fields(include_hidden=True)
    return [one for one in fields if isinstance(one, ForeignObjectRel) and one.auto_created]


def _pointing(rel: Any, row: Model) -> QuerySet[Any]:
    rows: QuerySet[Any] = rel.related_model._base_manager.filter(**{rel.field.name: row})
    return rows


def _since(value: Mapping[str, str]) -> date | None:
    return date.fromisoformat(value["since"]) if value.get("since") else None
