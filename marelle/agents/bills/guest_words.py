"""Who reads the bills of a payer, in French."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from marelle.accounts.models import Invitation
from marelle.billing.models import PayerAccess
from marelle.core.french import instant_long_year


@dataclass(frozen=True, slots=True)
class AccessRow:
    """`may_invite`: the invitation waits, or ran out; `may_erase`: nothing is read any more, and a name is
    kept."""

    id: int
    name: str
    detail: str
    state: str
    tone: str
    may_end: bool
    may_invite: bool
    may_erase: bool


def access_row(row: PayerAccess, invitations: Mapping[int, Invitation], now: datetime) -> AccessRow:
    """`row` with `reads_still`; `invitations`: the last of each account."""
    user, invitation = row.account, invitations.get(row.account_id)
    state, tone = _state(row, invitation, now)
    given = {"at": instant_long_year(row.given_at), "who": row.given_by}
    told = [user.email, _("donné le %(at)s par %(who)s") % given, *_since(row, invitation)]
    return AccessRow(
        row.pk,
        str(user) if user.display_name else _("Données effacées"),
        " · ".join(filter(None, told)),
        state,
        tone,
        may_end=row.ended_at is None,
        may_invite=row.ended_at is None and not user.is_active,
        may_erase=bool(user.display_name) and not row.reads_still,  # type: ignore[attr-defined]
    )


def _state(row: PayerAccess, invitation: Invitation | None, now: datetime) -> tuple[str, str]:
    if row.ended_at is not None:
        return _("arrêté"), "plain"
    if row.account.is_active:
        return _("ouvert"), "ok"
    if invitation is None or invitation.expires_at <= now:
        return _("invitation dépassée"), "error"
    return _("invité"), "warn"


def _since(row: PayerAccess, invitation: Invitation | None) -> list[str]:
    if row.ended_at is not None:
        ended = {"at": instant_long_year(row.ended_at), "who": row.ended_by, "reason": row.reason}
        said = (
            _("arrêté le %(at)s par %(who)s\u00a0: %(reason)s")
            if row.reason
            else _("arrêté le %(at)s par %(who)s")
        )
        return [said % ended]
    if not row.account.is_active:
        until = instant_long_year(invitation.expires_at) if invitation else ""
        return [_("lien valable jusqu’au %(at)s") % {"at": until}] if until else []
    last = row.account.last_login
    return [
        _("dernière connexion le %(at)s") % {"at": instant_long_year(last)} if last else _("jamais connecté")
    ]
