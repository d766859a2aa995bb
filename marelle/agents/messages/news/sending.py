"""Sending a piece of news: whom it reaches is shown first; then how far it is, and who got it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.guards import staff_only
from marelle.agents.messages.news import words
from marelle.agents.messages.news.forms import SendForm
from marelle.agents.ways import home_ways
from marelle.core.refusals import Recounted, Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.messages.news import counted, news_tell
from marelle.messaging import selectors
from marelle.messaging.labels import refusal_text
from marelle.messaging.models import News
from marelle.places.scope import DECIDERS

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def send(request: MarelleRequest, news_id: int) -> HttpResponse:
    news = selectors.staff_news(request.actor).filter(pk=news_id).first()
    if news is None:
        raise Http404
    if words.sending_of(news) is not None:
        return redirect("agents_news:sent", news_id)
    form = SendForm(request.POST or None)
    if form.is_valid() and _sent(request, form, news_id):
        return redirect("agents_news:sent", news_id)
    return _confirm_page(request, news, urgent=form.is_bound and "urgent" in form.data)


@require_safe
@staff_only(*DECIDERS)
def sent(request: MarelleRequest, news_id: int) -> HttpResponse:
    sending = selectors.sending_in_charge(request.actor, news_id)
    if sending is None:
        raise Http404
    progress = selectors.sending_progress(sending)
    failed = "echecs" in request.GET
    rows = selectors.sending_recipients(sending, failed=failed)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    ways = home_ways(request, {row.family_id for row in page.object_list})
    context = {
        "news": sending.news,
        "progress": progress,
        "told": words.progress_text(progress),
        "pairs": words.sent_pairs(sending, progress),
        "withdrawn": sending.news.withdrawn_at is not None and not progress.is_over,
        "failed": failed,
        "page_obj": page,
        "lines": [words.recipient_line(row, ways) for row in page.object_list],
    }
    return render(request, "agents/news/sent.html", context)


def _confirm_page(request: MarelleRequest, news: News, *, urgent: bool) -> HttpResponse:
    found = counted(news, urgent=False, now=request.now)
    context = {
        "news": news,
        "audience": words.audience(news),
        "homes": found.homes,
        "homes_text": words.homes_text(found.homes),
        "pairs": words.counted_pairs(found),
        "may_be_urgent": news.day is not None,
        "urgent_adds": found.portal_only,
        "shown": words.is_shown(news),
        "form": SendForm(initial={"homes": found.homes, "urgent": urgent}),
    }
    return render(request, "agents/news/send.html", context)


def _sent(request: MarelleRequest, form: SendForm, news_id: int) -> bool:
    given = form.cleaned_data
    try:
        news_tell(
            actor=request.actor,
            news_id=news_id,
            by_mail=given["by_mail"],
            urgent=given["urgent"],
            expected=given["homes"],
            now=request.now,
        )
    except Recounted as refusal:
        told = _("Entre-temps, le nombre de familles concernées a changé : {homes}. Vérifiez, puis envoyez.")
        messages.warning(request, told.format(homes=words.homes_text(refusal.data["homes"])))
        return False
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return False
    done = _("L’envoi commence.") if given["by_mail"] else _("Actualité publiée.")
    messages.success(request, done)
    return True
