"""« Prélèvement »: the mandates of a home, one on paper, and those that a second person is to see."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.bills.mandate_forms import CheckForm, MandateEndForm, PaperForm
from marelle.agents.bills.mandate_words import mandate_facts, mandate_row
from marelle.agents.bills.reminder_words import hidden_text
from marelle.agents.families.traits import noted_home
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.mandates.offers import MandateRefused
from marelle.billing.mandates.rules import Account, may_check
from marelle.billing.mandates.selectors import debiting, lives_of, mandates_to_check, office_mandates
from marelle.billing.mandates.services import (
    Paper,
    mandate_check,
    mandate_end,
    mandate_note,
    mandate_refuse,
)
from marelle.billing.models import Mandate
from marelle.billing.selectors import keeps_several, office_authorities
from marelle.core.sealed import CannotOpen, CannotSeal
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest

PER_PAGE = 50
SEALS_NOTHING = gettext_lazy(
    "Un compte ne peut pas être lu ni enregistré pour l’instant\u00a0: prévenez qui s’occupe du serveur."
)
either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_only(*KEEPERS)
def to_check(request: MarelleRequest) -> HttpResponse:
    waiting = mandates_to_check(request.actor, request.apart)
    page = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    several = keeps_several(request.actor)
    rows = [mandate_row(one, named=True, several=several) for one in page]
    close = {one.family_id for one in mandates_to_check(request.actor).filter(family__in=request.apart)}
    context = {"page_obj": page, "rows": rows, "hidden": hidden_text(len(close))}
    return render(request, "agents/bills/to_check.html", context)


@sensitive_post_parameters("iban", "bic")
@sensitive_variables()
@either
@staff_only(*KEEPERS)
def mandates(request: MarelleRequest, family_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    found = list(office_mandates(request.actor).filter(family=family))
    authorities = list(debiting().filter(pk__in=office_authorities(request.actor)))
    live = ",".join(str(one.pk) for one in found if one.state != Mandate.State.ENDED)
    form = PaperForm(
        request.POST or None, request.FILES or None, authorities=authorities, initial={"seen": live}
    )
    if authorities and form.is_valid() and _noted(request, family.pk, form):
        return redirect("agents_bills:mandates", family.pk)
    several = keeps_several(request.actor)
    context = {
        "family": family,
        "rows": [mandate_row(one, named=False, several=several) for one in found],
        "form": form if authorities else None,
    }
    return render(request, "agents/bills/mandates.html", context)


def _noted(request: MarelleRequest, family_id: int, form: PaperForm) -> bool:
    seen = office_mandates(request.actor).filter(
        family=family_id, authority=form.authority_id, pk__in=form.seen_ids
    )
    paper = Paper(
        Account(**form.account),
        form.cleaned_data["signed_on"],
        form.cleaned_data["scan"][0],
        form.cleaned_data["rum"],
        tuple(seen.order_by("pk").values_list("pk", flat=True)),
    )
    try:
        mandate_note(
            actor=request.actor,
            family_id=family_id,
            authority_id=form.authority_id,
            paper=paper,
            now=request.now,
        )
    except MandateRefused as refusal:
        form.refuse(refusal)
    except CannotSeal:
        form.add_error(None, str(SEALS_NOTHING))
    else:
        messages.success(request, _("C’est enregistré\u00a0: une autre personne doit le vérifier."))
        return True
    return False


@sensitive_post_parameters("iban")
@sensitive_variables()
@either
@staff_only(*KEEPERS)
def mandate(request: MarelleRequest, family_id: int, mandate_id: int) -> HttpResponse:
    family = noted_home(request, family_id)
    one = _mandate(request, family.pk, mandate_id)
    act = request.POST.get("act", "")
    is_paper = one.how == Mandate.How.PAPER
    check = CheckForm(request.POST if act == "check" else None, is_paper=is_paper)
    end = MandateEndForm(request.POST if act in ("refuse", "end") else None)
    if request.method == "POST" and _done(request, one, act, check, end):
        return redirect("agents_bills:mandate", family.pk, one.pk)
    one.refresh_from_db()
    context = {
        "family": family,
        "mandate": one,
        "row": mandate_row(one, named=False, several=False),
        "facts": mandate_facts(one, lives_of([one])[one.pk]),
        "check": check,
        "end": end,
        "waits": one.state == Mandate.State.WAITING,
        "lives": one.state != Mandate.State.ENDED,
        "may_check": may_check(account=request.actor.user_id, noted_account=one.noted_account_id),
    }
    return render(request, "agents/bills/mandate.html", context)


def _done(request: MarelleRequest, one: Mandate, act: str, check: CheckForm, end: MandateEndForm) -> bool:
    form = check if act == "check" else end
    if not form.is_valid():
        return False
    try:
        _act(request, one.pk, act, form.cleaned_data)
    except MandateRefused as refusal:
        form.refuse(refusal)
    except CannotOpen:
        form.add_error(None, str(SEALS_NOTHING))
    else:
        messages.success(request, _("C’est enregistré. Le foyer en est prévenu."))
        return True
    return False


def _act(request: MarelleRequest, pk: int, act: str, said: dict[str, str]) -> None:
    actor, now = request.actor, request.now
    if act == "check":
        mandate_check(actor=actor, mandate_id=pk, iban=said.get("iban", ""), now=now)
    elif act == "refuse":
        mandate_refuse(actor=actor, mandate_id=pk, reason=said["reason"], now=now)
    else:
        mandate_end(actor=actor, mandate_id=pk, reason=said["reason"], now=now)


@require_safe
@staff_only(*KEEPERS)
def paper(request: MarelleRequest, family_id: int, mandate_id: int) -> FileResponse:
    family = noted_home(request, family_id)
    one = _mandate(request, family.pk, mandate_id)
    if one.paper is None:
        raise Http404
    return file_response(one.paper)


def _mandate(request: MarelleRequest, family_id: int, mandate_id: int) -> Mandate:
    one = office_mandates(request.actor).filter(family=family_id, pk=mandate_id).first()
    if one is None:
        raise Http404
    return one
