"""« Écoles et calendriers »: what the authorities share, kept by an administrator or the portal's office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.activities.services.shared import keeps_shared, shared_remove, shared_rows
from marelle.agents.activities import shared_words as words
from marelle.agents.activities.forms import shared as forms
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.rows import dropped, page, saved_text, written
from marelle.agents.billed import day_begun
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.catalogue.shared import Followed, shared_begin, shared_edit
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, School
from marelle.places.selectors import keeps_portal

KEEPERS: Final = (Role.ADMINISTRATOR, Role.OFFICE)


@dataclass(frozen=True, slots=True)
class Kind:
    model: type[models.Model]
    form: type[EditForm]
    new: str | Promise


KINDS: Final = {
    "collectivites": Kind(Authority, forms.AuthorityForm, gettext_lazy("Nouvelle collectivité")),
    "communes": Kind(Commune, forms.CommuneForm, gettext_lazy("Nouvelle commune")),
    "ecoles": Kind(School, forms.SchoolForm, gettext_lazy("Nouvelle école")),
    "calendriers": Kind(Calendar, forms.CalendarForm, gettext_lazy("Nouveau calendrier")),
    "periodes": Kind(CalendarSpan, forms.SpanForm, gettext_lazy("Jours ajoutés à un calendrier")),
}
"""The kinds, by the word of their address."""


@require_safe
@staff_only(*KEEPERS)
def shared(request: MarelleRequest) -> HttpResponse:
    if not keeps_portal(request.actor):
        raise Http404
    context = {"sections": words.sections(request.actor, day=request.today)}
    return render(request, "agents/activities/shared.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def add(request: MarelleRequest, shared_kind: str) -> HttpResponse:
    kind = _kind(request, shared_kind)
    form = _form(request, kind, kind.model())
    done = written(
        form,
        lambda: shared_begin(
            actor=request.actor,
            model=kind.model,
            values=form.changes(),
            since=form.cleaned_data.get("since"),
            now=request.now,
        ),
    )
    if done is not None:
        _tell(request, _("C’est ajouté."), done)
        return redirect("agents_activities:shared")
    return _page(request, form, title=kind.new)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def change(request: MarelleRequest, shared_kind: str, shared_id: int) -> HttpResponse:
    kind = _kind(request, shared_kind)
    row = shared_rows(request.actor, kind.model).filter(pk=shared_id).first()
    if row is None:
        raise Http404
    form = _form(request, kind, row)
    done = written(
        form,
        lambda: shared_edit(
            actor=request.actor,
            model=kind.model,
            pk=shared_id,
            changes=form.changes(),
            seen=form.shown(),
            since=form.cleaned_data.get("since"),
            now=request.now,
        ),
    )
    if done is not None:
        _tell(request, saved_text(done.changed), done)
        return redirect("agents_activities:shared")
    drop = reverse("agents_activities:shared_remove", args=[shared_kind, shared_id])
    gone = "" if kind.model is Authority else drop
    return _page(request, form, title=str(row), name=_("Modifier · %s") % row, remove=gone)


@require_POST
@staff_only(*KEEPERS)
def remove(request: MarelleRequest, shared_kind: str, shared_id: int) -> HttpResponse:
    kind = _kind(request, shared_kind)
    if not dropped(
        request,
        lambda: shared_remove(actor=request.actor, model=kind.model, pk=shared_id, now=request.now),
    ):
        return redirect("agents_activities:shared_change", shared_kind, shared_id)
    messages.success(request, _("C’est supprimé."))
    return redirect("agents_activities:shared")


def _kind(request: MarelleRequest, name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None or not keeps_shared(request.actor, kind.model):
        raise Http404
    return kind


def _tell(request: MarelleRequest, said: str, done: Followed) -> None:
    level = messages.WARNING if done.years == () else messages.SUCCESS
    messages.add_message(request, level, " ".join(filter(None, (said, words.followed_text(done)))))
    for line in words.billed_texts(done):
        messages.warning(request, line)


def _form(request: MarelleRequest, kind: Kind, row: Any) -> EditForm:
    return kind.form(
        request.POST if request.method == "POST" else None,
        instance=row,
        actor=request.actor,
        initial=_first_told(request, row) if kind.model is Commune else {},
    )


def _first_told(request: MarelleRequest, commune: Commune) -> dict[str, Any]:
    """Of a new commune, that its people are the residents of the one authority there is."""
    told: dict[str, Any] = {"since": day_begun(request.today)}
    authorities = list(Authority.objects.order_by("pk")[:2])
    if commune._state.adding and len(authorities) == 1:
        told["authorities"] = authorities
    return told


def _page(request: MarelleRequest, form: EditForm, **context: Any) -> HttpResponse:
    told = {"name": context["title"], "lead": "", **context}
    return page(request, form, back=(reverse("agents_activities:shared"), _("Écoles et calendriers")), **told)
