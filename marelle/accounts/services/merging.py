"""Two accounts of one person become one, which both names open."""

from __future__ import annotations

from marelle.accounts.models import Identity, Invitation, SecretLink, User
from marelle.accounts.services.devices import devices_end
from marelle.accounts.services.second import second_forget


def account_merge(*, user_id: int, into_id: int) -> None:
    """Make an account a second name of another one, in the caller's transaction.

    Its sessions and links end, and so do its password, its mail address and the identities that opened it:
    its identifier opens the other account with the other's password. Who says that two accounts are one
    person's could be wrong, or mean it: neither gets into the other by that.
    """
    users = User.objects.select_for_update(no_key=True).order_by("pk").in_bulk([user_id, into_id])
    user, into = users[user_id], users[into_id]
    devices_end(user_id=user.pk)
    second_forget(user_id=user.pk)
    Identity.all_ever.filter(user=user).delete()
    Invitation.objects.filter(user=user).delete()
    SecretLink.objects.filter(user=user).delete()
    User.objects.filter(merged_into=user).update(merged_into=into)
    # Without its own address, of two accounts that share one, the address means the one that is left.
    user.merged_into, user.email = into, ""
    user.set_unusable_password()
    user.save(update_fields=["merged_into", "email", "password"])
