"""« Accès en ligne »: the rows of who is invited, whatever its account opens, and what is done to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.accounts.guest_access import GuestAccess
from marelle.accounts.models import Invitation
from marelle.accounts.selectors import last_invitations
from marelle.accounts.services import AccessRefused, Door, access_end, access_erase, access_invite_again
from marelle.core.actor import Actor
from marelle.core.french import instant_long_year
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest

REFUSED: Final[dict[str, Promise]] = {
    "account_exists": gettext_lazy(
        "Cette adresse est déjà celle d’un autre compte du portail (famille, agent ou autre invité)\u00a0: "
        "demandez-en une autre."
    ),
    "already": gettext_lazy(
        "Cette personne a déjà cet accès, ou y est déjà invitée\u00a0: retrouvez-la dans la liste."
    ),
    "ended": gettext_lazy("Cet accès est déjà arrêté."),
    "stays": gettext_lazy("Cette personne a encore un accès ouvert\u00a0: arrêtez d’abord tous ses accès."),
    "already_active": gettext_lazy("Cette personne a déjà ouvert son accès\u00a0: il n’y a rien à envoyer."),
}


def refusal_text(refusal: Refusal) -> str:
    return str(REFUSED[refusal.code])


def sent_text(until: datetime) -> str:
    return _("L’invitation est partie. Le lien est valable jusqu’au %s.") % instant_long_year(until)


class GuestEndForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Motif"),
        max_length=GuestAccess._meta.get_field("reason").max_length,
        help_text=gettext_lazy("Par exemple\u00a0: a déménagé, a changé de service. Il reste entre agents."),
    )


@dataclass(frozen=True, slots=True)
class Sure:
    """What cannot be taken back, asked about on a page of its own: without scripts too. `told` is what will
    be, `act` its button, `there` where one comes from."""

    title: str
    told: str
    act: str
    there: str
    name_there: str


def sure_page(request: MarelleRequest, sure: Sure) -> HttpResponse:
    return render(request, "agents/guests/sure.html", {"sure": sure})


@dataclass(frozen=True, slots=True)
class AccessPages:
    """What agents do to those who come in by a `door`, whoever they are.

    `accesses_of` reads, within the actor's reach, those of what is opened, by its id; `routes` begins the
    names of their addresses. `end_page` asks why one is stopped; `ended` and `erased` say that it is done.
    """

    door: Door
    accesses_of: Callable[[Actor, int], QuerySet[Any]]
    routes: str
    end_page: str
    ended: Promise
    erased: Promise

    def rows(self, request: MarelleRequest, opened_id: int) -> list[AccessRow]:
        def url(act: str, pk: int) -> str:
            return reverse(f"{self.routes}{act}", args=[opened_id, pk])

        return access_rows(self.accesses_of(request.actor, opened_id), url, request.now)

    def back(self, opened_id: int) -> HttpResponse:
        return redirect(f"{self.routes}accesses", opened_id)

    def invite_again(self, request: MarelleRequest, opened_id: int, access_id: int) -> HttpResponse:
        ids = {"opened_id": opened_id, "access_id": access_id}
        try:
            sent = access_invite_again(self.door, actor=request.actor, **ids, now=request.now)
        except Refusal as refusal:
            messages.warning(request, refusal_text(refusal))
        else:
            messages.success(request, sent_text(sent.expires_at))
        return self.back(opened_id)

    def end(self, request: MarelleRequest, opened_id: int, access_id: int) -> HttpResponse:
        access = get_object_or_404(self.accesses_of(request.actor, opened_id), pk=access_id)
        form = GuestEndForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            ids = {"opened_id": opened_id, "access_id": access_id}
            reason = form.cleaned_data["reason"]
            try:
                access_end(self.door, actor=request.actor, **ids, reason=reason, now=request.now)
            except AccessRefused as refusal:
                form.add_error(None, refusal_text(refusal))
            else:
                messages.success(request, str(self.ended))
                return self.back(opened_id)
        opened = str(getattr(access, self.door.opens))
        there = reverse(f"{self.routes}accesses", args=[opened_id])
        context = {"access": access, "opened": opened, "there": there, "form": form}
        return render(request, self.end_page, context)

    def erase(self, request: MarelleRequest, opened_id: int, access_id: int) -> HttpResponse:
        """Asked about first, then done."""
        if request.method != "POST":
            access = get_object_or_404(self.accesses_of(request.actor, opened_id), pk=access_id)
            return sure_page(
                request,
                Sure(
                    _("Effacer le compte\u00a0: %s") % access.account,
                    _("Son nom et son adresse sont effacés pour de bon. Les dates de l’accès restent."),
                    _("EFFACER"),
                    reverse(f"{self.routes}accesses", args=[opened_id]),
                    _("Accès en ligne"),
                ),
            )
        ids = {"opened_id": opened_id, "access_id": access_id}
        try:
            access_erase(self.door, actor=request.actor, **ids, now=request.now)
        except AccessRefused as refusal:
            messages.warning(request, refusal_text(refusal))
        else:
            messages.success(request, str(self.erased))
        return self.back(opened_id)


@dataclass(frozen=True, slots=True)
class AccessRow:
    """What may be done has its address: `again_url` where the invitation waits, or ran out, `erase_url` where
    the account opens nothing any more, and a name is kept."""

    name: str
    detail: str
    state: str
    tone: str
    end_url: str
    again_url: str
    erase_url: str


def access_rows(rows: QuerySet[Any], url: Callable[[str, int], str], now: datetime) -> list[AccessRow]:
    """`url` gives the address that does "invite_again", "access_end" or "access_erase" to an access; two
    queries."""
    live = rows.model.objects.live().filter(account=OuterRef("account"))
    found = list(rows.select_related("account").annotate(opens_still=Exists(live)))
    invitations = last_invitations({row.account_id for row in found})
    return [_row(row, invitations.get(row.account_id), url, now) for row in found]


def _row(row: Any, invitation: Invitation | None, url: Callable[[str, int], str], now: datetime) -> AccessRow:
    user, is_live = row.account, row.ended_at is None
    state, tone = access_state(row, invitation, now)
    given = {"at": instant_long_year(row.given_at), "who": row.given_by}
    # Who still comes in elsewhere may have another address there: it is told to those alone.
    address = "" if row.opens_still and not is_live else user.email
    told: Iterable[str] = [address, _("donné le %(at)s par %(who)s") % given, *_since(row, invitation)]
    may_erase = bool(user.display_name) and not row.opens_still
    return AccessRow(
        str(user) if user.display_name else _("Données effacées"),
        " · ".join(filter(None, told)),
        state,
        tone,
        end_url=url("access_end", row.pk) if is_live else "",
        again_url=url("invite_again", row.pk) if is_live and not user.is_active else "",
        erase_url=url("access_erase", row.pk) if may_erase else "",
    )


def access_state(row: Any, invitation: Invitation | None, now: datetime) -> tuple[str, str]:
    """In a word, and its tone; `invitation`: the last of the account."""
    if row.ended_at is not None:
        return _("arrêté"), "plain"
    if row.account.is_active:
        return _("ouvert"), "ok"
    if invitation is None or invitation.expires_at <= now:
        return _("invitation dépassée"), "error"
    return _("invité"), "warn"


def _since(row: Any, invitation: Invitation | None) -> list[str]:
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
