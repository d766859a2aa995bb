"""Connected devices: each is a session of the account, which its owner may close from another one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef

from marelle.accounts.models import Device, User
from marelle.accounts.services.connections import actor_of, subject_of
from marelle.accounts.services.remembered import browsers_forget
from marelle.core.actor import Actor
from marelle.core.french import instant_long
from marelle.core.subject import Subject
from marelle.journal.origin import Origin
from marelle.journal.selectors import acts_on_account
from marelle.journal.services import NOWHERE, record
from marelle.journal.verbs import Verb
from marelle.mail.services import queue

SEEN_EVERY: Final = timedelta(minutes=15)
"""How coarse « vu le » is: one write at most in that time, however many pages are read."""


NEW_TOLD_AT_MOST: Final = 5
"""Mails of a new device in a day: a browser that keeps no cookie is new each time."""


@transaction.atomic
def device_open(
    *, user: User, session_key: str, is_new: bool = False, origin: Origin, now: datetime
) -> Device:
    """Note that a session of the account has begun on a device.

    The owner is told by mail of one that `is_new` to the account, a few times a day at most; the journal says
    each.
    """
    device = Device.objects.create(
        user=user, session_key=session_key, label=origin.device, first_seen=now, last_seen=now
    )
    if is_new:
        _new_told(user, origin, now)
    return device


def device_seen(*, device_id: int, now: datetime) -> None:
    """Note that a device is in use; at most once in `SEEN_EVERY`, the process's memory says when."""
    if cache.add(f"accounts.device.{device_id}", 1, SEEN_EVERY.total_seconds()):
        Device.objects.filter(pk=device_id, last_seen__lte=now - SEEN_EVERY).update(last_seen=now)


def device_moved(*, device_id: int, session_key: str) -> None:
    """The session of a device has another key, as after its password was changed."""
    Device.objects.filter(pk=device_id).update(session_key=session_key)


def device_forget(*, device_id: int) -> None:
    """The session of a device is over: its owner logged out."""
    Device.objects.filter(pk=device_id).delete()


@transaction.atomic
def device_close(*, actor: Actor, device_id: int, origin: Origin = NOWHERE, now: datetime) -> bool:
    """End the session of one of the actor's own devices. False when it is not, or no more, there."""
    return devices_end(user_id=actor.user_id or 0, only=device_id) > 0 and _noted(actor, 1, origin, now)


@transaction.atomic
def devices_close(
    *, actor: Actor, kept: int | None, kept_browser: str = "", origin: Origin = NOWHERE, now: datetime
) -> int:
    """End the sessions of all the actor's devices but the one `kept`, and ask each browser for the second
    factor again, but the one that carries `kept_browser`. Returns how many devices."""
    user_id = actor.user_id or 0
    count = devices_end(user_id=user_id, kept=kept)
    browsers = browsers_forget(user_id=user_id, kept=kept_browser)
    if count or browsers:
        _noted(actor, count, origin, now)
    return count


def account_sign_out(*, user_id: int) -> None:
    """End all the sessions of an account, and forget its browsers, in the caller's transaction."""
    devices_end(user_id=user_id)
    browsers_forget(user_id=user_id)


def devices_end(*, user_id: int, only: int | None = None, kept: int | None = None) -> int:
    """End sessions of an account, in the caller's transaction. Returns how many devices that was."""
    devices = Device.objects.filter(user_id=user_id)
    if only is not None:
        devices = devices.filter(pk=only)
    if kept is not None:
        devices = devices.exclude(pk=kept)
    keys = list(devices.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return Device.objects.filter(session_key__in=keys).delete()[0] if keys else 0


def devices_purge() -> int:
    """Delete devices whose session has ended by itself. Takes no write lock where there are none."""
    gone = Device.objects.filter(~Exists(Session.objects.filter(session_key=OuterRef("session_key"))))
    return gone.delete()[0] if gone.exists() else 0


def _new_told(user: User, origin: Origin, now: datetime) -> None:
    record(actor=actor_of(user), verb=Verb.DEVICE_NEW, subject=subject_of(user), origin=origin, now=now)
    lately = acts_on_account(user.pk, verb=Verb.DEVICE_NEW, since=now - timedelta(days=1))
    if not user.email or lately > NEW_TOLD_AT_MOST:
        return
    context = {
        "name": str(user),
        "when": instant_long(now),
        "device": origin.device,
        "is_last": lately == NEW_TOLD_AT_MOST,
    }
    queue(kind="accounts/new_device", to=user.email, context=context, now=now)


def _noted(actor: Actor, count: int, origin: Origin, now: datetime) -> bool:
    subject = Subject("account", actor.user_id, actor.label)
    record(
        actor=actor,
        verb=Verb.DEVICES_CLOSED,
        subject=subject,
        data={"count": count},
        origin=origin,
        now=now,
    )
    return True
