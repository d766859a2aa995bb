"""A child's own account in French, for its parents and for agents."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.accounts.models import Invitation
from marelle.core.french import instant_long_year, join_and
from marelle.core.refusals import Refusal
from marelle.enrolments.models import TeenAccess

REFUSED: Final[Mapping[str, str | Promise]] = {
    "not_enrolled": gettext_lazy(
        "Inscrivez d’abord cet enfant\u00a0: sans activité, il n’y a rien à lui montrer."
    ),
    "of_age": gettext_lazy("Cette personne est majeure."),
    "adult_address": gettext_lazy("C’est l’adresse d’un adulte du foyer\u00a0: donnez celle de l’enfant."),
    "already": gettext_lazy("Cet enfant a déjà son compte, ou y est déjà invité."),
    "already_active": gettext_lazy("Ce compte est déjà ouvert\u00a0: il n’y a rien à envoyer."),
    "ended": gettext_lazy("Ce compte est déjà fermé."),
    "own_file": gettext_lazy("C’est votre propre famille\u00a0: un autre agent doit s’en occuper."),
    "enough": gettext_lazy("Assez d’invitations sont parties aujourd’hui\u00a0: recommencez demain."),
    "changed": gettext_lazy("Ces permissions ont changé entre-temps\u00a0: voyez-les, et recommencez."),
}


@dataclass(frozen=True, slots=True)
class TeenRow:
    """`may_invite`: its invitation waits, or ran out."""

    id: int
    state: str
    tone: str
    detail: str
    books: str
    is_live: bool
    may_invite: bool


def refusal_text(refusal: Refusal) -> str:
    if refusal.code == "too_young":
        age = int(refusal.data["age"])
        told = ngettext("Un compte s’ouvre à partir de %d an.", "Un compte s’ouvre à partir de %d ans.", age)
        return told % age
    return str(REFUSED[refusal.code])


def teen_row(
    access: TeenAccess,
    invitations: Mapping[int, Invitation],
    now: datetime,
    *,
    authorities: Collection[int] | None = None,
) -> TeenRow:
    """`access` with its account and permissions; `invitations`: the last of each account. What the child
    books is told of these authorities alone, where an office asks."""
    user, invitation = access.account, invitations.get(access.account_id)
    given = {"at": instant_long_year(access.given_at), "who": access.given_by}
    told = [_("donné le %(at)s par %(who)s") % given]
    if access.ended_at is not None:
        state, tone = _("fermé"), "plain"
        ended = {"at": instant_long_year(access.ended_at), "who": access.ended_by}
        told.append(_("fermé le %(at)s par %(who)s") % ended)
    elif user.is_active:
        state, tone = _("ouvert"), "ok"
        last = user.last_login
        came = last and _("dernière connexion le %(at)s") % {"at": instant_long_year(last)}
        told.append(came or _("jamais connecté"))
    elif invitation is None or invitation.expires_at <= now:
        state, tone = _("invitation dépassée"), "error"
    else:
        state, tone = _("invité"), "warn"
        told.append(_("lien valable jusqu’au %(at)s") % {"at": instant_long_year(invitation.expires_at)})
    names = [
        one.activity.name
        for one in access.permissions.all()
        if one.ended_at is None
        and (authorities is None or one.activity.structure.authority_id in authorities)
    ]
    if names:
        books = _("réserve et annule\u00a0: %s") % join_and(names)
    else:
        books = _("voit son planning, ne réserve rien") if authorities is None else ""
    is_live = access.ended_at is None
    return TeenRow(
        access.pk,
        state,
        tone,
        " · ".join(filter(None, (user.email, *told))),
        books if is_live else "",
        is_live,
        may_invite=is_live and not user.is_active,
    )
