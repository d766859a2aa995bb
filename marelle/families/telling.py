"""Whom a mail about a home or a child goes to: the one place that says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from marelle.accounts.notices import Notice, wants
from marelle.accounts.stopping import stop_address
from marelle.core.clock import local
from marelle.families.models import Family, Member, Person
from marelle.families.selectors import current, rights
from marelle.mail.models import Message
from marelle.mail.services import Draft, queue_many
from marelle.places.selectors import portal_authority


@dataclass(frozen=True, slots=True)
class Addressee:
    """An adult to write to; without an `email` it is a letter that the office prints. `account_id` is the one
    whose choices of mails count; None for who has none."""

    person_id: int
    name: str
    email: str
    account_id: int | None


def addressees(
    *, family_id: int, child_id: int | None = None, notice: Notice | None = None, now: datetime
) -> tuple[Addressee, ...]:
    """The adults of the home who are told; one query.

    With `child_id`, those among them who are its guardians, may see it and are told. With `notice`, those
    whose account wants that kind of mail, and nobody gets a letter for it. An address that two share comes
    once. Where nobody has an address, one letter goes to the first adult.
    """
    day = local(now).date()
    adults = Member.objects.filter(current(day), family_id=family_id, kind=Member.Kind.ADULT)
    if child_id is not None:
        adults = adults.filter(
            Exists(
                rights(day).filter(
                    adult_id=OuterRef("person_id"), child_id=child_id, may_see=True, is_told=True
                )
            )
        )
    rows = adults.select_related("person__account").order_by("pk")
    return _told([_adult(row.person) for row in rows], notice, letter=notice is None)


def addressees_of_children(
    pairs: Collection[tuple[int, int]], *, now: datetime
) -> dict[tuple[int, int], tuple[Addressee, ...]]:
    """The same for many (home, child) at once, without a notice; one query whatever their number."""
    day = local(now).date()
    rows = (
        rights(day)
        .filter(
            current(day, "adult__memberships__"),
            child_id__in={child_id for _family, child_id in pairs},
            adult__memberships__kind=Member.Kind.ADULT,
            adult__memberships__family_id__in={family_id for family_id, _child in pairs},
            may_see=True,
            is_told=True,
        )
        .order_by("adult__memberships__pk")
        .values_list(
            "adult__memberships__family_id",
            "child_id",
            "adult_id",
            "adult__first_name",
            "adult__last_name",
            "adult__email",
            "adult__account_id",
            "adult__account__notices",
        )
    )
    adults: dict[tuple[int, int], list[_Adult]] = {}
    for home_id, child_id, adult_id, first, last, email, account_id, notices in rows:
        adult = _Adult(adult_id, f"{first} {last}", email, account_id, notices or {})
        adults.setdefault((home_id, child_id), []).append(adult)
    return {pair: _told(adults.get(pair, []), None, letter=True) for pair in pairs}


def addressees_of_homes(
    homes: Collection[int] | QuerySet[Family, int], *, notice: Notice | None, letter: bool, now: datetime
) -> Iterator[tuple[int, tuple[Addressee, ...]]]:
    """Each home that has an adult, by id, with whom a mail to its adults goes to; one query, streamed.

    `notice` as in `addressees`. With `letter`, a home where nobody has an address gets one.
    """
    adults = Member.objects.filter(current(local(now).date()), family_id__in=homes, kind=Member.Kind.ADULT)
    rows = adults.order_by("family_id", "pk").values_list(
        "family_id",
        "person_id",
        "person__first_name",
        "person__last_name",
        "person__email",
        "person__account_id",
        "person__account__notices",
    )
    for family_id, group in groupby(rows.iterator(), key=itemgetter(0)):
        people = [
            _Adult(person_id, f"{first} {last}", email, account_id, notices or {})
            for _family, person_id, first, last, email, account_id, notices in group
        ]
        yield family_id, _told(people, notice, letter=letter)


def draft_to(
    one: Addressee,
    context: Mapping[str, Any],
    family_id: int,
    notice: Notice | None = None,
    *,
    about: Collection[int] = (),
) -> Draft:
    """The mail of one addressee; that of a `notice` says where it is stopped. `about`: of which children."""
    stop_url = stop_address(one.account_id, notice)
    return Draft(one.email, {**context, "to_name": one.name}, family_id, stop_url, tuple(about))


def tell_home(
    *,
    kind: str,
    context: Mapping[str, Any],
    family_id: int,
    child_id: int | None = None,
    notice: Notice | None = None,
    now: datetime,
) -> list[Message]:
    """Write the mail `kind` to the `addressees`; `to_name` in the context is each one's name."""
    told = addressees(family_id=family_id, child_id=child_id, notice=notice, now=now)
    about = () if child_id is None else (child_id,)
    drafts = [draft_to(one, context, family_id, notice, about=about) for one in told]
    return queue_many(kind=kind, drafts=drafts, now=now) if drafts else []


def tell_homes(
    *,
    kind: str,
    context: Mapping[str, Any],
    family_ids: Collection[int],
    notice: Notice,
    now: datetime,
) -> list[Message]:
    """Write the same mail to many homes: those of its adults who want that kind of mail; no letter."""
    told = addressees_of_homes(family_ids, notice=notice, letter=False, now=now)
    drafts = [draft_to(one, context, family_id, notice) for family_id, people in told for one in people]
    return queue_many(kind=kind, drafts=drafts, now=now) if drafts else []


def service_contacts() -> dict[str, str]:
    """How a mail says whom to ask: the authority of the portal, each part "" where there is none."""
    authority = portal_authority()
    if authority is None:
        return {"service": "", "email": "", "phone": ""}
    return {"service": authority.name, "email": authority.email, "phone": authority.phone}


class _Adult(NamedTuple):
    id: int
    name: str
    email: str
    account_id: int | None
    notices: Mapping[str, bool]


def _adult(person: Person) -> _Adult:
    account = person.account
    notices = account.notices if account is not None else {}
    return _Adult(person.pk, str(person), person.email, person.account_id, notices)


def _told(adults: Sequence[_Adult], notice: Notice | None, *, letter: bool) -> tuple[Addressee, ...]:
    """Of the adults of one home, those to write to."""
    found: dict[str, Addressee] = {}
    for adult in adults:
        if adult.email and (notice is None or wants(adult.notices, notice)):
            found.setdefault(
                adult.email.lower(), Addressee(adult.id, adult.name, adult.email, adult.account_id)
            )
    if found or not letter or not adults or any(adult.email for adult in adults):
        return tuple(found.values())
    return (Addressee(adults[0].id, adults[0].name, "", adults[0].account_id),)
