"""« Son compte » of a child: a parent opens it, says what the child books there, and closes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from marelle.accounts.selectors import last_invitations
from marelle.core.actor import Actor
from marelle.core.converters import id_read
from marelle.core.french import instant_long_year
from marelle.core.refusals import Refusal
from marelle.enrolments.models import Enrolment, TeenAccess
from marelle.enrolments.next_booking import BOOKED_BY_FAMILY
from marelle.enrolments.services import teens
from marelle.enrolments.teen_labels import refusal_text, teen_row
from marelle.enrolments.teens import (
    AccountState,
    accesses_of,
    account_state,
    ages_asked,
    manages,
    to_allow,
    why_not_opened,
)
from marelle.families.models import Member, Person
from marelle.flows.actor.middleware import MarelleRequest
from marelle.shell.again import recognised_first

STATES: Final[Mapping[AccountState, Promise]] = {
    AccountState.NONE: gettext_lazy("pas de compte"),
    AccountState.INVITED: gettext_lazy("invité"),
    AccountState.OPEN: gettext_lazy("ouvert"),
}


class TeenForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Adresse de courriel de l’enfant"),
        help_text=gettext_lazy("La sienne, qu’il lit seul\u00a0: le lien y part."),
    )


class AllowForm(forms.Form):
    """`seen` carries what the page showed as allowed, so that a stale one takes nothing back unread."""

    activities = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Votre enfant réserve et annule lui-même"),
        help_text=gettext_lazy("Les autres activités, il les voit sans rien y changer."),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2000)

    def __init__(self, data: Any, *, rows: Iterable[Enrolment], access: TeenAccess) -> None:
        held = [one.activity_id for one in access.permissions.all() if one.ended_at is None]
        super().__init__(data, initial={"activities": held, "seen": " ".join(map(str, held))})
        choices = [(row.activity_id, row.activity.name) for row in rows]
        self.fields["activities"].choices = choices  # type: ignore[attr-defined]

    def shown(self) -> set[int]:
        return {pk for word in self.cleaned_data["seen"].split() if (pk := id_read(word)) is not None}


def teen_line(actor: Actor, child: Person, *, day: date) -> str:
    """What the page of a child says of its account, to who manages it; "" where there is none to open. One
    query at most."""
    state = account_state(actor, child, day=day)
    return str(STATES[state]) if state is not None else ""


@require_http_methods(["GET", "HEAD", "POST"])
@recognised_first
def teen(request: MarelleRequest, person_id: int) -> HttpResponse:
    member = _managed(request, person_id)
    form = TeenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            sent = teens.teen_invite(
                actor=request.actor, child_id=person_id, email=form.cleaned_data["email"], now=request.now
            )
        except Refusal as refusal:
            form.add_error("email", refusal_text(refusal))
        else:
            messages.success(request, _sent(sent.expires_at))
            return redirect("family:teen", person_id)
    return _page(request, member, form=form)


@require_POST
@recognised_first
def allow(request: MarelleRequest, person_id: int, teen_id: int) -> HttpResponse:
    member = _managed(request, person_id)
    access = accesses_of(member.family_id, person_id).filter(pk=teen_id).first()
    if access is None:
        raise Http404
    rows = _bookable(to_allow(member.family_id, person_id, day=request.today))
    form = AllowForm(request.POST, rows=rows, access=access)
    if not form.is_valid():
        return _page(request, member, allowing=form)
    try:
        changed = teens.teen_allow(
            actor=request.actor,
            child_id=person_id,
            access_id=access.pk,
            activity_ids=form.cleaned_data["activities"],
            seen=form.shown(),
            now=request.now,
        )
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, _("C’est enregistré.") if changed else _("Rien n’avait changé."))
    return redirect("family:teen", person_id)


@require_POST
@recognised_first
def invite_again(request: MarelleRequest, person_id: int, teen_id: int) -> HttpResponse:
    return _done(request, person_id, teen_id, teens.teen_invite_again, lambda sent: _sent(sent.expires_at))


@require_http_methods(["GET", "HEAD", "POST"])
@recognised_first
def end(request: MarelleRequest, person_id: int, teen_id: int) -> HttpResponse:
    """Asked about on a page of its own, without scripts too: nothing opens the account again."""
    if request.method != "POST":
        member = _managed(request, person_id)
        if not accesses_of(member.family_id, person_id).filter(pk=teen_id, ended_at=None).exists():
            raise Http404
        context = {"first_name": member.person.first_name, "person_id": person_id}
        return render(request, "portal/family/teen_end.html", context)
    told = _("Le compte est fermé\u00a0: votre enfant est déconnecté.")
    return _done(request, person_id, teen_id, teens.teen_access_end, lambda _none: told)


def _done(
    request: MarelleRequest,
    child_id: int,
    access_id: int,
    act: Callable[..., Any],
    tell: Callable[[Any], str],
) -> HttpResponse:
    try:
        done = act(actor=request.actor, child_id=child_id, access_id=access_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, tell(done))
    return redirect("family:teen", child_id)


def _managed(request: MarelleRequest, child_id: int) -> Member:
    member = manages(request.actor, child_id, day=request.today)
    if member is None:
        raise Http404
    return member


def _page(
    request: MarelleRequest,
    member: Member,
    *,
    form: TeenForm | None = None,
    allowing: AllowForm | None = None,
) -> HttpResponse:
    day, child = request.today, member.person
    found = list(accesses_of(member.family_id, child.pk))
    invitations = last_invitations({access.account_id for access in found})
    live = next((access for access in found if access.ended_at is None), None)
    rows = list(to_allow(member.family_id, child.pk, day=day))
    bookable, ages = _bookable(rows), ages_asked(rows)
    why = why_not_opened(child.birth_date, ages, day)
    if live is not None and allowing is None:
        allowing = AllowForm(None, rows=bookable, access=live)
    context = {
        "name": str(child),
        "first_name": child.first_name,
        "person_id": child.pk,
        "lines": [teen_row(access, invitations, request.now) for access in found],
        "live_id": live.pk if live else None,
        "allowing": allowing if bookable else None,
        "form": form if form and form.errors else None if live or why else TeenForm(),
        "why": refusal_text(teens.TeenRefused(why, age=min(ages, default=0))) if why and not live else "",
    }
    return render(request, "portal/family/teen.html", context)


def _bookable(rows: Iterable[Enrolment]) -> list[Enrolment]:
    """Those in which homes book."""
    return [row for row in rows if row.activity.booking_mode in BOOKED_BY_FAMILY]


def _sent(until: datetime) -> str:
    return _("L’invitation est partie. Le lien est valable jusqu’au %s.") % instant_long_year(until)
