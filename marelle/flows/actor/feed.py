"""The calendar of an account: its secret address, and who is behind it.

The address is signed, so that nobody guesses one; it holds the account's serial, so that another serial makes
it void. Nothing secret is stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse

from marelle.accounts.models import User
from marelle.bookings.agenda import AgendaLine, calendar_lines
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.families.selectors import children
from marelle.flows.actor.actors import account_with_actor
from marelle.journal.services import record

RENEWED: Final = "calendar.renewed"

SALT: Final = "marelle.calendar"


def feed_address(user: User) -> str:
    """The whole address of the account's calendar, as it is to be given to a calendar program."""
    return settings.PUBLIC_URL + reverse("feed", args=[feed_token(user)])


def feed_token(user: User) -> str:
    return _signer().sign(f"{user.pk}-{user.calendar_serial}")


@transaction.atomic
def feed_renew(*, actor: Actor, now: datetime) -> str:
    """Give the actor's account another address; the one before leads nowhere from now on. Returns it.

    Raises LookupError for an actor without an account.
    """
    if actor.user_id is None:
        raise LookupError("No account, no calendar.")
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id, is_active=True)
    user.calendar_serial += 1
    user.save(update_fields=["calendar_serial"])
    subject = Subject("account", user.pk, user.display_name)
    record(actor=actor, verb=RENEWED, subject=subject, now=now)
    return feed_address(user)


def feed_actor(token: str) -> Actor | None:
    """Who reads the calendar of this address; None for an address that is not, or is no more, one.

    What is not signed costs no query, and signatures are compared in constant time.
    """
    try:
        user_id, _dash, serial = _signer().unsign(token).partition("-")
    except BadSignature:
        return None
    user = account_with_actor(int(user_id))
    if user is None or not user.is_active or str(user.calendar_serial) != serial:
        return None
    return user.actor


def feed_lines(actor: Actor, *, now: datetime) -> tuple[AgendaLine, ...]:
    """What the calendar shows: every child whom the account may see, as its home booked it."""
    home = children(actor, day=local(now).date())
    return calendar_lines(actor, home, now=now) if home else ()


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")
