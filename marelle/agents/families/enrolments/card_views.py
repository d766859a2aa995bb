"""« Cartes d’entrées » of an enrolment: what each has left, one more to give, one to end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from marelle.agents.activities.forms.fields import DayField
from marelle.agents.guards import staff_only
from marelle.bookings.giving_cards import (
    CardLine,
    CardRefused,
    card_end,
    card_give,
    card_lines,
    card_stays,
)
from marelle.cases.services import OwnFile
from marelle.core.french import range_text
from marelle.enrolments.models import Enrolment
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import DECIDERS
from marelle.ui.forms import NumberField

MOST_ENTRIES = 999


class CardForm(forms.Form):
    entries = NumberField(label=gettext_lazy("Entrées"), min_value=1, max_value=MOST_ENTRIES)
    first_day = DayField(label=gettext_lazy("Du"))
    last_day = DayField(label=gettext_lazy("Au"))
    whole_home = forms.BooleanField(
        label=gettext_lazy("Pour tous les enfants du foyer inscrits à cette activité"), required=False
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("first_day") and given.get("last_day") and given["last_day"] < given["first_day"]:
            self.add_error("last_day", _("La fin vient avant le début."))
        return given


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def cards(request: MarelleRequest, accepted_id: int) -> HttpResponse:
    enrolment = _enrolment(request, accepted_id)
    form = CardForm(request.POST if request.method == "POST" else None, initial={"first_day": request.today})
    if form.is_valid():
        try:
            card_give(actor=request.actor, enrolment_id=accepted_id, now=request.now, **form.cleaned_data)
        except OwnFile:
            form.add_error(None, OWN_FILE)
        else:
            messages.success(request, _("La carte est donnée."))
            return redirect("agents_enrolments:cards", accepted_id)
    lines = [(line, _told(line)) for line in card_lines(enrolment, now=request.now)]
    context = {"enrolment": enrolment, "form": form, "lines": lines}
    return render(request, "agents/enrolments/cards.html", context)


@require_POST
@staff_only(*DECIDERS)
def card_ended(request: MarelleRequest, accepted_id: int, card_id: int) -> HttpResponse:
    _enrolment(request, accepted_id)
    try:
        left = card_end(actor=request.actor, enrolment_id=accepted_id, card_id=card_id, now=request.now)
    except OwnFile:
        messages.error(request, OWN_FILE)
    except CardRefused:
        messages.info(request, _("Cette carte est déjà terminée."))
    else:
        messages.success(request, _("La carte est terminée."))
        if left:
            told = ngettext(
                "%(n)d réservation à venir n’a plus d’entrée : elle reste, voyez avec la famille.",
                "%(n)d réservations à venir n’ont plus d’entrée : elles restent, voyez avec la famille.",
                left,
            )
            messages.warning(request, told % {"n": left})
    return redirect("agents_enrolments:cards", accepted_id)


OWN_FILE = gettext_lazy("C’est le dossier de votre propre famille : un autre agent doit le traiter.")


def _enrolment(request: MarelleRequest, accepted_id: int) -> Enrolment:
    found = card_stays(request.actor).filter(pk=accepted_id).first()
    if found is None:
        raise Http404
    return found


def _told(line: CardLine) -> str:
    """ "1ᵉʳ septembre – 18 décembre 2026 · 6 entrées sur 10 · tout le foyer · payée en mairie"."""
    row = line.row
    several = max(line.left, 1)  # « 0 entrée » is of one, in French
    left = ngettext("%(left)d entrée sur %(n)d", "%(left)d entrées sur %(n)d", several)
    whose = _("tout le foyer") if row.whole_home else ""
    days = range_text(row.first_day, row.last_day)
    return " · ".join(filter(None, (days, left % {"left": line.left, "n": row.entries}, whose, row.note)))
