"""Reading the file of a home: the fields of one sheet, what each holds, and what waits for an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.phones import WrongPhone, phone_stored
from marelle.core.prepared import prepared
from marelle.core.sealed import CannotOpen, Sealed, opened
from marelle.families.fields import FileField, Kind, On, Policy, fields_on, policy_for
from marelle.families.file.policies import policies
from marelle.families.file.values import UNREADABLE, Facts, Value, empty
from marelle.families.incomes.rules import IncomeKind
from marelle.families.models import (
    ChangeRequest,
    Family,
    Guardianship,
    Income,
    Member,
    Person,
    Residence,
    Schooling,
)
from marelle.families.selectors import at_school, bookable_people, current, members, people_seen
from marelle.places.models import School
from marelle.places.rules import school_year_of

ANSWERS_SHOWN = timedelta(days=60)
"""How long an answer stays on the home's page."""

Held = Residence | Income | Schooling
"""The dated rows in which the values of several parts live."""

OWN_FIELDS_OF_ACCOUNT = ("adult.email",)
"""Fields that the account decides, where there is one: its address is confirmed by a link."""


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a sheet. `policy` is what the reader may do; `pending` the change that waits, if any.

    `by_account`: the value is changed in the account's own settings.
    """

    field: FileField
    policy: Policy
    value: Value
    pending: ChangeRequest | None = None
    by_account: bool = False

    @property
    def is_writable(self) -> bool:
        known = self.value.get("amount") != UNREADABLE
        return self.policy in (Policy.FREE, Policy.MODERATED) and not self.by_account and known


@dataclass(frozen=True, slots=True)
class Sheet:
    """The fields of a home (`person` is None) or of one of its people. `facts` are those of `checked`."""

    family: Family
    person: Person | None
    on: On
    lines: tuple[Line, ...]
    facts: Facts
    may_write: bool

    def writable(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_writable) if self.may_write else ()


@dataclass(frozen=True, slots=True)
class Part:
    """All that is held of the home (`person` None) or of one of its people, to be read at once."""

    person: Person | None
    lines: tuple[Line, ...]
    is_child: bool = False


def has_left(family: Family, day: date) -> bool:
    """Whether the home has left: it reads, and writes nothing."""
    return family.left_on is not None and family.left_on <= day


def home_sheet(actor: Actor, *, day: date) -> Sheet | None:
    """The actor's own home; six queries. None for who has none."""
    if actor.family_id is None:
        return None
    family = _home(actor.family_id)
    held: dict[str, Held | None] = {
        "home.address": last_residence(family.pk),
        "home.quotient": last_quotient(family.pk),
    }
    facts = Facts(day=day)
    return Sheet(
        family=family,
        person=None,
        on=On.HOME,
        lines=_lines(actor, On.HOME, family, None, held),
        facts=facts,
        may_write=not has_left(family, day),
    )


def _home(family_id: int) -> Family:
    family = Family.objects.filter(pk=family_id).first()
    if family is None:
        raise Family.DoesNotExist
    return family


def person_sheet(actor: Actor, person_id: int, *, day: date) -> Sheet | None:
    """One of the people of the actor's home; None for anybody else."""
    row = next(iter(_member(actor, person_id, day)), None)
    if row is None:
        return None
    person, is_child = row.person, row.kind == Member.Kind.CHILD
    on = On.CHILD if is_child else On.ADULT
    held: dict[str, Held | None] = {"child.school": schooling_of(person.pk, day)} if is_child else {}
    return Sheet(
        family=row.family,
        person=person,
        on=on,
        lines=_lines(actor, on, row.family, person, held),
        facts=person_facts(person, is_child=is_child, day=day),
        # Adults of the home write about each other; about a child, who may act for it.
        may_write=not has_left(row.family, day) and (not is_child or row.is_mine),
    )


@prepared
def _member(actor: Actor, person_id: int, day: date) -> QuerySet[Any]:
    """With its person and home; `is_mine` when the actor may act for it."""
    mine = bookable_people(actor, day=day).filter(pk=OuterRef("person_id"))
    rows = members(actor, day=day).filter(person_id=person_id).annotate(is_mine=Exists(mine))
    return rows.select_related("person", "family")[:1]


def person_facts(person: Person, *, is_child: bool, day: date) -> Facts:
    """What the checks of a person's fields need: the ages around it, and for a child the schools."""
    if not is_child:
        births = _births_of_wards(person.pk, day)
        return Facts(day=day, wards=tuple(birth for birth in births if birth is not None))
    births = _births_of_parents(person.pk, day)
    return Facts(
        day=day,
        is_child=True,
        elders=tuple(birth for birth in births if birth is not None),
        schools=school_names(),
    )


@prepared
def _births_of_wards(adult_id: int, day: date) -> QuerySet[Guardianship, date | None]:
    wards = Guardianship.objects.filter(current(day), adult_id=adult_id)
    return wards.values_list("child__birth_date", flat=True)


@prepared
def _births_of_parents(child_id: int, day: date) -> QuerySet[Guardianship, date | None]:
    parents = (Guardianship.Link.MOTHER, Guardianship.Link.FATHER)
    elders = Guardianship.objects.filter(current(day), child_id=child_id, link__in=parents)
    return elders.values_list("adult__birth_date", flat=True)


def school_names() -> dict[int, str]:
    """Every school by id; one query."""
    return dict(School.objects.values_list("pk", "name"))


def facts_of_line(sheet: Sheet, line: Line) -> Facts:
    """The facts for one field: a dated one knows since when its value holds."""
    since = line.value.get("since", "")
    known = date.fromisoformat(since) if since else None
    facts = sheet.facts
    return Facts(facts.day, facts.is_child, facts.elders, facts.wards, known, facts.schools)


def whole_file(actor: Actor, *, day: date) -> tuple[Part, ...]:
    """The home and its people with every field that may be read; six queries, however many they are."""
    if actor.family_id is None:
        return ()
    family = _home(actor.family_id)
    rows = people_seen(actor, day)
    children = [row.person_id for row in rows if row.kind == Member.Kind.CHILD]
    schooling = schooling_by_child(children, day)
    chosen = policies()
    by_agent = actor.on_behalf_of
    home: dict[str, Held | None] = {
        "home.address": last_residence(family.pk),
        "home.quotient": last_quotient(family.pk),
    }
    parts = [Part(None, _read(On.HOME, family, None, home, chosen, by_agent=by_agent))]
    for row in rows:
        on = On.CHILD if row.kind == Member.Kind.CHILD else On.ADULT
        held: dict[str, Held | None] = {"child.school": schooling.get(row.person_id)}
        lines = _read(on, family, row.person, held, chosen, by_agent=by_agent)
        parts.append(Part(row.person, lines, is_child=on is On.CHILD))
    return tuple(parts)


def value_held(
    field: FileField,
    family: Family,
    person: Person | None,
    held: Held | None = None,
) -> Value:
    """The canonical value of a field: of its column, or of the dated row `held`."""
    if field.column:
        return {"value": _column_text(field, family if person is None else person)}
    match held:
        case Residence():
            return {
                "street": held.street,
                "postal_code": held.postal_code,
                "city": held.city,
                "since": held.since.isoformat(),
            }
        case Income():
            return {"amount": amount_text(held.amount), "since": held.since.isoformat()}
        case Schooling():
            return {"school": str(held.school_id), "level": held.level, "teacher": held.teacher}
        case _:
            return empty(field)


def value_now(field: FileField, family: Family, person: Person | None, *, day: date) -> Value:
    """The value of one field as the database has it."""
    held: Held | None = None
    if field.kind is Kind.ADDRESS:
        held = last_residence(family.pk)
    elif field.kind is Kind.INCOME:
        held = last_quotient(family.pk)
    elif field.kind is Kind.SCHOOL and person is not None:
        held = schooling_of(person.pk, day)
    return value_held(field, family, person, held)


def last_residence(family_id: int) -> Residence | None:
    """The last address known, one announced for later included."""
    return next(iter(_last_residence(family_id)), None)


@prepared
def _last_residence(family_id: int) -> QuerySet[Residence]:
    return Residence.objects.filter(family_id=family_id).order_by("-since", "-pk")[:1]


def last_quotient(family_id: int) -> Income | None:
    """The last quotient known of a home, whichever authority asks; one announced for later included."""
    return next(iter(_last_quotient(family_id)), None)


@prepared
def _last_quotient(family_id: int) -> QuerySet[Income]:
    rows = Income.objects.filter(family_id=family_id, kind=IncomeKind.QUOTIENT, authority=None)
    return rows.order_by("-since", "-pk")[:1]


def schooling_of(child_id: int, day: date) -> Schooling | None:
    return next(iter(_schooling([child_id], school_year_of(day), day)), None)


def schooling_by_child(child_ids: Collection[int], day: date) -> dict[int, Schooling]:
    """Where these children go to school in the year of `day`, with the school; one query."""
    return {row.child_id: row for row in _schooling(child_ids, school_year_of(day), day)}


@prepared
def _schooling(child_ids: Collection[int], school_year: int, day: date) -> QuerySet[Schooling]:
    """At most one of each child, with its school."""
    rows = Schooling.objects.filter(at_school(day), child_id__in=child_ids, school_year=school_year)
    return rows.select_related("school")


def changes_seen(actor: Actor, *, day: date) -> QuerySet[ChangeRequest]:
    """The changes of the actor's home about whom it may see."""
    if actor.family_id is None:
        return ChangeRequest.objects.none()
    visible = members(actor, day=day).values("person_id")
    return ChangeRequest.objects.filter(
        Q(person__isnull=True) | Q(person_id__in=visible), family_id=actor.family_id
    ).select_related("person", "income", "proof")


def changes_open(actor: Actor, *, day: date) -> QuerySet[ChangeRequest]:
    """Those of them that wait for an answer."""
    return changes_seen(actor, day=day).filter(state=ChangeRequest.State.OPEN)


def changes_refused(actor: Actor, *, day: date, since: datetime) -> QuerySet[ChangeRequest]:
    """Those of them that were refused since an instant."""
    return changes_seen(actor, day=day).filter(state=ChangeRequest.State.REFUSED, decided_at__gte=since)


def changes_waiting(actor: Actor, *, day: date) -> tuple[ChangeRequest, ...]:
    """What waits for an answer, the oldest first; one query."""
    return tuple(_changes_waiting(actor, day))


@prepared
def _changes_waiting(actor: Actor, day: date) -> QuerySet[ChangeRequest]:
    return changes_open(actor, day=day).order_by("asked_at", "pk")


def changes_answered(actor: Actor, *, now: datetime, day: date) -> tuple[ChangeRequest, ...]:
    """What was answered lately, the newest first; one query."""
    return tuple(_changes_answered(actor, day, now - ANSWERS_SHOWN))


@prepared
def _changes_answered(actor: Actor, day: date, since: datetime) -> QuerySet[ChangeRequest]:
    answered = changes_seen(actor, day=day).filter(
        state__in=(ChangeRequest.State.ACCEPTED, ChangeRequest.State.REFUSED), decided_at__gte=since
    )
    return answered.order_by("-decided_at", "-pk")[:10]


def proposed_value(change: ChangeRequest) -> Value:
    """What a change of a field proposes; an income is read where it lives."""
    income = getattr(change, "income", None)
    if income is not None:
        return {"amount": amount_text(income.amount), "since": income.since.isoformat()}
    return dict(change.new)


def value_seen(change: ChangeRequest) -> Value:
    """What the home saw when it proposed the change."""
    income = getattr(change, "income", None)
    if income is None:
        return dict(change.old)
    if income.seen_since is None:
        return {"amount": "", "since": ""}
    return {"amount": amount_text(income.seen), "since": income.seen_since.isoformat()}


def amount_text(sealed: Sealed | None) -> str:
    """An amount as values hold it; what no key opens says so, and the rest of the page stands."""
    try:
        return "" if sealed is None else opened(sealed)
    except CannotOpen:
        return UNREADABLE


def _lines(
    actor: Actor,
    on: On,
    family: Family,
    person: Person | None,
    held: Mapping[str, Held | None],
) -> tuple[Line, ...]:
    changes = _fields_pending(family.pk, None if person is None else person.pk)
    pending = {row.field: row for row in changes}
    lines = _read(on, family, person, held, policies(), by_agent=actor.on_behalf_of)
    return tuple(replace(line, pending=pending.get(line.field.code)) for line in lines)


def _read(
    on: On,
    family: Family,
    person: Person | None,
    held: Mapping[str, Held | None],
    chosen: Mapping[str, str],
    *,
    by_agent: bool,
) -> tuple[Line, ...]:
    has_account = person is not None and person.account_id is not None
    return tuple(
        Line(
            field=field,
            policy=policy,
            value=value_held(field, family, person, held.get(field.code)),
            by_account=has_account and field.code in OWN_FIELDS_OF_ACCOUNT,
        )
        for field in _fields(on, person)
        if (policy := policy_for(field, chosen, by_agent=by_agent)) is not Policy.HIDDEN
    )


def _fields(on: On, person: Person | None) -> Iterable[FileField]:
    """A child who is born has no term, one to come is at no school."""
    for field in fields_on(on):
        if field.kind is Kind.TERM and (person is None or person.birth_date is not None):
            continue
        if field.kind is Kind.SCHOOL and (person is None or person.birth_date is None):
            continue
        yield field


@prepared
def _fields_pending(family_id: int, person_id: int | None) -> QuerySet[ChangeRequest]:
    whose = Q(person=None) if person_id is None else Q(person_id=person_id)
    return ChangeRequest.objects.filter(
        whose,
        family_id=family_id,
        kind=ChangeRequest.Kind.FIELD,
        state=ChangeRequest.State.OPEN,
    ).select_related("income", "proof")


def _column_text(field: FileField, row: Family | Person) -> str:
    value = getattr(row, field.column)
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if field.kind is Kind.PHONE:
        try:
            return phone_stored(value)
        except WrongPhone:
            return str(value)
    return str(value)
