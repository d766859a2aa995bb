"""A child's own account, as agents of the file see it, and close it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.accounts.selectors import last_invitations
from marelle.agents.guards import staff_only
from marelle.agents.guests import GuestEndForm
from marelle.core.actor import Role
from marelle.core.refusals import Refusal
from marelle.enrolments.models import TeenAccess
from marelle.enrolments.services.teens import teen_access_stop
from marelle.enrolments.teen_labels import refusal_text, teen_row
from marelle.flows.actor.acting import own_homes
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.shell.again import recognised_first


class TeenEndForm(GuestEndForm):
    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["reason"].help_text = _("Il reste entre agents.")

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(None, refusal_text(refusal))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
@recognised_first
def teen(request: MarelleRequest, teen_id: int) -> HttpResponse:
    rows = TeenAccess.objects.select_related("account", "child", "family")
    access = rows.prefetch_related("permissions__activity__structure").filter(pk=teen_id).first()
    if access is None or own_homes(request.actor, request.today).filter(family_id=access.family_id).exists():
        raise Http404
    form = TeenEndForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            teen_access_stop(
                actor=request.actor, access_id=access.pk, reason=form.cleaned_data["reason"], now=request.now
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Le compte est fermé\u00a0: l’enfant est déconnecté."))
            return redirect("agents_families:teen", teen_id)
    actor = request.actor
    authorities = None if actor.is_administrator else actor.authorities(Role.OFFICE)
    line = teen_row(access, last_invitations({access.account_id}), request.now, authorities=authorities)
    return render(
        request,
        "agents/families/teen.html",
        {"access": access, "name": str(access.child), "line": line, "form": form},
    )


def teen_links(accesses: Iterable[TeenAccess]) -> dict[int, list[tuple[str, str]]]:
    """By child, what leads to each of its accounts that is live."""
    found: dict[int, list[tuple[str, str]]] = {}
    for access in accesses:
        label = _("ouvert") if access.account.is_active else _("invité")
        link = (label, reverse("agents_families:teen", args=[access.pk]))
        found.setdefault(access.child_id, []).append(link)
    return found
