"""« Santé »: the health sheet of a child, its vaccinations, the file of its PAI."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.core.sealed import CannotOpen
from marelle.families.care.health import (
    pai_file_remove,
    sheet_data,
    vaccination_add,
    vaccination_remove,
    version_of,
)
from marelle.families.care.labels import care_refused_text
from marelle.families.care.policy import PAI, VACCINATIONS, columns_under
from marelle.families.care.refusals import Unseen
from marelle.families.care.rules import SheetData
from marelle.families.care.selectors import HealthPage, health_page
from marelle.families.fields import Policy
from marelle.files.labels import held_text
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.care.services import health_sheet_save, pai_file_set
from marelle.portal.care import words
from marelle.portal.care.forms import (
    COMMON_VACCINES,
    HealthForm,
    PaiFileForm,
    VaccinationForm,
    health_initial,
)


@require_http_methods(["GET", "HEAD", "POST"])
def health(request: MarelleRequest, person_id: int) -> HttpResponse:
    page = _found(request, person_id)
    form = HealthForm(
        request.POST or None,
        writable=columns_under(page.policies, Policy.FREE),
        initial=health_initial(_data(page) or SheetData(), version_of(page.sheet)),
    )
    if form.is_valid():
        try:
            fields = health_sheet_save(
                actor=request.actor,
                child_id=person_id,
                typed=form.sheet(),
                seen=form.cleaned_data["seen"],
                now=request.now,
            )
        except ChangedMeanwhile as refusal:
            form.refuse(refusal)
            form.show_again(version_of(page.sheet))
            differing = words.differences(sheet_data(page.sheet), form.sheet(), page.sheet)
            return _page(request, page, form=form, differing=differing)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _saved(fields))
            return redirect("care:health", person_id)
    return _page(request, page, form=form if form.is_bound else None)


@require_POST
def vaccine_add(request: MarelleRequest, person_id: int) -> HttpResponse:
    page = _found(request, person_id)
    form = VaccinationForm(request.POST)
    if form.is_valid():
        try:
            vaccination_add(actor=request.actor, child_id=person_id, now=request.now, **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal, "on")
        else:
            messages.success(request, _("Vaccination ajoutée."))
            return redirect("care:health", person_id)
    return _page(request, page, vaccine_form=form)


@require_POST
def vaccine_remove(request: MarelleRequest, person_id: int, vaccination_id: int) -> HttpResponse:
    try:
        vaccination_remove(
            actor=request.actor, child_id=person_id, vaccination_id=vaccination_id, now=request.now
        )
    except Refusal as refusal:
        messages.warning(request, care_refused_text(refusal))
    else:
        messages.success(request, _("Vaccination retirée."))
    return redirect("care:health", person_id)


@require_safe
def pai_file(request: MarelleRequest, person_id: int) -> FileResponse:
    page = _found(request, person_id)
    hidden = page.policies[PAI] is Policy.HIDDEN
    if page.sheet is None or page.sheet.pai_file is None or hidden:
        raise Http404
    return file_response(page.sheet.pai_file, download=True)


@require_POST
def pai_file_send(request: MarelleRequest, person_id: int) -> HttpResponse:
    page = _found(request, person_id)
    form = PaiFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            pai_file_set(
                actor=request.actor,
                child_id=person_id,
                upload=form.cleaned_data["file"][0],
                seen=form.cleaned_data["seen"],
                now=request.now,
            )
        except ChangedMeanwhile as refusal:
            messages.warning(request, care_refused_text(refusal))
            return redirect("care:health", person_id)
        except Unseen as refusal:
            form.tell(refusal)
        except Refusal as refusal:
            form.add_error("file", care_refused_text(refusal))
        else:
            messages.success(request, _("Le fichier du PAI est enregistré."))
            return redirect("care:health", person_id)
    return _page(request, page, file_form=form)


@require_POST
def pai_file_take_away(request: MarelleRequest, person_id: int) -> HttpResponse:
    try:
        if pai_file_remove(actor=request.actor, child_id=person_id, now=request.now):
            messages.success(request, _("Le fichier du PAI est retiré."))
    except Refusal as refusal:
        messages.warning(request, care_refused_text(refusal))
    return redirect("care:health", person_id)


def _found(request: MarelleRequest, person_id: int) -> HealthPage:
    page = health_page(request.actor, child_id=person_id, day=request.today)
    if page is None:
        raise Http404
    return page


def _data(page: HealthPage) -> SheetData | None:
    """None of a sheet that no key opens."""
    try:
        return sheet_data(page.sheet)
    except CannotOpen:
        return None


def _saved(fields: tuple[str, ...]) -> str:
    if not fields:
        return _("Rien n’a changé sur la fiche.")
    return _("Vos modifications sont enregistrées")


def _page(
    request: MarelleRequest,
    page: HealthPage,
    *,
    form: HealthForm | None = None,
    vaccine_form: VaccinationForm | None = None,
    file_form: PaiFileForm | None = None,
    differing: words.Pairs | None = None,
) -> HttpResponse:
    writable = columns_under(page.policies, Policy.FREE)
    data = _data(page)
    initial = health_initial(data or SheetData(), version_of(page.sheet))
    pai_file = page.sheet.pai_file if page.sheet else None
    sends_pai = page.ward.may_write and page.policies[PAI] is Policy.FREE
    reads_only = data is None or not page.ward.may_write
    context: dict[str, Any] = {
        **words.shared(page.ward),
        "written": words.written_text(page.written_at),
        "sees_health": page.ward.sees_health,
        "form": form or HealthForm(writable=writable, initial=initial),
        # Of a sheet that no key opens, only what was typed and refused is shown, to be copied.
        "writes_sheet": page.ward.may_write and bool(writable) and (data is not None or form is not None),
        "differing": differing or [],
        "pairs": words.readable_pairs(page) if reads_only else words.read_only_pairs(page),
        "vaccinations": words.vaccination_lines(page),
        "sees_vaccinations": page.policies[VACCINATIONS] is not Policy.HIDDEN,
        "adds_vaccinations": page.ward.may_write and page.policies[VACCINATIONS] is Policy.FREE,
        "vaccine_form": vaccine_form or VaccinationForm(),
        "vaccines": COMMON_VACCINES,
        "sees_pai": page.policies[PAI] is not Policy.HIDDEN,
        "sends_pai": sends_pai,
        "pai_file": pai_file,
        "pai_file_held": held_text(pai_file, to_sender=sends_pai),
        "file_form": file_form or PaiFileForm(initial={"seen": page.sheet and page.sheet.pai_file_id}),
    }
    return render(request, "portal/care/health.html", context)
