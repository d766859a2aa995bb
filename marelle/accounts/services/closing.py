"""Closing an account: for good, or until it is invited anew."""

from __future__ import annotations

from datetime import datetime

from marelle.accounts.models import Attempt, Identity, Invitation, SecretLink, User
from marelle.accounts.services.devices import devices_end
from marelle.accounts.services.invitations import invitation_revoke
from marelle.accounts.services.second import second_forget


def account_sleep(*, user_id: int, now: datetime) -> None:
    """Take away all that opens an account, in the caller's transaction, until it is invited anew: sessions,
    password, second factor, links and the invitation that waits. Whose it is stays."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    devices_end(user_id=user.pk)
    second_forget(user_id=user.pk)
    invitation_revoke(user_id=user.pk, now=now)
    SecretLink.objects.filter(user=user).delete()
    Attempt.objects.filter(user_id=user.pk).delete()
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])


def account_close(*, user_id: int) -> None:
    """Empty an account of what names its owner, in the caller's transaction: it opens nothing any more."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    for merged_id in user.merged.values_list("pk", flat=True):
        account_close(user_id=merged_id)
    devices_end(user_id=user.pk)
    second_forget(user_id=user.pk)
    Identity.all_ever.filter(user=user).delete()
    Invitation.objects.filter(user=user).delete()
    SecretLink.objects.filter(user=user).delete()
    Attempt.objects.filter(user_id=user.pk).delete()
    user.identifier = f"ferme-{user.pk}"
    user.email = user.display_name = ""
    user.is_active = False
    user.notices = {}
    user.set_unusable_password()
    user.save()
