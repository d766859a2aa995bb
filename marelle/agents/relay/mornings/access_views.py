"""« Accès en ligne » of a childminder: invited, stopped, erased."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from marelle.accounts.services import AccessRefused
from marelle.agents.guards import staff_only
from marelle.agents.guests import AccessPages, Sure, refusal_text, sent_text, sure_page
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS
from marelle.relay.childminders import DOOR, childminder_erase, childminder_invite
from marelle.relay.selectors import accesses_of, childminders_held
from marelle.relay.selectors import childminders as read_childminders
from marelle.shell.again import recognised_first

PAGES = AccessPages(
    door=DOOR,
    accesses_of=accesses_of,
    routes="agents_mornings:",
    end_page="agents/mornings/access_end.html",
    ended=gettext_lazy("L’accès est arrêté\u00a0: elle est déconnectée, et un courriel le lui dit."),
    erased=gettext_lazy("Le nom et l’adresse de son compte sont effacés."),
)


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Adresse de courriel"),
        help_text=gettext_lazy("La sienne\u00a0: le lien y part, et les courriels sur les matinées ensuite."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def accesses(request: MarelleRequest, childminder_id: int) -> HttpResponse:
    row = get_object_or_404(read_childminders(request.actor), pk=childminder_id)
    form = InviteForm(request.POST if request.method == "POST" else None, initial={"email": row.email})
    if form.is_valid():
        try:
            given = childminder_invite(
                actor=request.actor, childminder_id=row.pk, email=form.cleaned_data["email"], now=request.now
            )
        except AccessRefused as refusal:
            form.add_error("email", refusal_text(refusal))
        else:
            told = _("Elle a déjà l’accès d’un autre relais\u00a0: un courriel lui dit qu’il vaut ici aussi.")
            messages.success(request, told if given.sent is None else sent_text(given.sent.expires_at))
            return PAGES.back(row.pk)
    rows = PAGES.rows(request, row.pk)
    has_one = any(one.end_url for one in rows)
    context = {"childminder": row, "rows": rows, "form": form, "has_one": has_one}
    return render(request, "agents/mornings/accesses.html", context)


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def invite_again(request: MarelleRequest, childminder_id: int, minder_access_id: int) -> HttpResponse:
    return PAGES.invite_again(request, childminder_id, minder_access_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def end(request: MarelleRequest, childminder_id: int, minder_access_id: int) -> HttpResponse:
    return PAGES.end(request, childminder_id, minder_access_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def erase(request: MarelleRequest, childminder_id: int, minder_access_id: int) -> HttpResponse:
    return PAGES.erase(request, childminder_id, minder_access_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def forget(request: MarelleRequest, childminder_id: int) -> HttpResponse:
    if request.method != "POST":
        row = get_object_or_404(childminders_held(request.actor), pk=childminder_id)
        return sure_page(
            request,
            Sure(
                _("Effacer les données\u00a0: %s") % row.name,
                _(
                    "Son nom, son téléphone, son adresse et son compte sont effacés pour de bon. Il ne reste "
                    "d’elle que les places prises autrefois."
                ),
                _("EFFACER"),
                reverse("agents_mornings:childminders"),
                _("Assistantes maternelles"),
            ),
        )
    try:
        childminder_erase(actor=request.actor, childminder_id=childminder_id, now=request.now)
    except AccessRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Son nom, son téléphone et son adresse sont effacés."))
    return redirect("agents_mornings:childminders")
