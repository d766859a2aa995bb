"""The commissions of an agent: prepared, sat, answered."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.activities import rows
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.campaigns.forms import NumberGivenForm
from marelle.agents.commissions import words
from marelle.agents.commissions.forms import CommissionForm, CriterionForm, MembersForm, SectionForm
from marelle.agents.guards import staff_only
from marelle.campaigns.commissions.deciding import commission_propose, commission_send
from marelle.campaigns.commissions.labels import STATE_TONES, refusal_text
from marelle.campaigns.commissions.reading import commissions_of, sheets_of
from marelle.campaigns.commissions.refusals import CommissionRefused
from marelle.campaigns.commissions.services import (
    commission_add,
    commission_change,
    commission_remove,
    criterion_add,
    part_remove,
    section_add,
)
from marelle.campaigns.models import Commission, CommissionCriterion, CommissionSection
from marelle.core.converters import id_read
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS

State = Commission.State


@require_safe
@staff_only(*DECIDERS)
def commissions(request: MarelleRequest) -> HttpResponse:
    lines = words.lines(commissions_of(request.actor))
    return render(request, "agents/commissions/commissions.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def new(request: MarelleRequest) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = CommissionForm(posted, instance=Commission(), actor=request.actor)
    saved = rows.written(
        form, lambda: commission_add(actor=request.actor, values=form.changes(), now=request.now)
    )
    if saved is not None:
        messages.success(request, _("C’est préparé. Ajoutez les places à donner, puis vos critères."))
        return redirect("agents_commissions:commission", saved.pk)
    title = _("Nouvelle commission")
    back = (reverse("agents_commissions:commissions"), _("Commissions"))
    return rows.page(request, form, title=title, name=title, lead="", back=back)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def commission(request: MarelleRequest, commission_id: int) -> HttpResponse:
    found = found_commission(request, commission_id)
    number = NumberGivenForm(request.POST if request.POST.get("action") == "propose" else None)
    if request.method == "POST":
        answer = _act(request, found, number)
        if answer is not None:
            return answer
    sheets = sheets_of(found).exclude(request__family_id__in=list(request.apart))
    context = {
        "commission": found,
        "state": str(State(found.state).label),
        "tone": STATE_TONES[State(found.state)],
        "next": words.next_text(found),
        "pairs": words.pairs(found),
        "sections": words.section_lines(found),
        "criteria": words.criterion_lines(found),
        "sheets": words.sheet_lines(sheets, request.today),
        "number": number,
        "is_draft": found.state == State.DRAFT,
        "is_seated": found.state == State.PROPOSED,
    }
    return render(request, "agents/commissions/commission.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def change(request: MarelleRequest, commission_id: int) -> HttpResponse:
    return _changed(request, _draft(request, commission_id), CommissionForm, _("Modifier"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def members(request: MarelleRequest, seated_id: int) -> HttpResponse:
    found = found_commission(request, seated_id)
    if found.state == State.SENT:
        raise Http404
    return _changed(request, found, MembersForm, _("Qui siège"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def section(request: MarelleRequest, commission_id: int) -> HttpResponse:
    found = _draft(request, commission_id)
    row = CommissionSection(commission=found)
    form = SectionForm(request.POST if request.method == "POST" else None, instance=row, actor=request.actor)
    return _added(request, found, form, _("Ajouter des places"), section_add)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def criterion(request: MarelleRequest, commission_id: int) -> HttpResponse:
    found = _draft(request, commission_id)
    row = CommissionCriterion(commission=found, use="tier")
    form = CriterionForm(
        request.POST if request.method == "POST" else None, instance=row, actor=request.actor
    )
    return _added(request, found, form, _("Ajouter un critère"), criterion_add)


def _added(
    request: MarelleRequest, found: Commission, form: EditForm, title: str, add: Callable[..., object]
) -> HttpResponse:
    try:
        saved = rows.written(
            form,
            lambda: add(actor=request.actor, commission_id=found.pk, values=form.changes(), now=request.now),
        )
    except CommissionRefused as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_commissions:commission", found.pk)
    if saved is not None:
        messages.success(request, _("C’est ajouté."))
        return redirect("agents_commissions:commission", found.pk)
    name = f"{title} · {found.name}"
    return rows.page(request, form, title=title, name=name, lead=found.name, back=back_to(found))


def _changed(request: MarelleRequest, found: Commission, kind: type[EditForm], title: str) -> HttpResponse:
    form = kind(request.POST if request.method == "POST" else None, instance=found, actor=request.actor)
    try:
        changed = rows.written(
            form,
            lambda: commission_change(
                actor=request.actor,
                commission_id=found.pk,
                changes=form.changes(),
                seen=form.shown(),
                now=request.now,
            ),
        )
    except CommissionRefused as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_commissions:commission", found.pk)
    if changed is not None:
        messages.success(request, rows.saved_text(changed))
        return redirect("agents_commissions:commission", found.pk)
    name = f"{title} · {found.name}"
    return rows.page(request, form, title=title, name=name, lead=found.name, back=back_to(found))


def found_commission(request: MarelleRequest, commission_id: int) -> Commission:
    found = commissions_of(request.actor).select_related("structure").filter(pk=commission_id).first()
    if found is None:
        raise Http404
    return found


def back_to(commission: Commission) -> tuple[str, str]:
    return reverse("agents_commissions:commission", args=[commission.pk]), commission.name


def _draft(request: MarelleRequest, commission_id: int) -> Commission:
    found = found_commission(request, commission_id)
    if found.state != State.DRAFT:
        raise Http404
    return found


def _act(request: MarelleRequest, found: Commission, number: NumberGivenForm) -> HttpResponse | None:
    """Back to the page once it is done or refused; None where a field is at fault."""
    action = request.POST.get("action", "")
    if action == "propose" and not number.is_valid():
        return None
    act = ACTS.get(action)
    if act is None:
        raise Http404
    try:
        told = act(request, found)
    except CommissionRefused as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, told)
    if action == "remove" and not Commission.objects.filter(pk=found.pk).exists():
        return redirect("agents_commissions:commissions")
    return redirect("agents_commissions:commission", found.pk)


def _propose(request: MarelleRequest, found: Commission) -> str:
    number = request.POST.get("number", "")
    commission_propose(actor=request.actor, commission_id=found.pk, number=number, now=request.now)
    return _("Le classement est fait, et vérifié par un autre programme. Rien n’est parti.")


def _send(request: MarelleRequest, found: Commission) -> str:
    unreached = commission_send(actor=request.actor, commission_id=found.pk, now=request.now)
    return words.sent_text(unreached)


def _remove(request: MarelleRequest, found: Commission) -> str:
    commission_remove(actor=request.actor, commission_id=found.pk, now=request.now)
    return _("C’est supprimé.")


def _drop(request: MarelleRequest, found: Commission) -> str:
    name, _dot, pk = request.POST.get("part", "").partition(".")
    part_remove(actor=request.actor, commission_id=found.pk, name=name, pk=id_read(pk) or 0, now=request.now)
    return _("C’est retiré.")


Act = Callable[[MarelleRequest, Commission], str]
"""Does what a button says, and gives the sentence that tells it."""

ACTS: dict[str, Act] = {"propose": _propose, "send": _send, "remove": _remove, "drop": _drop}
