"""« Confirmez votre dossier »: all that is held, on one screen, once a school year."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marelle.core.french import instant_long_year
from marelle.core.refusals import Refusal
from marelle.families.file.confirmation import file_confirm, last_confirmation, to_confirm
from marelle.families.file.labels import refusal_text
from marelle.families.file.reading import school_names, whole_file
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.care.card import care_to_confirm
from marelle.portal.care.words import CareLink
from marelle.portal.family import words


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    url: str
    pairs: words.Pairs
    care: list[CareLink]


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: MarelleRequest) -> HttpResponse:
    day = request.today
    if request.actor.family_id is None:
        raise Http404
    schools = school_names()
    parts = whole_file(request.actor, day=day)
    children = [part.person.pk for part in parts if part.is_child and part.person]
    care = care_to_confirm(request.actor, children, day=day)
    sections = [
        Section(
            words.part_title(part),
            words.part_url(part),
            words.line_pairs(part.lines, schools),
            care.get(part.person.pk, []) if part.person else [],
        )
        for part in parts
    ]
    seen = _digest(sections)
    if request.method == "POST" and _is_confirmed(request, seen):
        return redirect("family:people")
    last = last_confirmation(request.actor.family_id)
    context = {
        "sections": sections,
        "seen": seen,
        "to_confirm": to_confirm(request.actor, day),
        "last": instant_long_year(last.at) if last else "",
    }
    return render(request, "portal/family/confirm.html", context)


def _is_confirmed(request: MarelleRequest, seen: str) -> bool:
    if request.POST.get("seen") != seen:
        messages.warning(request, _("Votre dossier a changé entre-temps : relisez-le, puis confirmez."))
        return False
    try:
        file_confirm(actor=request.actor, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return False
    messages.success(request, _("Merci : votre dossier est confirmé pour cette année scolaire."))
    return True


def _digest(sections: list[Section]) -> str:
    """A mark of what the page shows: who confirms confirms that, and nothing newer."""
    shown = "\n".join(
        f"{section.title}|{term}|{value}"
        for section in sections
        for term, value in (*section.pairs, *((link.label, link.detail) for link in section.care))
    )
    return hashlib.sha256(shown.encode()).hexdigest()[:32]
