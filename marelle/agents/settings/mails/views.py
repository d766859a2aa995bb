"""Every mail that the portal sends, with invented data, in the words of each authority; the outbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.settings.mails import words
from marelle.agents.settings.mails.forms import WordingForm
from marelle.core.actor import Role
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.messages.wordings import wording_save, words_kept
from marelle.mail.rendering import STYLE_HASH
from marelle.mail.samples import Sample, samples
from marelle.mail.selectors import counts_by_state, kinds_worded, words_of
from marelle.mail.wording import EVERY, NO_WORDS
from marelle.places.models import Authority
from marelle.places.selectors import authorities_in_office

READS_MAILS = (Role.ADMINISTRATOR, Role.OFFICE)
PREVIEW, RESET = "apercu", "origine"

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def shows_a_mail(view: View) -> View:
    """The page lets in the style sheet of mails, and nothing else inline."""
    return cast("View", csp_update({"style-src": [SELF, STYLE_HASH]})(view))


@require_safe
@staff_only(*READS_MAILS)
def mails(request: MarelleRequest) -> HttpResponse:
    """The outbox is that of the whole portal: who runs it alone reads how it does."""
    outbox = words.outbox_pairs(counts_by_state()) if request.actor.is_administrator else []
    authorities = authorities_in_office(request.actor)
    worded = kinds_worded([one.pk for one in authorities])
    context = {
        "groups": words.groups(samples().values(), worded),
        "outbox": outbox,
        "authorities": authorities,
    }
    return render(request, "agents/mails/mails.html", context)


@require_safe
@shows_a_mail
@staff_only(*READS_MAILS)
def mail(request: MarelleRequest, app: str, name: str) -> HttpResponse:
    sample = _sample(app, name)
    authorities = authorities_in_office(request.actor)
    context = {
        "sample": sample,
        "app": app,
        "name": name,
        "mail": words.shown(sample, _first(authorities)),
        "authorities": authorities if sample.fields else [],
    }
    return render(request, "agents/mails/mail.html", context)


@require_safe
@shows_a_mail
@staff_only(*READS_MAILS)
def preview(request: MarelleRequest, app: str, name: str) -> HttpResponse:
    """The mail as a mail program shows it."""
    authorities = authorities_in_office(request.actor)
    return HttpResponse(words.shown(_sample(app, name), _first(authorities)).html)


@require_http_methods(["GET", "HEAD", "POST"])
@shows_a_mail
@staff_only(*READS_MAILS)
def wording(request: MarelleRequest, authority_id: int, app: str, name: str) -> HttpResponse:
    sample = _sample(app, name)
    if not sample.fields:
        raise Http404
    return _wording(request, authority_id, sample)


@require_http_methods(["GET", "HEAD", "POST"])
@shows_a_mail
@staff_only(*READS_MAILS)
def signature(request: MarelleRequest, authority_id: int) -> HttpResponse:
    return _wording(request, authority_id, None)


def _wording(request: MarelleRequest, authority_id: int, sample: Sample | None) -> HttpResponse:
    """The words of an authority for one mail, or its signature where `sample` is None."""
    authority = next((one for one in authorities_in_office(request.actor) if one.pk == authority_id), None)
    if authority is None:
        raise Http404
    held = words_of(authority_id, sample.kind if sample else EVERY)
    form = WordingForm(request.POST if request.method == "POST" else None, sample=sample, held=held)
    act = request.POST.get("act", "")
    if form.is_valid() and act != PREVIEW and _is_saved(request, authority, sample, form):
        return redirect(request.path)
    typed = words_kept(sample, form.words()) if form.is_bound and not form.errors else held
    mails = (reverse("agents_mails:mails"), _("Courriels envoyés par le portail"))
    mail = (reverse("agents_mails:mail", args=sample.kind.split("/")), sample.when) if sample else mails
    context = {
        "above": mail,
        "sample": sample,
        "authority": authority,
        "form": form,
        "fields": words.field_lines(sample, authority_id),
        "mail": words.shown(sample, authority_id, typed),
        "ours": sample.with_fields_shown().text if sample else "",
        "worded": bool(held),
        "unsaved": act == PREVIEW and not form.errors,
    }
    return render(request, "agents/mails/wording.html", context)


def _is_saved(
    request: MarelleRequest, authority: Authority, sample: Sample | None, form: WordingForm
) -> bool:
    try:
        changed = wording_save(
            actor=request.actor,
            authority_id=authority.pk,
            kind=sample.kind if sample else EVERY,
            words=NO_WORDS if request.POST.get("act") == RESET else form.words(),
            seen=form.seen_words(),
            now=request.now,
        )
    except ChangedMeanwhile as refusal:
        form.refuse(refusal)
        return False
    told = _("C’est enregistré. Les courriels déjà écrits gardent leurs mots.")
    messages.success(request, told if changed else _("Rien n’a changé."))
    return True


def _first(authorities: list[Authority]) -> int | None:
    return authorities[0].pk if authorities else None


def _sample(app: str, name: str) -> Sample:
    found = samples().get(f"{app}/{name}")
    if found is None:
        raise Http404
    return found
