"""A setting of the whole portal: one form, that overwrites nothing which was not read."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from marelle.agents.activities.forms.edit import refuse_changed, shown_before
from marelle.core.refusals import ChangedMeanwhile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.journal.edits import Shown


class SettingForm(forms.Form):
    """`seen` carries what the form showed."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def shown(self) -> Shown:
        return shown_before(self.cleaned_data["seen"])

    def refuse_stale(self, refusal: ChangedMeanwhile) -> None:
        refuse_changed(self, refusal)


def setting_answer(
    request: MarelleRequest,
    template: str,
    form: SettingForm,
    save: Callable[[], int],
    told: Callable[[int], str],
) -> HttpResponse:
    """The page, or what came of sending it: `save` says how much has changed, of which `told` is the
    sentence."""
    if form.is_valid():
        try:
            count = save()
        except ChangedMeanwhile as refusal:
            form.refuse_stale(refusal)
        else:
            messages.success(request, told(count) if count else _("Rien n’a changé."))
            return redirect(request.path)
    return render(request, template, {"form": form})
