"""Browsers that are not asked for the second factor for thirty days, after the right password."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from marelle.accounts.models import RememberedBrowser, User
from marelle.accounts.rules import REMEMBERED_FOR
from marelle.accounts.tokens import hash_of, new_token
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.origin import Origin
from marelle.journal.services import NOWHERE, record
from marelle.journal.verbs import Verb


@transaction.atomic
def browser_remember(*, user: User, token: str, origin: Origin, now: datetime) -> str:
    """Remember a browser that has shown the second factor, and carries `token`, "" for none yet. Returns what
    it is to carry from now on.

    Always another secret: who has put one there that it knows, be it of an account of its own, would stand
    for this browser elsewhere. The other accounts that the browser is remembered for go along.
    """
    held, token = hash_of(token), new_token()
    RememberedBrowser.objects.filter(user=user, token_hash=held).delete()
    RememberedBrowser.objects.filter(token_hash=held).update(token_hash=hash_of(token))
    RememberedBrowser.objects.create(
        user=user,
        token_hash=hash_of(token),
        label=origin.device,
        since=now,
        until=now + REMEMBERED_FOR,
    )
    subject = Subject("account", user.pk, str(user))
    actor = Actor(user_id=user.pk, label=str(user))
    record(actor=actor, verb=Verb.BROWSER_REMEMBERED, subject=subject, origin=origin, now=now)
    return token


def is_remembered(*, user_id: int, token: str, now: datetime) -> bool:
    held = RememberedBrowser.objects.filter(user_id=user_id, token_hash=hash_of(token), until__gt=now)
    return bool(token) and held.exists()


@transaction.atomic
def browser_forget(*, actor: Actor, browser_id: int, origin: Origin = NOWHERE, now: datetime) -> None:
    """Ask a browser of the actor's own account for its second factor again. Raises NotYours."""
    held = RememberedBrowser.objects.filter(user_id=actor.user_id or 0, pk=browser_id).first()
    if held is None:
        raise NotYours
    held.delete()
    subject = Subject("account", actor.user_id, actor.label)
    record(actor=actor, verb=Verb.BROWSER_FORGOTTEN, subject=subject, origin=origin, now=now)


def browsers_forget(*, user_id: int, kept: str = "") -> int:
    """Forget those of an account, as when its password changes, but the one whose secret is `kept`, in the
    caller's transaction. Returns how many."""
    browsers = RememberedBrowser.objects.filter(user_id=user_id).exclude(token_hash=hash_of(kept))
    return browsers.delete()[0] if browsers.exists() else 0


def browsers_purge(*, now: datetime) -> int:
    """Delete those whose time is over. Takes no write lock where there are none."""
    over = RememberedBrowser.objects.filter(until__lte=now)
    return over.delete()[0] if over.exists() else 0
