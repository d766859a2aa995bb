"""« Agents et postes »: who works where, invited, changed, suspended."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.accounts.held import has_second
from marelle.accounts.models import User
from marelle.accounts.selectors import last_invitation
from marelle.agents.guards import staff_only
from marelle.agents.settings.team import words
from marelle.agents.settings.team.forms import InviteForm, PostsForm, ReasonForm
from marelle.core.actor import Role
from marelle.core.french import instant_long_year
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.posts import services
from marelle.places.posts.selectors import agent, agents, givable, shown_posts
from marelle.places.scope import DECIDERS
from marelle.shell.again import recognised_first


@require_safe
@staff_only(*DECIDERS)
def team(request: MarelleRequest) -> HttpResponse:
    query = request.GET.get("q", "").replace("\0", "")[:100]
    page = agents(request.actor, query=query, page=request.GET.get("page"))
    context = {"page_obj": page, "lines": words.lines(page), "query": query}
    return render(request, "agents/team/team.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def invite(request: MarelleRequest) -> HttpResponse:
    wide = request.actor.is_administrator or bool(request.actor.authorities(Role.OFFICE))
    form = InviteForm(
        request.POST if request.method == "POST" else None, givable=givable(request.actor), may_join=wide
    )
    if form.is_valid():
        try:
            joined = services.agent_invite(
                actor=request.actor,
                name=form.cleaned_data["name"],
                email=form.cleaned_data["email"],
                powers=form.powers(),
                is_same=wide and form.cleaned_data["is_same"],
                now=request.now,
            )
        except services.PostRefused as refusal:
            form.refuse(refusal)
        else:
            told = _("C’est fait : ses postes sont sur son compte.")
            if joined.sent is not None:
                told = _("L’invitation est partie. Le lien est valable jusqu’au %s.") % instant_long_year(
                    joined.sent.expires_at
                )
            messages.success(request, told)
            return redirect("agents_team:colleague", joined.user_id)
    return render(request, "agents/team/invite.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def colleague(request: MarelleRequest, colleague_id: int) -> HttpResponse:
    found = _found(request, colleague_id)
    held = [services.power_of(post) for post in shown_posts(found)]
    form = PostsForm(
        request.POST if request.method == "POST" else None, givable=givable(request.actor), held=held
    )
    if request.method == "POST" and form.is_valid():
        try:
            count = services.agent_posts_set(
                actor=request.actor,
                user_id=colleague_id,
                powers=form.powers(),
                seen=form.seen_powers(),
                now=request.now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            told = ngettext("%d poste changé.", "%d postes changés.", count) % count
            messages.success(request, told if count else _("Rien n’a changé."))
            left = agent(request.actor, colleague_id) is None
            return redirect("agents_team:team") if left else redirect("agents_team:colleague", colleague_id)
    return _page(request, found, form)


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def suspend(request: MarelleRequest, colleague_id: int) -> HttpResponse:
    _found(request, colleague_id)
    try:
        services.agent_suspend(actor=request.actor, user_id=colleague_id, now=request.now)
    except services.PostRefused as refusal:
        messages.warning(request, words.refusal_text(refusal))
    else:
        messages.success(request, _("C’est suspendu : cette personne est déconnectée partout."))
    return redirect("agents_team:colleague", colleague_id)


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def resume(request: MarelleRequest, colleague_id: int) -> HttpResponse:
    _found(request, colleague_id)
    try:
        services.agent_resume(actor=request.actor, user_id=colleague_id, now=request.now)
    except services.PostRefused as refusal:
        messages.warning(request, words.refusal_text(refusal))
    else:
        messages.success(request, _("Ses postes lui sont rendus."))
    return redirect("agents_team:colleague", colleague_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
@recognised_first
def let_in(request: MarelleRequest, colleague_id: int) -> HttpResponse:
    found = _found(request, colleague_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.agent_let_in(
                actor=request.actor, user_id=colleague_id, reason=form.cleaned_data["reason"], now=request.now
            )
        except Refusal as refusal:
            form.add_error(None, words.refusal_text(refusal))
        else:
            messages.success(request, _("C’est permis, une fois, pendant 24 heures. Un courriel le lui dit."))
            return redirect("agents_team:colleague", colleague_id)
    there = {"up": reverse("agents_team:colleague", args=[colleague_id]), "name_there": str(found)}
    return render(request, "agents/let_in.html", {"form": form, "name": str(found), **there})


@require_POST
@staff_only(*DECIDERS)
@recognised_first
def invite_again(request: MarelleRequest, colleague_id: int) -> HttpResponse:
    _found(request, colleague_id)
    try:
        sent = services.agent_invite_again(actor=request.actor, user_id=colleague_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, words.refusal_text(refusal))
    else:
        told = _("Une nouvelle invitation est partie : l’ancien lien n’ouvre plus rien. Valable jusqu’au %s.")
        messages.success(request, told % instant_long_year(sent.expires_at))
    return redirect("agents_team:colleague", colleague_id)


def _found(request: MarelleRequest, colleague_id: int) -> User:
    found = agent(request.actor, colleague_id)
    if found is None:
        raise Http404
    return found


def _page(request: MarelleRequest, found: User, form: PostsForm) -> HttpResponse:
    posts = shown_posts(found)
    context = {
        "form": form,
        "line": words.line(found),
        "facts": words.facts(found, None if found.is_active else last_invitation(found.pk)),
        "may_let_in": found.pk != request.actor.user_id and has_second(found.pk),
        "is_self": found.pk == request.actor.user_id,
        "may_suspend": any(post.suspended_at is None for post in posts),
        "may_resume": any(post.suspended_at for post in posts),
        "may_invite": not found.is_active and any(post.suspended_at is None for post in posts),
    }
    return render(request, "agents/team/colleague.html", context)
