"""« Actualités »: written and published by each structure, withdrawn when they are over."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.news.forms import NewsForm
from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.core.refusals import Refusal
from marelle.flows.middleware import MarelleRequest
from marelle.messaging import publishing, selectors
from marelle.messaging.models import News
from marelle.messaging.refusals import NotYours
from marelle.places.scope import DECIDERS

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class NewsLine:
    id: int
    title: str
    about: str
    tag: str
    tone: str
    shown: bool


@require_safe
@staff_only(*DECIDERS)
def news(request: MarelleRequest) -> HttpResponse:
    page = Paginator(selectors.staff_news(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    lines = [_line(row, request) for row in page.object_list]
    return render(request, "agents/news/list.html", {"page_obj": page, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def write(request: MarelleRequest) -> HttpResponse:
    return _form_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def edit(request: MarelleRequest, news_id: int) -> HttpResponse:
    found = selectors.staff_news(request.actor).filter(pk=news_id).first()
    if found is None:
        raise Http404
    return _form_page(request, found)


@require_POST
@staff_only(*DECIDERS)
def withdraw(request: MarelleRequest, news_id: int) -> HttpResponse:
    try:
        publishing.news_withdraw(actor=request.actor, news_id=news_id, now=request.now)
    except NotYours as refusal:
        raise Http404 from refusal
    messages.success(request, _("Actualité retirée : les familles ne la voient plus."))
    return redirect("agents_news:news")


def _form_page(request: MarelleRequest, found: News | None) -> HttpResponse:
    form = NewsForm(
        request.POST or None,
        structures=selectors.structures_written_for(request.actor),
        activities=selectors.activities_written_for(request.actor, day=local(request.now).date()),
        news=found,
    )
    if form.is_valid() and _written(request, form, found):
        return redirect("agents_news:news")
    shown = found is not None and found.published_at is not None and found.withdrawn_at is None
    return render(request, "agents/news/form.html", {"form": form, "shown": shown})


def _written(request: MarelleRequest, form: NewsForm, found: News | None) -> bool:
    publish = request.POST.get("publish") == "1"
    try:
        publishing.news_write(
            actor=request.actor,
            words=form.words(),
            news_id=found.pk if found else None,
            publish=publish,
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("Actualité publiée.") if publish else _("Actualité gardée."))
    return True


def _line(row: News, request: MarelleRequest) -> NewsLine:
    day = local(request.now).date()
    shown = False
    if row.published_at is None:
        tag, tone = _("à publier"), "warn"
    elif row.withdrawn_at is not None:
        tag, tone = _("retirée"), "plain"
    elif row.until is not None and row.until < day:
        tag, tone = _("terminée"), "plain"
    else:
        tag, tone, shown = _("publiée"), "ok", True
    audience = row.activity.name if row.activity is not None else _("toutes les familles")
    about = [row.structure.name, audience]
    if row.until is not None:
        about.append(_("jusqu’au {day}").format(day=day_plain(row.until)))
    return NewsLine(row.pk, row.title, " · ".join(about), tag, tone, shown)
