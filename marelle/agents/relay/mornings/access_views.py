"""« Accès en ligne » of a childminder: invited, stopped, erased."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from marelle.accounts.services import AccessRefused
from marelle.agents.guards import staff_only
from marelle.agents.guests import GuestEndForm, access_rows, refusal_text, sent_text
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS
from marelle.relay import childminders
from marelle.relay.models import Childminder, ChildminderAccess
from marelle.relay.selectors import accesses_of
from marelle.relay.selectors import childminders as read_childminders
from marelle.shell.again import recognised_first


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Adresse de courriel"),
        help_text=gettext_lazy("La sienne\u00a0: le lien y part, et les courriels sur les matinées ensuite."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def accesses(request: MarelleRequest, childminder_id: int) -> HttpResponse:
    row = _childminder(request, childminder_id)
    form = InviteForm(request.POST if request.method == "POST" else None, initial={"email": row.email})
    if form.is_valid():
        try:
            given = childminders.childminder_invite(
                actor=request.actor, childminder_id=row.pk, email=form.cleaned_data["email"], now=request.now
            )
        except AccessRefused as refusal:
            form.add_error("email", refusal_text(refusal))
        else:
            told = _("Elle a déjà l’accès d’un autre relais\u00a0: un courriel lui dit qu’il vaut ici aussi.")
            messages.success(request, told if given.sent is None else sent_text(given.sent.expires_at))
            return redirect("agents_mornings:accesses", row.pk)
    rows = access_rows(
        accesses_of(request.actor, row.pk),
        lambda act, pk: reverse(f"agents_mornings:{act}", args=[row.pk, pk]),
        request.now,
    )
    has_one = any(one.end_url for one in rows)
    context = {"childminder": row, "rows": rows, "form": form, "has_one": has_one}
    return render(request, "agents/mornings/accesses.html", context)


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def invite_again(request: MarelleRequest, childminder_id: int, minder_access_id: int) -> HttpResponse:
    access = _access(request, childminder_id, minder_access_id)
    try:
        sent = childminders.childminder_invite_again(
            actor=request.actor, childminder_id=childminder_id, access_id=access.pk, now=request.now
        )
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, sent_text(sent.expires_at))
    return redirect("agents_mornings:accesses", childminder_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def end(request: MarelleRequest, childminder_id: int, minder_access_id: int) -> HttpResponse:
    access = _access(request, childminder_id, minder_access_id)
    form = GuestEndForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            childminders.childminder_access_end(
                actor=request.actor,
                childminder_id=childminder_id,
                access_id=access.pk,
                reason=form.cleaned_data["reason"],
                now=request.now,
            )
        except AccessRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, _("L’accès est arrêté\u00a0: elle est déconnectée, et un courriel le lui dit.")
            )
            return redirect("agents_mornings:accesses", childminder_id)
    return render(request, "agents/mornings/access_end.html", {"access": access, "form": form})


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def erase(request: MarelleRequest, childminder_id: int, minder_access_id: int) -> HttpResponse:
    access = _access(request, childminder_id, minder_access_id)
    try:
        childminders.childminder_access_erase(
            actor=request.actor, childminder_id=childminder_id, access_id=access.pk, now=request.now
        )
    except AccessRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Le nom et l’adresse de son compte sont effacés."))
    return redirect("agents_mornings:accesses", childminder_id)


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def forget(request: MarelleRequest, childminder_id: int) -> HttpResponse:
    try:
        childminders.childminder_erase(actor=request.actor, childminder_id=childminder_id, now=request.now)
    except AccessRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Son nom, son téléphone et son adresse sont effacés."))
    return redirect("agents_mornings:childminders")


def _childminder(request: MarelleRequest, childminder_id: int) -> Childminder:
    row = read_childminders(request.actor).filter(pk=childminder_id).first()
    if row is None:
        raise Http404
    return row


def _access(request: MarelleRequest, childminder_id: int, access_id: int) -> ChildminderAccess:
    row = accesses_of(request.actor, childminder_id).filter(pk=access_id).first()
    if row is None:
        raise Http404
    return row
