"""« Qui peut venir chercher » and « Permission d’un jour »."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.families.care import pickups as services
from marelle.families.care.labels import care_refused_text
from marelle.families.care.scope import Ward, find_ward, siblings_of
from marelle.families.care.selectors import PickupPage, permissions_of, pickup_page
from marelle.families.models import PickupContact
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.care.services import pickup_permission_give, pickup_permission_take_back
from marelle.portal.care import words
from marelle.portal.care.forms import ContactForm, PermissionForm


@require_safe
def contacts(request: MarelleRequest, person_id: int) -> HttpResponse:
    page = _found(request, person_id)
    context = {
        **words.shared(page.ward),
        "contacts": words.contact_cards(page.contacts),
        "bans": words.ban_texts(page.bans),
    }
    return render(request, "portal/care/contacts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def contact_add(request: MarelleRequest, person_id: int) -> HttpResponse:
    page = _found(request, person_id)
    siblings = siblings_of(request.actor, person_id, day=request.today)
    form = ContactForm(request.POST or None, siblings=siblings)
    if form.is_valid():
        try:
            made = services.pickup_contact_add(
                actor=request.actor,
                child_id=person_id,
                contact=form.contact(),
                also=form.cleaned_data.get("also", ()),
                now=request.now,
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            names = [child.first_name for child in (page.ward.child, *siblings) if child.pk in made]
            messages.success(request, words.named_text(form.cleaned_data["name"], names))
            return redirect("care:contacts", person_id)
    return _form(request, page.ward, form)


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: MarelleRequest, person_id: int, contact_id: int) -> HttpResponse:
    page = _found(request, person_id)
    row = next((one for one in page.contacts if one.pk == contact_id), None)
    if row is None:
        raise Http404
    form = ContactForm(request.POST or None, row=row)
    held_now: words.Pairs = []
    if form.is_valid():
        try:
            services.pickup_contact_change(
                actor=request.actor,
                child_id=person_id,
                contact_id=contact_id,
                contact=form.contact(),
                seen=form.seen_contact(),
                now=request.now,
            )
        except ChangedMeanwhile as refusal:
            form.refuse(refusal)
            form.show_again()
            held_now = words.contact_pairs(row)
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            return _saved(request, person_id)
    return _form(request, page.ward, form, row, held_now)


@require_POST
def contact_move(request: MarelleRequest, person_id: int, contact_id: int) -> HttpResponse:
    try:
        services.pickup_contact_move(
            actor=request.actor,
            child_id=person_id,
            contact_id=contact_id,
            up=request.POST.get("sens") == "haut",
            now=request.now,
        )
    except Refusal as refusal:
        _tell(request, refusal)
    return redirect("care:contacts", person_id)


@require_POST
def contact_remove(request: MarelleRequest, person_id: int, contact_id: int) -> HttpResponse:
    try:
        services.pickup_contact_remove(
            actor=request.actor, child_id=person_id, contact_id=contact_id, now=request.now
        )
    except Refusal as refusal:
        _tell(request, refusal)
    else:
        messages.success(request, _("Cette personne n’est plus dans la liste."))
    return redirect("care:contacts", person_id)


@require_http_methods(["GET", "HEAD", "POST"])
def permissions(request: MarelleRequest, person_id: int) -> HttpResponse:
    today = request.today
    ward = find_ward(request.actor, person_id, day=today)
    if ward is None:
        raise Http404
    form = PermissionForm(request.POST or None, today=today)
    if form.is_valid():
        try:
            given = pickup_permission_give(
                actor=request.actor, child_id=person_id, now=request.now, **form.cleaned_data
            )
        except Refusal as refusal:
            _refuse(form, refusal, "day")
        else:
            said = words.permission_told(
                given.permission.day, ward.child.first_name, given.told, is_new=given.is_new
            )
            messages.success(request, said)
            return redirect("care:permissions", person_id)
    context = {
        **words.shared(ward),
        "form": form,
        "permissions": words.permission_cards(permissions_of(ward, day=today)),
    }
    return render(request, "portal/care/permissions.html", context)


@require_POST
def permission_take_back(request: MarelleRequest, person_id: int, permission_id: int) -> HttpResponse:
    try:
        pickup_permission_take_back(
            actor=request.actor, child_id=person_id, permission_id=permission_id, now=request.now
        )
    except Refusal as refusal:
        _tell(request, refusal)
    else:
        messages.success(request, _("Permission reprise. Les structures prévenues le savent."))
    return redirect("care:permissions", person_id)


def _found(request: MarelleRequest, person_id: int) -> PickupPage:
    page = pickup_page(request.actor, child_id=person_id, day=request.today)
    if page is None:
        raise Http404
    return page


def _refuse(form: ContactForm | PermissionForm, refusal: Refusal, field: str = "name") -> None:
    form.refuse(refusal, field if refusal.code in {"named_twice", "permission_day"} else None)


def _tell(request: MarelleRequest, refusal: Refusal) -> None:
    messages.warning(request, care_refused_text(refusal))


def _saved(request: MarelleRequest, person_id: int) -> HttpResponse:
    messages.success(request, _("Vos modifications sont enregistrées"))
    return redirect("care:contacts", person_id)


def _form(
    request: MarelleRequest,
    ward: Ward,
    form: ContactForm,
    row: PickupContact | None = None,
    held_now: words.Pairs | None = None,
) -> HttpResponse:
    context = {**words.shared(ward), "form": form, "contact": row, "held_now": held_now or []}
    return render(request, "portal/care/contact.html", context)
