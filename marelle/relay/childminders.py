"""The childminders whom a relais knows: added, stopped and erased, and the account by which one comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.accounts.services import (
    AccessGiven,
    AccessRefused,
    Door,
    access_give,
    accesses_end,
    accesses_erase,
    accesses_purge,
    accesses_rename,
)
from marelle.core.actor import SYSTEM, Actor, Guest
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, row_change
from marelle.journal.services import record
from marelle.places.locks import portal_locked
from marelle.relay.models import Childminder, ChildminderAccess, Visit
from marelle.relay.scope import childminders_in_charge, mornings_in_charge, own_childminders

STOPPED: Final = "N’est plus dans la liste du relais"
LEFT: Final = "À sa demande, depuis son compte"
NOBODY: Final = "Assistante maternelle"
"""What is left of the name of one who was erased."""


def _addresses_locked() -> None:
    """Of two invitations at once to one address, by whatever relais, the second finds the first."""
    portal_locked()


def _locked(actor: Actor, childminder_id: int) -> Childminder:
    """Of the actor's relais: who registers her for a morning waits, and looks again. Raises NotYours."""
    _addresses_locked()
    rows = Childminder.objects.select_for_update(no_key=True, of=("self",)).select_related("authority")
    row = rows.filter(pk__in=childminders_in_charge(actor).order_by().values("pk"), pk=childminder_id).first()
    if row is None:
        raise NotYours
    return row


def _come_in() -> QuerySet[ChildminderAccess]:
    return ChildminderAccess.objects.live()


DOOR: Final = Door(
    guest=Guest.CHILDMINDER,
    model=ChildminderAccess,
    opens="childminder",
    lock=_locked,
    invitation="relay/childminder_invitation",
    told="relay/childminder_access",
    subject="childminder_access",
)


def authorities_served(actor: Actor) -> frozenset[int]:
    """Ids of the authorities where the actor holds a post that follows the relais."""
    found = mornings_in_charge(actor).order_by().values_list("activity__structure__authority_id", flat=True)
    return frozenset(found.distinct())


@transaction.atomic
def childminder_add(
    *,
    actor: Actor,
    authority_id: int,
    name: str,
    phone: str,
    email: str,
    commune_id: int | None,
    now: datetime,
) -> Childminder:
    """Add a childminder to the list of an authority; one who stopped comes back. Of one already known what
    is given replaces what was noted, and what is left empty stays; so does the address of who comes in by
    herself. Raises NotYours."""
    if not actor.is_administrator and authority_id not in authorities_served(actor):
        raise NotYours
    given = {"phone": phone, "email": email, "commune_id": commune_id}
    noted = {field: value for field, value in given.items() if value}
    _addresses_locked()
    if _come_in().filter(childminder__authority=authority_id, childminder__name=name).exists():
        noted.pop("email", None)
    row, created = Childminder.objects.update_or_create(
        authority_id=authority_id,
        name=name,
        defaults={**noted, "active": True, "stopped_at": None, "erased_at": None},
    )
    verb = "childminder.added" if created else "childminder.changed"
    record(actor=actor, verb=verb, subject=Subject("childminder", row.pk, row.name), now=now)
    return row


@transaction.atomic
def childminder_change(
    *, actor: Actor, childminder_id: int, changes: Mapping[str, Any], seen: Shown | None, now: datetime
) -> tuple[str, ...]:
    """Note something else of one who still comes; her comings say her new name. Returns the names of the
    fields that changed. Raises NotYours (also of the address of who comes in by herself), ChangedMeanwhile,
    or NotPossible (of a name that another has)."""
    row = _locked(actor, childminder_id)
    if not row.active or ("email" in changes and _come_in().filter(childminder=row).exists()):
        raise NotYours
    former, subject = row.name, Subject("childminder", row.pk, row.name)
    changed = row_change(row, changes, subject=subject, seen=seen)
    if not changed:
        return changed
    if "name" in changed:
        _rename(row, former)
    record(actor=actor, verb="childminder.changed", subject=replace(subject, label=row.name), now=now)
    return changed


def _rename(row: Childminder, former: str) -> None:
    """Her comings, and her account where it bears the same name and comes in nowhere else: what is held under
    a name is found by it once she is erased."""
    for field in ("adult_name", "booked_by", "cancelled_by"):
        Visit.objects.filter(childminder=row, **{field: former}).update(**{field: row.name})
    for user_id in accesses_rename(DOOR, opened=row, former=former, name=row.name):
        mine = Visit.objects.filter(childminder__accesses__account=user_id).order_by().values("pk")
        for field in ("booked_by", "cancelled_by"):
            Visit.objects.filter(pk__in=mine, **{field: former}).update(**{field: row.name})


@transaction.atomic
def childminder_stop(*, actor: Actor, childminder_id: int, now: datetime) -> Childminder:
    """She no longer comes: kept for the visits of before, offered no more, and her access ends. Raises
    NotYours."""
    row = _locked(actor, childminder_id)
    if not row.active:
        return row
    row.active, row.stopped_at = False, now
    row.save(update_fields=["active", "stopped_at"])
    record(actor=actor, verb="childminder.stopped", subject=Subject("childminder", row.pk, row.name), now=now)
    accesses_end(DOOR, actor=actor, opened=row, reason=STOPPED, now=now)
    return row


@transaction.atomic
def childminder_erase(*, actor: Actor, childminder_id: int, now: datetime) -> None:
    """Of one who comes no more: neither name nor address is kept; the mornings that she came to stay. Raises
    NotYours, or AccessRefused ("stays") of one who still comes."""
    row = _locked(actor, childminder_id)
    if row.active:
        raise AccessRefused("stays")
    if row.erased_at is not None:
        return
    record(actor=actor, verb="childminder.erased", subject=Subject("childminder", row.pk, row.name), now=now)
    _empty(actor, row, now)


@transaction.atomic
def childminder_invite(*, actor: Actor, childminder_id: int, email: str, now: datetime) -> AccessGiven:
    """Let a childminder come in by herself: mails about mornings go to that address from now on. Who comes in
    already at another relais is told by mail that she comes to these mornings too. Raises NotYours, or
    AccessRefused."""
    row = _locked(actor, childminder_id)
    here = _come_in().filter(childminder__authority=row.authority)
    if not row.active:
        raise NotYours
    if here.filter(Q(account__email__iexact=email) | Q(childminder=row)).exists():
        raise AccessRefused("already")
    given = access_give(DOOR, actor=actor, opened=row, name=row.name, email=email, now=now)
    row.email = email
    row.save(update_fields=["email"])
    return given


@transaction.atomic
def childminder_leave(*, actor: Actor, now: datetime) -> int:
    """She ends her own account, at every relais at once. Returns how many accesses ended. Raises NotYours."""
    _addresses_locked()
    rows = list(own_childminders(actor).select_for_update(no_key=True, of=("self",)).order_by("pk"))
    if not rows:
        raise NotYours
    for row in rows:
        accesses_end(DOOR, actor=actor, opened=row, reason=LEFT, now=now)
    return len(rows)


@transaction.atomic
def childminders_purge(*, before: datetime, now: datetime) -> int:
    """Empty the accounts of which the last access ended before an instant, and erase who has come no more
    since then. Returns how many."""
    _addresses_locked()
    gone = 0
    rows = Childminder.objects.filter(active=False, erased_at=None, stopped_at__lt=before)
    for row in rows.select_for_update(no_key=True).order_by("pk"):
        record(actor=SYSTEM, verb="childminder.purged", subject=Subject("childminder", row.pk), now=now)
        _empty(SYSTEM, row, now)
        gone += 1
    # Last: by its name an account's comings are found.
    return gone + accesses_purge(DOOR, before=before, now=now)


def _empty(actor: Actor, row: Childminder, now: datetime) -> None:
    """A row of somebody who is nobody any more, and her account unless another relais has given it too."""
    names = {row.name, *accesses_erase(DOOR, actor=actor, opened=row, now=now)}
    left = f"{NOBODY} {row.pk}"
    Visit.objects.filter(childminder=row).update(adult_name=left)
    for field in ("booked_by", "cancelled_by"):
        Visit.objects.filter(childminder=row, **{f"{field}__in": names}).update(**{field: left})
    row.name, row.phone, row.email, row.commune, row.erased_at = left, "", "", None, now
    row.save(update_fields=["name", "phone", "email", "commune", "erased_at"])
