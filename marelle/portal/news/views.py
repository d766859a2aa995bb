"""News of the structures where the home's children are enrolled."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marelle.core.clock import local
from marelle.core.french import day_plain
from marelle.enrolments.selectors import live_enrolments
from marelle.families.selectors import children
from marelle.flows.actor.middleware import MarelleRequest
from marelle.messaging.models import News
from marelle.messaging.selectors import news_for

PER_PAGE = 20


@require_safe
def news(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        raise Http404
    day = request.today
    child_ids = [child.id for child in children(request.actor, day=day)]
    enrolled = live_enrolments(request.actor, child_ids, day=day)
    rows = news_for(request.actor.family_id, enrolled.structure_ids, enrolled.activity_ids, day)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    lines = [(row, _about(row)) for row in page.object_list]
    return render(request, "portal/news/news.html", {"page_obj": page, "lines": lines})


def _about(row: News) -> str:
    parts = [row.structure.name]
    if row.published_at is not None:
        parts.append(day_plain(local(row.published_at).date()))
    return " · ".join(parts)
