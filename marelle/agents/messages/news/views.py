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
from marelle.agents.messages.news import words
from marelle.agents.messages.news.forms import NewsForm
from marelle.core.french import day_plain
from marelle.core.refusals import No
from marelle.flows.actor.middleware import MarelleRequest
from marelle.messaging import publishing, selectors
from marelle.messaging.models import News
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
    sent: bool


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
    publishing.news_withdraw(actor=request.actor, news_id=news_id, now=request.now)
    messages.success(request, _("Actualité retirée : les familles ne la voient plus."))
    return redirect("agents_news:news")


def _form_page(request: MarelleRequest, found: News | None) -> HttpResponse:
    day = request.today
    form = NewsForm(
        request.POST or None,
        structures=selectors.structures_written_for(request.actor),
        activities=selectors.activities_written_for(request.actor, day=day),
        groups=selectors.groups_written_for(request.actor, day=day),
        news=found,
    )
    if form.is_valid():
        written = _written(request, form, found)
        if written is not None:
            return _next(request, written)
    context = {
        "form": form,
        "heading": _("Corriger une actualité") if found else _("Écrire une actualité"),
        "shown": found is not None and words.is_shown(found),
        "sent": found is not None and words.sending_of(found) is not None,
    }
    return render(request, "agents/news/form.html", context)


def _written(request: MarelleRequest, form: NewsForm, found: News | None) -> News | None:
    try:
        return publishing.news_write(
            actor=request.actor,
            words=form.words(),
            news_id=found.pk if found else None,
            seen=form.shown() if found else None,
            publish=request.POST.get("publish") == "1",
            now=request.now,
        )
    except No as refusal:
        form.refuse(refusal)
        return None


def _next(request: MarelleRequest, news: News) -> HttpResponse:
    """To whom it is for is counted before it is sent, and before one for a group or a day is published."""
    asked = {"publish", "send"} & request.POST.keys()
    if "send" in asked or (asked and not words.is_shown(news)):
        return redirect("agents_news:send", news.pk)
    messages.success(request, _("Actualité publiée.") if asked else _("Actualité gardée."))
    return redirect("agents_news:news")


def _line(row: News, request: MarelleRequest) -> NewsLine:
    tag, tone = words.standing(row, request.today)
    about = words.audience(row)
    if row.until is not None:
        about = _("{about} · jusqu’au {day}").format(about=about, day=day_plain(row.until))
    return NewsLine(
        row.pk, row.title, about, tag, tone, shown=tone == "ok", sent=words.sending_of(row) is not None
    )
