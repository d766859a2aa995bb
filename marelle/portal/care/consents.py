"""« Autorisations »: yes or no to what the child's structures ask, for a school year."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.core.refusals import ChangedMeanwhile, Refusal
from marelle.families.care.labels import school_year_text
from marelle.families.care.rules import asked_years
from marelle.families.care.scope import find_ward
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.care.services import consents_answer, consents_asked
from marelle.portal.care import words
from marelle.portal.care.forms import ConsentsForm


@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: MarelleRequest, person_id: int) -> HttpResponse:
    day = request.today
    ward = find_ward(request.actor, person_id, day=day)
    if ward is None:
        raise Http404
    years = asked_years(day)
    year = next((one for one in years if str(one) == request.GET.get("annee")), years[0])
    page_url = f"{reverse('care:consents', args=[person_id])}?annee={year}"
    asked = consents_asked(ward, school_year=year, day=day)
    form = ConsentsForm(request.POST or None, asked=asked)
    is_stale = False
    if form.is_valid():
        try:
            consents_answer(
                actor=request.actor,
                child_id=person_id,
                school_year=year,
                answers=form.answers(),
                seen=form.seen_answers(),
                now=request.now,
            )
        except ChangedMeanwhile as refusal:
            form.refuse(refusal)
            form.show_again()
            is_stale = True
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Vos modifications sont enregistrées"))
            return redirect(page_url)
    context = {
        **words.shared(ward),
        "page_url": page_url,
        "form": form,
        "lines": form.lines(),
        "is_stale": is_stale,
        "year": year,
        "year_text": school_year_text(year),
        "years": [(one, school_year_text(one)) for one in years if one != year],
        "answers": [(one.type.label, words.consent_text(one)) for one in asked],
    }
    return render(request, "portal/care/consents.html", context)
