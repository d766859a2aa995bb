"""« Modèles de réponse »: answers kept ready for what families often ask."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.messages.replies.forms import ReplyForm
from marelle.core.converters import id_read
from marelle.core.french import instant_long_year
from marelle.core.refusals import No, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.messaging.labels import refusal_text
from marelle.messaging.models import ReplyTemplate
from marelle.messaging.replies import (
    KeptReply,
    replies_listed,
    reply_remove,
    reply_save,
    structures_with_replies,
)
from marelle.messaging.scope import replies_kept
from marelle.places.scope import DECIDERS
from marelle.places.selectors import authorities_in_office

FIELDS = (
    ("{prénom}", gettext_lazy("le prénom de qui a écrit")),
    ("{nom}", gettext_lazy("son nom")),
    ("{enfant}", gettext_lazy("les prénoms des enfants du foyer qui viennent dans la structure")),
    ("{structure}", gettext_lazy("le nom de la structure")),
    ("{agent}", gettext_lazy("votre nom")),
)


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """`about` says for whom, by whom and when; `text` is the template itself."""

    id: int
    title: str
    text: str
    about: str
    mine: bool
    revision: int


@require_safe
@staff_only(*DECIDERS)
def replies(request: MarelleRequest) -> HttpResponse:
    lines = [_line(kept) for kept in replies_listed(request.actor)]
    return render(request, "agents/replies/replies.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def add(request: MarelleRequest) -> HttpResponse:
    return _form_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def change(request: MarelleRequest, reply_id: int) -> HttpResponse:
    row = replies_kept(request.actor).filter(pk=reply_id).first()
    if row is None:
        raise Http404
    return _form_page(request, row)


@require_POST
@staff_only(*DECIDERS)
def remove(request: MarelleRequest, reply_id: int) -> HttpResponse:
    seen = id_read(request.POST.get("seen", "")) or 0
    try:
        reply_remove(actor=request.actor, reply_id=reply_id, seen=seen, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Modèle supprimé."))
    return redirect("agents_replies:replies")


def _form_page(request: MarelleRequest, row: ReplyTemplate | None) -> HttpResponse:
    form = ReplyForm(
        request.POST or None,
        authorities=authorities_in_office(request.actor),
        structures=structures_with_replies(request.actor),
        row=row,
    )
    if form.is_valid() and _saved(request, form, row):
        messages.success(request, _("Modèle enregistré."))
        return redirect("agents_replies:replies")
    return render(request, "agents/replies/form.html", {"form": form, "row": row, "fields": FIELDS})


def _saved(request: MarelleRequest, form: ReplyForm, row: ReplyTemplate | None) -> bool:
    try:
        reply_save(
            actor=request.actor,
            words=form.words(),
            reply_id=row.pk if row else None,
            seen=form.seen_revision(),
            now=request.now,
        )
    except No as refusal:
        form.refuse(refusal)
        return False
    return True


def _line(kept: KeptReply) -> ReplyLine:
    row = kept.row
    where = row.structure.name if row.structure else _("{authority}, toutes les structures")
    told = {
        "where": where.format(authority=row.authority.name),
        "by": row.by,
        "at": instant_long_year(row.changed_at),
    }
    about = _("{where} · par {by}, le {at}").format(**told)
    return ReplyLine(row.pk, row.title, row.text, about, kept.mine, row.revision)
