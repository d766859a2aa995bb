"""The childminders whom a relais knows: added, changed, stopped."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.accounts.selectors import last_invitations
from marelle.agents.activities import rows
from marelle.agents.guards import staff_only
from marelle.agents.guests import Sure, access_state, sure_page
from marelle.agents.relay.mornings.forms import ChildminderForm, KnownForm
from marelle.core.phones import phone_text
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS
from marelle.relay.childminders import (
    authorities_served,
    childminder_add,
    childminder_change,
    childminder_stop,
)
from marelle.relay.models import Childminder, ChildminderAccess
from marelle.relay.selectors import accesses_of, childminders_gone
from marelle.relay.selectors import childminders as read_childminders
from marelle.shell.again import recognised_first


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def childminders(request: MarelleRequest) -> HttpResponse:
    served = authorities_served(request.actor)
    form = ChildminderForm(request.POST if request.method == "POST" else None, authorities=served)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        childminder_add(
            actor=request.actor,
            authority_id=data["authority"].pk,
            name=data["name"],
            phone=data["phone"],
            email=data["email"],
            commune_id=data["commune"].pk if data["commune"] else None,
            now=request.now,
        )
        messages.success(request, _("%(name)s est dans la liste.") % {"name": data["name"]})
        return redirect("agents_mornings:childminders")
    found = list(read_childminders(request.actor))
    states = _states(found, request.now)
    lines = [
        {
            "id": row.pk,
            "name": row.name,
            "phone": phone_text(row.phone),
            "commune": str(row.commune or ""),
            "state": states.get(row.pk),
        }
        for row in found
    ]
    context = {"form": form, "childminders": lines, "gone": childminders_gone(request.actor)}
    return render(request, "agents/mornings/childminders.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def change(request: MarelleRequest, childminder_id: int) -> HttpResponse:
    row = get_object_or_404(read_childminders(request.actor), pk=childminder_id)
    form = KnownForm(
        request.POST if request.method == "POST" else None,
        instance=row,
        actor=request.actor,
        comes_in=accesses_of(request.actor, row.pk).filter(ended_at=None).exists(),
    )
    changed = rows.written(
        form,
        lambda: childminder_change(
            actor=request.actor,
            childminder_id=childminder_id,
            changes=form.changes(),
            seen=form.shown(),
            now=request.now,
        ),
    )
    if changed is not None:
        messages.success(request, rows.saved_text(changed))
        return redirect("agents_mornings:childminders")
    back = reverse("agents_mornings:childminders"), _("Assistantes maternelles")
    known = read_childminders(request.actor).get(pk=childminder_id)
    return rows.page(
        request,
        form,
        title=known.name,
        name=_("Modifier · %s") % known.name,
        lead=str(known.authority),
        back=back,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def stop(request: MarelleRequest, childminder_id: int) -> HttpResponse:
    if request.method != "POST":
        there = get_object_or_404(read_childminders(request.actor), pk=childminder_id)
        return sure_page(
            request,
            Sure(
                _("Ne vient plus\u00a0: %s") % there.name,
                _(
                    "Elle n’est plus proposée, et son accès en ligne s’arrête aussitôt. Les matinées où elle "
                    "est inscrite restent réservées\u00a0; ajoutez-la sous le même nom pour qu’elle revienne."
                ),
                _("ELLE NE VIENT PLUS"),
                reverse("agents_mornings:childminders"),
                _("Assistantes maternelles"),
            ),
        )
    row = childminder_stop(actor=request.actor, childminder_id=childminder_id, now=request.now)
    messages.success(request, _("%(name)s n’est plus proposée.") % {"name": row.name})
    return redirect("agents_mornings:childminders")


def _states(rows: Collection[Childminder], now: datetime) -> dict[int, tuple[str, str]]:
    """Where their accounts stand, of those who have one; two queries."""
    live = list(ChildminderAccess.objects.live().filter(childminder__in=rows).select_related("account"))
    invitations = last_invitations({one.account_id for one in live})
    return {one.childminder_id: access_state(one, invitations.get(one.account_id), now) for one in live}
