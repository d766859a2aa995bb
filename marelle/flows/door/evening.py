"""Where the list of the next day of each structure goes, when, and by which password it is read.

The office says where it goes, since it answers for what leaves the portal; the director has the password,
since a team reads health and an office does not.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Final

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from marelle.attendance.tablets import CODE_SIGNS
from marelle.bookings.saving.locks import lock
from marelle.core.actor import Actor, Role
from marelle.core.refusals import NotYours, Refusal
from marelle.core.sealed import CannotOpen, Unreadable
from marelle.core.subject import Subject
from marelle.flows.door import evening_folder
from marelle.flows.models import Evening, EveningList
from marelle.journal.edits import Shown, row_change
from marelle.journal.services import record
from marelle.mail.models import Message
from marelle.places.models import Structure
from marelle.places.scope import in_charge, is_office_of, may_decide

GROUPS: Final = 4
GROUP_SIGNS: Final = 4
"""Eighty bits in all: enough against who tries offline for years."""

SET: Final = "evening.set"
PASSWORD_READ: Final = "evening.password_read"  # noqa: S105 - verbs of the journal
PASSWORD_RENEWED: Final = "evening.password_renewed"  # noqa: S105


class Why(StrEnum):
    """Why a password is made anew."""

    OPENED = "opened"
    LEFT = "left"
    EVERY_YEAR = "every_year"
    LOST = "lost"


class EveningRefused(Refusal):
    """`code`: "no_folder", the machine has none; "nowhere", no list goes anywhere; "closed", nothing is open
    on that day, or it is none of those that may be asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """A structure that the actor answers for. `evening` is None as long as nobody has set it, `last` as long
    as no list has left, `mail` where that was sent by none; `may_set`: the actor is its office; `directs`: it
    has the password."""

    structure: Structure
    evening: Evening | None
    last: EveningList | None
    mail: Message | None
    may_set: bool
    directs: bool

    @property
    def is_on(self) -> bool:
        return self.evening is not None and goes_somewhere(self.evening)


def goes_somewhere(evening: Evening) -> bool:
    return bool(evening.to) or evening.in_folder


SOMEWHERE: Final = ~Q(to="") | Q(in_folder=True)
"""The same, as a condition."""


def places(actor: Actor) -> list[Place]:
    """Those of the actor, in their order; three queries."""
    return _places(actor, _structures(actor))


def place(actor: Actor, structure_id: int) -> Place:
    """Raises NotYours."""
    found = _places(actor, _structures(actor).filter(pk=structure_id))
    if not found:
        raise NotYours
    return found[0]


def mails_of(lists: Iterable[EveningList]) -> dict[int, Message]:
    """The mails of these lists that are still known, by id, without what is attached; one query, or none."""
    ids = {one.mail_id for one in lists if one.mail_id is not None}
    rows = Message.objects.filter(pk__in=ids).only("state", "sent_at", "next_attempt_at")
    return {one.pk: one for one in rows} if ids else {}


def _structures(actor: Actor) -> QuerySet[Structure]:
    if not may_decide(actor):
        return Structure.objects.none()
    rows = Structure.objects.filter(in_charge(actor)).select_related("authority", "evening")
    return rows.order_by("order", "name", "pk")


def _places(actor: Actor, structures: Iterable[Structure]) -> list[Place]:
    found = list(structures)
    latest = EveningList.objects.filter(structure=OuterRef("structure")).order_by("-made_at")
    rows = EveningList.objects.filter(structure__in=found, pk=Subquery(latest.values("pk")[:1]))
    lists = {one.structure_id: one for one in rows}
    mails = mails_of(lists.values())
    return [_place(actor, one, lists.get(one.pk), mails) for one in found]


def _place(
    actor: Actor, structure: Structure, last: EveningList | None, mails: Mapping[int, Message]
) -> Place:
    return Place(
        structure=structure,
        evening=getattr(structure, "evening", None),
        last=last,
        mail=mails.get(last.mail_id) if last is not None and last.mail_id is not None else None,
        may_set=is_office_of(actor, structure.authority_id),
        directs=structure.pk in actor.structures(Role.DIRECTOR),
    )


@transaction.atomic
def evening_set(
    *,
    actor: Actor,
    structure_id: int,
    hour: time,
    to: str,
    in_folder: bool,
    seen: Shown | None = None,
    now: datetime,
) -> tuple[str, ...]:
    """Say where the lists of a structure go, and when. Returns the names of what changed; the first time a
    password is made.

    `seen` is what the form showed. Raises NotYours, EveningRefused ("no_folder"), ChangedMeanwhile,
    NotPossible, CannotSeal.
    """
    structure = lock(Structure.objects.filter(pk=structure_id)).first()
    if structure is None or not is_office_of(actor, structure.authority_id):
        raise NotYours
    if in_folder and not evening_folder.is_there():
        raise EveningRefused("no_folder")
    row = Evening.objects.filter(structure=structure).first() or _new(structure, now)
    changes = {"hour": hour, "to": to, "in_folder": in_folder}
    subject = Subject("structure", structure.pk, structure.name)
    changed = row_change(row, changes, subject=subject, seen=seen, verbs=(SET,))
    if changed:
        Evening.objects.filter(pk=row.pk).update(set_at=now)
        data = {"fields": list(changed), "to": to}
        record(actor=actor, verb=SET, subject=subject, data=data, now=now)
    return changed


def _new(structure: Structure, now: datetime) -> Evening:
    return Evening(structure=structure, password=password_made(), password_at=now, set_at=now)


def password_made() -> str:
    """ "K7QM-4T9X-HJ2W-9PRD": to be typed from paper."""
    signs = ("".join(secrets.choice(CODE_SIGNS) for _sign in range(GROUP_SIGNS)) for _group in range(GROUPS))
    return "-".join(signs)


@transaction.atomic
def password_read(*, actor: Actor, structure_id: int, now: datetime) -> Evening:
    """The password of a structure that the actor directs; written down. Raises NotYours, CannotOpen."""
    evening = _directed(actor, structure_id)
    if isinstance(evening.password, Unreadable):
        raise CannotOpen
    _note(actor, PASSWORD_READ, evening, {}, now)
    return evening


@transaction.atomic
def password_renew(
    *, actor: Actor, structure_id: int, why: Why, seen: str | None = None, now: datetime
) -> Evening:
    """Another password for the lists that leave from now on: the one before opens those that have left.

    `seen`: when the password was made that the form replaces. Twice is once: sent again, it makes no other.
    Raises NotYours, CannotSeal.
    """
    evening = _directed(actor, structure_id)
    if seen is None or seen == evening.password_at.isoformat():
        evening.password, evening.password_at = password_made(), now
        evening.save(update_fields=["password", "password_at"])
        _note(actor, PASSWORD_RENEWED, evening, {"why": why.value}, now)
    return evening


def _directed(actor: Actor, structure_id: int) -> Evening:
    rows = Evening.objects.filter(structure_id=structure_id).select_related("structure")
    evening = lock(rows).first() if structure_id in actor.structures(Role.DIRECTOR) else None
    if evening is None:
        raise NotYours
    return evening


def _note(actor: Actor, verb: str, evening: Evening, data: dict[str, str], now: datetime) -> None:
    subject = Subject("structure", evening.structure_id, evening.structure.name)
    record(actor=actor, verb=verb, subject=subject, data=data, now=now)
