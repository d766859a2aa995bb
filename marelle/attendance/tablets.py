"""Tablets at a door: enrolled and revoked by who answers for the structure; PINs of those who share one."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction

from marelle.accounts.models import User
from marelle.accounts.services.attempts import attempt_begin_tablet, attempt_end
from marelle.accounts.tokens import hash_of, new_token
from marelle.attendance.models import NAME_LENGTH, Pin, Tablet, TabletQuerySet
from marelle.attendance.refusals import NameMissing, NameTaken, WrongCode, WrongPin
from marelle.attendance.scope import team_of
from marelle.bookings.saving.locks import lock
from marelle.core.actor import Actor
from marelle.core.direction import TURNING
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.origin import Origin
from marelle.journal.services import NOWHERE, record
from marelle.places.models import Post, Structure
from marelle.places.scope import answers_for, in_charge, may_decide

WRONG_AT_MOST: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
CODE_SIGNS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are read for others."""
CODE_LENGTH: Final = 8
CODE_LIFE: Final = timedelta(minutes=15)
TABLET_COOKIE: Final = f"{settings.COOKIE_BELOW}marelle-porte"
DUTY_COOKIE: Final = f"{settings.COOKIE_BELOW}marelle-porte-service"
SEEN_EVERY: Final = timedelta(minutes=5)
FIRST_TRIED: Final = frozenset({"1234", "4321", "12345", "54321", "123456", "654321"})


class PinAnswer(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    NOT_SET = "not_set"
    NOT_HERE = "not_here"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a PIN opens. `left` tries before it is locked; `until` when it is tried again."""

    answer: PinAnswer
    left: int = 0
    until: datetime | None = None


def tablets_in_charge(actor: Actor) -> TabletQuerySet:
    """Tablets of the structures that the actor answers for; an animator none."""
    if not may_decide(actor):
        return Tablet.objects.none()
    return Tablet.objects.filter(in_charge(actor, "structure__")).select_related("structure")


def tablet_of(secret: str) -> Tablet | None:
    """The tablet that holds this secret, revoked or not: what it brings is kept all the same."""
    return Tablet.objects.select_related("structure").filter(secret_digest=hash_of(secret)).first()


@transaction.atomic
def tablet_enrol(*, actor: Actor, structure_id: int, name: str, now: datetime) -> tuple[Tablet, str]:
    """Let a device tick at the door of a structure. Its secret is given here and never again.

    Raises NotYours, NameMissing, NameTaken.
    """
    name = " ".join(TURNING.sub("", name).split())[:NAME_LENGTH]
    if not name:
        raise NameMissing
    structure = Structure.objects.filter(pk=structure_id).filter(in_charge(actor)).first()
    if structure is None:
        raise NotYours
    secret = new_token()
    try:
        with transaction.atomic():
            tablet = Tablet.objects.create(
                structure=structure,
                name=name,
                secret_digest=hash_of(secret),
                enrolled_at=now,
                enrolled_by=actor.label[:150],
            )
    except IntegrityError as error:
        raise NameTaken from error
    _note(actor, "tablet.enrolled", tablet, now)
    return tablet, secret


@transaction.atomic
def tablet_code(*, actor: Actor, tablet_id: int, now: datetime) -> tuple[Tablet, str]:
    """A code to type on the device within a quarter of an hour; any earlier one opens nothing any more.

    Raises NotYours, of a revoked tablet too.
    """
    pk = tablets_in_charge(actor).live().filter(pk=tablet_id).values_list("pk", flat=True).first()
    if pk is None:
        raise NotYours
    tablet = lock(Tablet.objects.filter(pk=pk)).get()
    code = "".join(secrets.choice(CODE_SIGNS) for _sign in range(CODE_LENGTH))
    tablet.code_digest, tablet.code_until = hash_of(code), now + CODE_LIFE
    tablet.save(update_fields=["code_digest", "code_until"])
    return tablet, code


def tablet_claim(*, code: str, origin: Origin = NOWHERE, now: datetime) -> tuple[Tablet, str]:
    """The device that has the code takes a secret of its own, given here and never again; the code is spent.

    A tablet that had one before loses it: it is the same, on another device. Raises WrongCode, and accounts'
    TooManyAttempts. Never call it in a transaction: failures must stay counted.
    """
    typed = re.sub(r"[^A-Z0-9]", "", code.upper())
    attempt = attempt_begin_tablet(code=typed, origin=origin, now=now)
    with transaction.atomic():
        claimed = _claimed(typed, now)
        attempt_end(attempt)
    return claimed


def _claimed(typed: str, now: datetime) -> tuple[Tablet, str]:
    waiting = Tablet.objects.live().filter(code_digest=hash_of(typed), code_until__gt=now)
    tablet = lock(waiting).first() if typed else None
    if tablet is None:
        raise WrongCode
    secret = new_token()
    tablet.secret_digest, tablet.code_digest, tablet.code_until = hash_of(secret), "", None
    tablet.seen_at = now
    tablet.save(update_fields=["secret_digest", "code_digest", "code_until", "seen_at"])
    return tablet, secret


def tablet_seen(tablet: Tablet, *, now: datetime) -> None:
    """Note, coarsely, when the device was last there."""
    if tablet.seen_at is None or now - tablet.seen_at >= SEEN_EVERY:
        Tablet.objects.filter(pk=tablet.pk).update(seen_at=now)


@transaction.atomic
def tablet_revoke(*, actor: Actor, tablet_id: int, now: datetime) -> Tablet:
    """Take a device its right away; what it still brings is kept and does not count. Twice is once.

    Raises NotYours.
    """
    pk = tablets_in_charge(actor).filter(pk=tablet_id).values_list("pk", flat=True).first()
    if pk is None:
        raise NotYours
    tablet = lock(Tablet.objects.filter(pk=pk)).get()
    if tablet.revoked_at is None:
        tablet.revoked_at, tablet.revoked_by = now, actor.label[:150]
        tablet.save(update_fields=["revoked_at", "revoked_by"])
        _note(actor, "tablet.revoked", tablet, now)
    return tablet


@transaction.atomic
def pin_set(*, actor: Actor, pin: str, now: datetime) -> None:
    """Choose one's own PIN, once logged in. Raises NotYours without a post, WrongPin."""
    if actor.user_id is None or not actor.is_staff:
        raise NotYours
    if not re.fullmatch(r"[0-9]{4,6}", pin) or len(set(pin)) == 1 or pin in FIRST_TRIED:
        raise WrongPin
    Pin.objects.update_or_create(
        account_id=actor.user_id,
        defaults={"digest": make_password(pin), "set_at": now, "wrong": 0, "locked_until": None},
    )
    subject = Subject("account", actor.user_id, actor.label)
    record(actor=actor, verb="pin.set", subject=subject, now=now)


@transaction.atomic
def pin_forget(*, actor: Actor, account_id: int, now: datetime) -> None:
    """Take the PIN of a colleague whose post the actor gives: it chooses another. Raises NotYours."""
    held = Post.objects.filter(answers_for(actor), user_id=account_id)
    if not may_decide(actor) or not held.exists():
        raise NotYours
    if Pin.objects.filter(account_id=account_id).delete()[0]:
        subject = Subject("account", account_id, str(User.objects.get(pk=account_id)))
        record(actor=actor, verb="pin.forgotten", subject=subject, now=now)


@transaction.atomic
def pin_check(*, tablet: Tablet, account_id: int, pin: str, now: datetime) -> Checked:
    """Whether this is the PIN of somebody of the tablet's team; five wrong ones lock it for a while.

    Its answer is also what was written: whoever calls must not roll it back.
    """
    mate = team_of(tablet.structure_id).get(account_id)
    if mate is None or not mate.works or tablet.revoked_at is not None:
        return Checked(PinAnswer.NOT_HERE)
    row = lock(Pin.objects.filter(account_id=account_id)).first()
    if row is None:
        return Checked(PinAnswer.NOT_SET)
    if row.locked_until is not None and now < row.locked_until:
        return Checked(PinAnswer.LOCKED, until=row.locked_until)
    if check_password(pin, row.digest):
        row.wrong, row.locked_until = 0, None
        row.save(update_fields=["wrong", "locked_until"])
        return Checked(PinAnswer.RIGHT)
    row.wrong += 1
    left = WRONG_AT_MOST - row.wrong
    if left <= 0:
        row.wrong, row.locked_until = 0, now + LOCKED_FOR
        actor = Actor(user_id=None, label=tablet.name)
        record(actor=actor, verb="pin.locked", subject=Subject("account", account_id, mate.label), now=now)
    row.save(update_fields=["wrong", "locked_until"])
    return Checked(PinAnswer.WRONG, left=max(left, 0), until=row.locked_until)


def _note(actor: Actor, verb: str, tablet: Tablet, now: datetime) -> None:
    label = f"{tablet.name} · {tablet.structure.name}"
    record(actor=actor, verb=verb, subject=Subject("tablet", tablet.pk, label), now=now)
