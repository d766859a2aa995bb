"""« Ma famille »: the home and its people; their fields are changed at once, or wait for an agent."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.bookings.aged import out_of_age
from marelle.bookings.labels import aged_text
from marelle.core.refusals import Refusal
from marelle.families import pages
from marelle.families.fields import CHILD_BIRTH
from marelle.families.file.changes import Saved, change_withdraw, file_save
from marelle.families.file.confirmation import to_confirm
from marelle.families.file.labels import refusal_text
from marelle.families.file.reading import (
    Sheet,
    changes_answered,
    changes_seen,
    changes_waiting,
    home_sheet,
    person_sheet,
)
from marelle.families.file.values import day_held
from marelle.families.incomes.selectors import incomes_held
from marelle.families.models import Person
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.incomes.caf import is_offered
from marelle.flows.papers.asked import publications_to_accept
from marelle.places.letterheads import authority_names
from marelle.portal.care.card import care_card
from marelle.portal.family import words
from marelle.portal.family.forms import SheetForm
from marelle.portal.family.income_words import income_card
from marelle.portal.family.teens import teen_line


@require_safe
def people(request: MarelleRequest) -> HttpResponse:
    day = request.today
    sheet = home_sheet(request.actor, day=day)
    if sheet is None:
        raise Http404
    lines = pages.household(request.actor, day=day).people
    context = {
        "adults": [words.person_card(line, day) for line in lines if line.is_adult],
        "children": [words.person_card(line, day) for line in lines if not line.is_adult],
        "home": words.home_pairs(sheet),
        "may_write": sheet.may_write,
        "to_confirm": to_confirm(request.actor, day),
        "waiting": words.waiting_cards(changes_waiting(request.actor, day=day), {}),
        "answered": words.answered_cards(changes_answered(request.actor, now=request.now, day=day)),
        "to_accept": len(publications_to_accept(request.actor, day=day)),
    }
    return render(request, "portal/family/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: MarelleRequest) -> HttpResponse:
    sheet = home_sheet(request.actor, day=request.today)
    if sheet is None:
        raise Http404
    form = _form(request, sheet)
    if request.method == "POST" and _is_saved(request, form, None):
        return redirect("family:home")
    rows = incomes_held(request.actor)
    context = {
        "name": _("Votre foyer"),
        "facts": words.read_only_pairs(sheet),
        "incomes": income_card(rows, sheet, request.today, authority_names()),
        "asks_caf": is_offered(),
        **_sheet_context(sheet, form),
    }
    return render(request, "portal/family/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: MarelleRequest, person_id: int) -> HttpResponse:
    day = request.today
    sheet = person_sheet(request.actor, person_id, day=day)
    if sheet is None:
        raise Http404
    form = _form(request, sheet)
    if request.method == "POST" and _is_saved(request, form, person_id):
        return redirect("family:person", person_id)
    page = pages.person_page(request.actor, person_id=person_id, day=day)
    is_child = isinstance(page, pages.ChildPage)
    facts = words.read_only_pairs(sheet)
    facts += words.child_pairs(page) if isinstance(page, pages.ChildPage) else []
    facts += words.adult_pairs(page) if isinstance(page, pages.AdultPage) else []
    context = {
        "name": str(sheet.person),
        "person_id": person_id,
        "is_child": is_child,
        "is_me": person_id == request.actor.person_id,
        "facts": facts,
        "guardians": words.guardian_cards(page) if isinstance(page, pages.ChildPage) else [],
        "care": care_card(request.actor, person_id, day=day) if is_child else None,
        "teen": teen_line(request.actor, sheet.person, day=day) if is_child and sheet.person else "",
        **_sheet_context(sheet, form),
    }
    return render(request, "portal/family/person.html", context)


@require_POST
def withdraw(request: MarelleRequest, change_id: int) -> HttpResponse:
    try:
        change_withdraw(actor=request.actor, change_id=change_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("Votre demande est reprise : rien n’est changé."))
    return redirect("family:people")


@require_safe
def proof(request: MarelleRequest, change_id: int) -> HttpResponseBase:
    """The file that the home joined to a change."""
    day = request.today
    change = changes_seen(request.actor, day=day).filter(pk=change_id).exclude(proof=None).first()
    if change is None or change.proof is None:
        raise Http404
    return file_response(change.proof)


def _form(request: MarelleRequest, sheet: Sheet) -> SheetForm:
    if request.method == "POST":
        return SheetForm(request.POST, request.FILES, sheet=sheet, me=request.actor.person_id)
    return SheetForm(None, None, sheet=sheet, me=request.actor.person_id)


def _is_saved(request: MarelleRequest, form: SheetForm, person_id: int | None) -> bool:
    if not form.is_valid():
        return False
    seen = form.seen_when_typed()
    try:
        saved = file_save(
            actor=request.actor,
            person_id=person_id,
            typed=form.typed(),
            seen=seen,
            proofs=form.proofs(),
            shown_waiting=form.shown_waiting(),
            now=request.now,
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    _tell(request, saved)
    if person_id is not None and CHILD_BIRTH in saved.kept:
        _tell_aged(request, person_id, day_held(seen[CHILD_BIRTH]))
    return True


def _tell(request: MarelleRequest, saved: Saved) -> None:
    if saved.kept:
        messages.success(request, _("Vos modifications sont enregistrées"))
    if saved.waiting:
        messages.info(request, _("Certaines données sont en attente de modération"))
    if saved.replaced:
        messages.info(request, _("Votre nouvelle proposition remplace celle qui attendait."))
    if not saved.kept and not saved.waiting:
        messages.info(request, _("Rien n’avait changé : il n’y avait rien à enregistrer."))


def _tell_aged(request: MarelleRequest, child_id: int, known: date | None) -> None:
    corrected = Person.objects.values_list("birth_date", flat=True).get(pk=child_id)
    home = request.actor.family_id
    aged = out_of_age(child_id, known=known, corrected=corrected, now=request.now, family_id=home)
    if aged:
        messages.warning(request, aged_text(aged))


def _sheet_context(sheet: Sheet, form: SheetForm) -> dict[str, Any]:
    pending = [line.pending for line in sheet.lines if line.pending is not None]
    return {
        "form": form,
        "groups": words.groups(form),
        "may_write": sheet.may_write and bool(form.lines),
        "waiting": words.waiting_cards(pending, sheet.facts.schools),
        "file_again": bool(form.files) and bool(form.errors),
    }
