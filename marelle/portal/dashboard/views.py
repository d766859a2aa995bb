"""« Mon tableau de bord »: what there is to do, the days that come, and the menu with what waits."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.bills.sharing import own_of
from marelle.flows.dashboard.selectors import dashboard as read_dashboard
from marelle.portal.dashboard import todo, words
from marelle.shell.menus import AGENTS, family_menu


@require_safe
def dashboard(request: MarelleRequest) -> HttpResponse:
    if request.actor.family_id is None:
        if request.actor.is_staff:
            return redirect(AGENTS)
        raise Http404
    facts = read_dashboard(request.actor, now=request.now)
    facts = replace(facts, so_far=own_of(request.actor, facts.so_far, request.today))
    tasks, others = todo.folded(todo.tasks(facts, request.now))
    context = {
        "greeting": words.greeting(facts, request.actor),
        "lead": words.lead(facts),
        "tasks": tasks,
        "others": others,
        "count": len(facts.todo),
        "changes": todo.changes(facts),
        "menu": words.menu(facts, family_menu(), request.now),
        "days_title": words.SPANS[facts.span],
        "days": words.days(facts),
        "may_book": facts.may_book,
        "structures": facts.structures,
        "news": facts.news,
        "has_left": facts.has_left,
    }
    return render(request, "portal/dashboard/dashboard.html", context)
