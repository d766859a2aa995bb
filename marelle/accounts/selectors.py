"""Reading accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from marelle.accounts.models import (
    Authenticator,
    Device,
    Identity,
    Invitation,
    LetIn,
    LinkPurpose,
    Passkey,
    RecoveryCode,
    RememberedBrowser,
    SecretLink,
    User,
)
from marelle.accounts.oidc.claims import Told
from marelle.accounts.services.invitations import why_dead as why_invitation_dead
from marelle.accounts.services.passwords import why_dead as why_link_dead
from marelle.accounts.tokens import hash_of
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours


def own_account(actor: Actor) -> User:
    """The actor's own account, also while an agent acts for a family."""
    return User.objects.get(pk=actor.user_id or 0)


@dataclass(frozen=True, slots=True)
class SecondHeld:
    """Since when an account has an application, its passkeys, and how many recovery codes it has left."""

    added_at: datetime | None
    passkeys: tuple[Passkey, ...]
    codes: int

    @property
    def is_on(self) -> bool:
        return self.added_at is not None or bool(self.passkeys)


def own_second(actor: Actor) -> SecondHeld:
    """Of the actor's own account."""
    return second_held(actor.user_id or 0)


def second_held(user_id: int) -> SecondHeld:
    """Three queries."""
    added_at = Authenticator.objects.filter(user_id=user_id).values_list("added_at", flat=True).first()
    return SecondHeld(
        added_at,
        tuple(Passkey.objects.filter(user_id=user_id)),
        RecoveryCode.objects.filter(user_id=user_id).count(),
    )


def let_in_by(user_id: int, *, now: datetime) -> str:
    """Who lets an account in once without its second factor, "" for nobody."""
    given = LetIn.objects.filter(user_id=user_id, used_at=None, until__gt=now)
    return given.values_list("by_label", flat=True).first() or ""


def own_passkey(actor: Actor, passkey_id: int) -> Passkey:
    """One of the actor's own account. Raises NotYours."""
    found = Passkey.objects.filter(user_id=actor.user_id or 0, pk=passkey_id).first()
    if found is None:
        raise NotYours
    return found


def own_identities(actor: Actor) -> tuple[Identity, ...]:
    """Those that open the actor's own account; one query."""
    return tuple(Identity.objects.filter(user_id=actor.user_id or 0))


def has_owner(told: Told) -> bool:
    """Whether an identity opens an account; one query."""
    return Identity.objects.filter(issuer=told.issuer, subject=told.subject).exists()


def own_browsers(actor: Actor, *, now: datetime) -> tuple[RememberedBrowser, ...]:
    """Those that do not ask the actor's account for its second factor, the latest first; one query."""
    return tuple(RememberedBrowser.objects.filter(user_id=actor.user_id or 0, until__gt=now))


def own_devices(actor: Actor, *, now: datetime) -> tuple[Device, ...]:
    """Where the actor's account is connected, the latest first; one query."""
    living = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    return tuple(Device.objects.filter(Exists(living), user_id=actor.user_id or 0))


def invitation_behind(*, token: str, now: datetime) -> tuple[Invitation | None, str]:
    """The live invitation of a link, or why there is none (see `DeadLink`)."""
    found = Invitation.objects.select_related("user").filter(token_hash=hash_of(token))
    live = found.live(now).filter(user__is_active=False).first()
    return live, "" if live else why_invitation_dead(found.first())


def link_behind(*, token: str, purpose: LinkPurpose, now: datetime) -> tuple[SecretLink | None, str]:
    """The live link of a token, or why there is none (see `DeadLink`)."""
    found = SecretLink.objects.select_related("user").filter(token_hash=hash_of(token), purpose=purpose)
    live = found.filter(used_at__isnull=True, expires_at__gt=now, user__is_active=True).first()
    return live, "" if live else why_link_dead(found.first())


def last_invitation(user_id: int) -> Invitation | None:
    """For the agent who asks whether the parent was invited, when, and until when the link holds."""
    return Invitation.objects.filter(user_id=user_id).order_by("-created_at", "-id").first()


def last_invitations(user_ids: Collection[int]) -> dict[int, Invitation]:
    """The same for several accounts, by account id; one query."""
    rows = Invitation.objects.filter(user_id__in=user_ids).order_by("created_at", "id")
    return {row.user_id: row for row in rows}
