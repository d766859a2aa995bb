"""« Mon quotient »: agree to have the CAF or the MSA asked, have it asked again, and take that back."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long_year
from marelle.core.refusals import Refusal
from marelle.families.caf.agreements import (
    adults_of,
    agreement_end,
    agreement_give,
    recognised_of,
    standing_of,
)
from marelle.families.caf.labels import outcome_text, refusal_text, wording
from marelle.families.caf.rules import GOOD, Outcome
from marelle.families.file.reading import home_sheet
from marelle.families.models import CafAgreement, Person
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.incomes.caf import agreement_ask, enough_check, is_offered, needs_resources
from marelle.flows.incomes.recognised import franceconnect, is_linked
from marelle.places.selectors import portal_authority
from marelle.portal.access.providers import Purpose, door
from marelle.portal.family.caf_forms import AgreementForm, IdentityForm, RecognisedForm

PAGE = "family:quotient"


@dataclass(frozen=True, slots=True)
class Line:
    """An agreement that stands; `told` is what came of asking, "" before; `is_mine`: the reader may act.
    `leave_url` leads to FranceConnect, "" where one does not ask by it; `is_waiting`: nothing was asked yet,
    and nothing will be before somebody was recognised there."""

    id: int
    who: str
    given: str
    told: str
    tone: str
    is_mine: bool
    leave_url: str
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class Recognised:
    """Agreeing by FranceConnect: by a form, or first by linking it to the account."""

    name: str
    about: str
    form: RecognisedForm | None
    link_url: str


@sensitive_post_parameters("birth_name", "first_names", "birth_date", "sex", "place")
@sensitive_variables("form", "one")
@require_http_methods(["GET", "HEAD", "POST"])
def quotient(request: MarelleRequest) -> HttpResponse:
    lines = _lines(request)
    adults = _agreeing(request)
    if not adults and not lines:
        raise Http404
    recognised, form = _recognised(request, adults), None
    if adults:
        data = request.POST if request.method == "POST" and "fc-seen" not in request.POST else None
        form = IdentityForm(
            data, wording=_wording(request), adults=adults, chooses=request.actor.on_behalf_of
        )
    for one in (form, recognised.form if recognised else None):
        if one is not None and one.is_valid() and _is_given(request, one):
            return redirect(PAGE)
    context = {
        "form": form,
        "recognised": recognised,
        "lines": lines,
        "may_ask": is_offered(),
        "folds": recognised is not None or any(one.leave_url for one in lines),
    }
    return render(request, "portal/family/quotient.html", context)


@require_POST
def ask_again(request: MarelleRequest, agreement_id: int) -> HttpResponse:
    found = next((one for one in _standing(request) if one.pk == agreement_id), None)
    if found is None or not _is_mine(request, found) or not is_offered():
        raise Http404
    _ask(request, found)
    return redirect(PAGE)


@require_POST
def end(request: MarelleRequest, agreement_id: int) -> HttpResponse:
    agreement_end(actor=request.actor, agreement_id=agreement_id, now=request.now)
    messages.success(request, _("L’accord est retiré : plus rien n’est demandé à la CAF ni à la MSA."))
    return redirect("family:home")


def _is_given(request: MarelleRequest, form: AgreementForm) -> bool:
    try:
        enough_check(request.actor.home_id, now=request.now)
        agreement = agreement_give(
            actor=request.actor,
            person_id=form.person_id,
            wording=form.wording,
            resources=_covers_resources(request),
            identity=form.identity,
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    if agreement.identity is None:
        # A form leads to no other host: what goes on is a link.
        messages.success(request, _("Votre accord est noté. Continuez avec FranceConnect."))
    else:
        _ask(request, agreement)
    return True


def _ask(request: MarelleRequest, agreement: CafAgreement) -> None:
    """It says at once what came of it; the page says it again."""
    try:
        outcome = agreement_ask(actor=request.actor, agreement=agreement, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return
    say = messages.success if outcome in GOOD else messages.warning
    say(request, outcome_text(outcome))


def _agreeing(request: MarelleRequest) -> list[Person]:
    """Who may agree here: the reader; for an agent any adult of the home; nobody once the home has left."""
    sheet = home_sheet(request.actor, day=request.today)
    if sheet is None or not sheet.may_write or not is_offered():
        return []
    adults = adults_of(sheet.family.pk, now=request.now)
    return (
        adults if request.actor.on_behalf_of else [one for one in adults if one.pk == request.actor.person_id]
    )


def _standing(request: MarelleRequest) -> list[CafAgreement]:
    return [] if request.actor.family_id is None else list(standing_of(request.actor.family_id))


def _is_mine(request: MarelleRequest, agreement: CafAgreement) -> bool:
    return request.actor.on_behalf_of or agreement.person_id == request.actor.person_id


def _lines(request: MarelleRequest) -> list[Line]:
    return [_line(request, one) for one in _standing(request)]


def _line(request: MarelleRequest, one: CafAgreement) -> Line:
    mine = _is_mine(request, one)
    told, tone = "", "info"
    if mine and one.outcome and one.asked_at is not None:
        outcome = Outcome(one.outcome)
        tone = "ok" if outcome in GOOD else "warn"
        told = _("%(at)s : %(told)s") % {"at": instant_long_year(one.asked_at), "told": outcome_text(outcome)}
    given = _("Accord donné le %(day)s") % {"day": day_plain(local(one.given_at).date())}
    leaves = mine and (one.identity is None or one.certified)
    url = _leave_url(request) if leaves else ""
    return Line(one.pk, str(one.person), given, told, tone, mine, url, one.identity is None)


def _leave_url(request: MarelleRequest) -> str:
    """To FranceConnect: to ask by it, or first to link it to the account. "" where neither is possible."""
    provider = franceconnect()
    if provider is None or request.actor.on_behalf_of:
        return ""
    purpose = Purpose.QUOTIENT if is_linked(request.actor, provider) else Purpose.LINK
    return door(provider, purpose, reverse(PAGE)).url


def _recognised(request: MarelleRequest, adults: list[Person]) -> Recognised | None:
    """None where one cannot agree by FranceConnect, or has."""
    provider, actor = franceconnect(), request.actor
    if provider is None or not adults or actor.on_behalf_of or recognised_of(actor).exists():
        return None
    if not is_linked(actor, provider):
        return Recognised(provider.name, provider.about, None, _leave_url(request))
    data = request.POST if "fc-seen" in request.POST else None
    form = RecognisedForm(data, wording=_wording(request, recognised=True), adults=adults, chooses=False)
    return Recognised(provider.name, provider.about, form, "")


def _covers_resources(request: MarelleRequest) -> bool:
    return needs_resources(request.actor.home_id, now=request.now)


def _wording(request: MarelleRequest, *, recognised: bool = False) -> str:
    authority = portal_authority()
    resources = _covers_resources(request)
    return wording(authority.name if authority else "", resources=resources, recognised=recognised)
