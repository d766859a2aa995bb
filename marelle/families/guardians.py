"""Who answers for a child, right by right and from a date: what an agent writes from a judgment or a paper.

Of the adults of one home: those of the other home of a child are written there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.families.models import Guardianship, Member, Person
from marelle.families.refusals import NotAllowed, WrongDate
from marelle.families.scope import is_own_file
from marelle.families.selectors import current
from marelle.families.services import file_to_write
from marelle.journal.services import record
from marelle.places.rules import DAY


@dataclass(frozen=True, slots=True)
class Rights:
    """What an adult is to a child and may do for it; an empty `link` is nothing at all."""

    link: str = ""
    has_authority: bool = False
    may_see: bool = False
    may_book: bool = False
    may_fetch: bool = False
    is_told: bool = False


NONE = Rights()


def rights_in_home(family_id: int, child_id: int, *, day: date) -> dict[Person, Rights]:
    """What each adult of the home is to the child, or will be once what is written begins; two queries."""
    rows = Member.objects.filter(current(day), family_id=family_id, kind=Member.Kind.ADULT)
    adults = [row.person for row in rows.select_related("person").order_by("pk")]
    held = Guardianship.objects.filter(child_id=child_id, adult__in=adults, until=None)
    by_adult = {row.adult_id: _rights(row) for row in held}
    return {adult: by_adult.get(adult.pk, NONE) for adult in adults}


@transaction.atomic
def guardians_set(
    *,
    actor: Actor,
    family_id: int,
    child_id: int,
    seen: Mapping[int, Rights],
    wanted: Mapping[int, Rights],
    since: date,
    now: datetime,
) -> int:
    """Write, from `since`, the rights of the home's adults over a child; returns how many changed.

    `seen` is what the page showed, by adult, `wanted` what is to hold. What holds until then is closed the
    day before. Raises NotAllowed, NotYours, ChangedMeanwhile, WrongDate (before what it follows).
    """
    day = local(now).date()
    file_to_write(actor, family_id)
    if is_own_file(actor, family_id=family_id, person_id=child_id, day=day):
        raise NotAllowed("own_file")
    children = Member.objects.filter(
        current(day), family_id=family_id, person_id=child_id, kind=Member.Kind.CHILD
    )
    if not children.exists():
        raise NotYours
    Person.objects.select_for_update(no_key=True).get(pk=child_id)
    held = {adult.pk: rights for adult, rights in rights_in_home(family_id, child_id, day=day).items()}
    if not set(wanted) <= set(held):
        raise NotYours
    if any(seen.get(adult_id, NONE) != held[adult_id] for adult_id in wanted):
        raise ChangedMeanwhile
    changed = [adult_id for adult_id, rights in sorted(wanted.items()) if rights != held[adult_id]]
    for adult_id in changed:
        _put(child_id, adult_id, wanted[adult_id], since)
        subject = Subject("person", child_id, str(Person.objects.get(pk=child_id)))
        data = {"adult": adult_id, "fields": _fields_changed(held[adult_id], wanted[adult_id])}
        record(actor=actor, verb="guardians.set", subject=subject, family_id=family_id, data=data, now=now)
    return len(changed)


def _put(child_id: int, adult_id: int, rights: Rights, since: date) -> None:
    last = Guardianship.objects.filter(child_id=child_id, adult_id=adult_id, until=None).first()
    if last is not None and last.since > since:
        raise WrongDate("begins_before_the_last", since=last.since)
    if last is not None and last.since == since:
        last.delete()
    elif last is not None:
        last.until = since - DAY
        last.save(update_fields=["until"])
    if rights.link:
        Guardianship.objects.create(child_id=child_id, adult_id=adult_id, since=since, **asdict(rights))


def _rights(row: Guardianship) -> Rights:
    return Rights(row.link, row.has_authority, row.may_see, row.may_book, row.may_fetch, row.is_told)


def _fields_changed(before: Rights, after: Rights) -> list[str]:
    old, new = asdict(before), asdict(after)
    return [name for name in old if old[name] != new[name]]
