"""A home separated on one address: what is wished, then all that it does, then it is done."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.agents.families.separating import words
from marelle.agents.families.separating.forms import LEAVES, SeparationForm
from marelle.agents.guards import staff_only
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.home.separating.plan import Plan
from marelle.flows.home.separating.preview import (
    Household,
    Preview,
    check_still_there,
    household_of,
    separation_preview,
)
from marelle.flows.home.separating.refusals import AlreadySeparated, SeparationRefused
from marelle.flows.home.separating.services import family_separate
from marelle.shell.again import recognised_first

STEP, CHECK, DO = "etape", "verifier", "separer"
"""The field that says what a form asks for, and its values; anything else: the wishes, to correct them."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
@recognised_first
def separate(request: MarelleRequest, kept_id: int) -> HttpResponse:
    try:
        household = household_of(actor=request.actor, family_id=kept_id, now=request.now)
    except SeparationRefused as refusal:
        messages.warning(request, words.refusal_text(refusal))
        return redirect("agents_families:family", kept_id)
    form = SeparationForm(request.POST or None, household=household, day=request.today)
    step = request.POST.get(STEP)
    if step not in {CHECK, DO}:
        return _wishes(request, household, form)
    try:
        check_still_there(household, _adults(request))
        if not form.is_valid():
            return _wishes(request, household, form)
        plan = form.plan()
        if step == DO and (new_id := _done(request, kept_id, plan)) is not None:
            return redirect("agents_families:family", new_id)
        found = separation_preview(actor=request.actor, family_id=kept_id, plan=plan, now=request.now)
    except AlreadySeparated as done:
        messages.info(request, _("Ces personnes ont déjà leur propre dossier : le voici."))
        return redirect("agents_families:family", done.data["family_id"])
    except SeparationRefused as refusal:
        form.home.refuse(words.refusal_text(refusal))
        return _wishes(request, household, form)
    return _check(request, found)


def _done(request: MarelleRequest, family_id: int, plan: Plan) -> int | None:
    """The new file, or None where the page was too old: what has changed is read again."""
    try:
        done = family_separate(
            actor=request.actor,
            family_id=family_id,
            plan=plan,
            fingerprint=request.POST.get("fingerprint", ""),
            now=request.now,
        )
    except SeparationRefused as refusal:
        if refusal.code != "stale":
            raise
        messages.warning(request, words.refusal_text(refusal))
        return None
    messages.success(request, words.done_text(done))
    return done.family_id


def _check(request: MarelleRequest, found: Preview) -> HttpResponse:
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in {STEP, "fingerprint", "csrfmiddlewaretoken"}
        for value in values
    ]
    context = {**words.check_page(found), "sent": sent}
    return render(request, "agents/separating/check.html", context)


def _wishes(request: MarelleRequest, household: Household, form: SeparationForm) -> HttpResponse:
    context = {"family": household.family, "form": form}
    return render(request, "agents/separating/wishes.html", context)


def _adults(request: MarelleRequest) -> set[int]:
    """Who was to leave, by id, as it was sent: once gone, they are in no part of the form any more."""
    found = (LEAVES.fullmatch(name) for name in request.POST)
    return {int(match[1]) for match in found if match is not None}
