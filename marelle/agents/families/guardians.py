"""Who answers for a child: one row for each adult of the home, a box for each right, a date for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from marelle.agents.desk.changes.words import refused
from marelle.agents.families.record_forms import date_field
from marelle.agents.families.records import child_of_home
from marelle.agents.guards import staff_only
from marelle.core.refusals import Refusal
from marelle.families.guardians import NONE, Rights, guardians_set, rights_in_home
from marelle.families.models import Family, Guardianship, Person
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest


class RightsForm(forms.Form):
    """One adult. `seen` carries what the page showed, so that a stale page overwrites nothing."""

    link = forms.ChoiceField(
        label=gettext_lazy("Lien"),
        required=False,
        choices=[("", gettext_lazy("n’est pas responsable")), *Guardianship.Link.choices],
    )
    has_authority = forms.BooleanField(label=gettext_lazy("a l’autorité parentale"), required=False)
    may_see = forms.BooleanField(label=gettext_lazy("voit le dossier de l’enfant"), required=False)
    may_book = forms.BooleanField(label=gettext_lazy("réserve pour l’enfant"), required=False)
    may_fetch = forms.BooleanField(label=gettext_lazy("vient le chercher"), required=False)
    is_told = forms.BooleanField(label=gettext_lazy("reçoit les courriels à son sujet"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    def __init__(self, data: Mapping[str, Any] | None, *, adult: Person, held: Rights) -> None:
        shown = {name: getattr(held, name) for name in Rights.__slots__}
        super().__init__(data, prefix=f"adulte{adult.pk}", initial={**shown, "seen": written(held)})
        self.adult, self.held = adult, held

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("may_book") and not cleaned.get("may_see"):
            self.add_error("may_book", _("Pour réserver, il faut voir le dossier."))
        return cleaned

    def rights(self) -> Rights:
        """Without a link, none."""
        given = {name: self.cleaned_data[name] for name in Rights.__slots__}
        return Rights(**given) if given["link"] else NONE

    @property
    def is_stale(self) -> bool:
        return bool(self.cleaned_data["seen"] != written(self.held))


class SinceForm(forms.Form):
    since = date_field(gettext_lazy("À partir du"))


def written(rights: Rights) -> str:
    """What a page showed, in one word."""
    return "-".join(str(value) for value in astuple(rights))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def guardians(request: MarelleRequest, family_id: int, person_id: int) -> HttpResponse:
    day = request.today
    child = child_of_home(request, family_id, person_id).person
    data = request.POST if request.method == "POST" else None
    held = rights_in_home(family_id, person_id, day=day)
    rows = [RightsForm(data, adult=adult, held=rights) for adult, rights in held.items()]
    dated = SinceForm(data, initial={"since": day})
    if data is not None and _is_set(request, family_id, person_id, rows, dated):
        return redirect("agents_families:family", family_id)
    context = {"family": Family.objects.get(pk=family_id), "child": child, "rows": rows, "dated": dated}
    return render(request, "agents/families/guardians.html", context)


def _is_set(
    request: MarelleRequest, family_id: int, child_id: int, rows: Sequence[RightsForm], dated: SinceForm
) -> bool:
    valid = [form.is_valid() for form in (*rows, dated)]
    if not all(valid):
        return False
    if any(form.is_stale for form in rows):
        dated.add_error(None, _("Un collègue a changé ces droits entre-temps : voyez ce qui est noté."))
        return False
    since: date = dated.cleaned_data["since"]
    try:
        guardians_set(
            actor=request.actor,
            family_id=family_id,
            child_id=child_id,
            seen={form.adult.pk: form.held for form in rows},
            wanted={form.adult.pk: form.rights() for form in rows},
            since=since,
            now=request.now,
        )
    except Refusal as refusal:
        dated.add_error(None, refused(refusal))
        return False
    messages.success(request, _("C’est enregistré."))
    return True
