"""Notes for colleagues, and a case passed to another service: shown on each case, sent from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from marelle.agents.desk import queue as words
from marelle.agents.desk.addresses import case_again
from marelle.agents.guards import staff_only
from marelle.cases.models import Case, CaseNote
from marelle.cases.services import AlreadyDecided
from marelle.core.converters import id_read
from marelle.core.french import instant_long
from marelle.core.refusals import Refusal
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.case_notes import NOTE_LENGTH, Shared, case_pass, note_add, shared
from marelle.places.scope import DECIDERS


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Note pour les collègues"),
        help_text=gettext_lazy("La famille peut demander à la lire : restez factuel, rien sur la santé."),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


TO_OFFICE: Final = "office"


@dataclass(frozen=True, slots=True)
class NoteLine:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class SharedLines:
    """`passes` are the buttons that send the case to another service: what each says, and its value."""

    case_id: int
    lines: list[NoteLine]
    form: NoteForm
    passes: list[tuple[str, str]]


def shared_lines(request: MarelleRequest, case: Case | None) -> SharedLines | None:
    found = shared(request.actor, case, now=request.now) if case is not None else None
    if case is None or found is None:
        return None
    lines = [NoteLine(_title(note, found), note.text) for note in found.notes]
    return SharedLines(case.pk, lines, NoteForm(auto_id="id_note_%s"), _passes(found))


@require_POST
@staff_only(*DECIDERS)
def note(request: MarelleRequest, noted_id: int) -> HttpResponse:
    """Leave the note; with another button the case goes to another service too."""
    case = Case.objects.filter(pk=noted_id).first()
    if case is None or shared(request.actor, case, now=request.now) is None:
        raise Http404
    # A browser counts a line break once, and sends it as two signs.
    form = NoteForm({"text": request.POST.get("text", "").replace("\r\n", "\n").replace("\0", "")})
    text = form.cleaned_data["text"] if form.is_valid() else ""
    if form.errors and request.POST.get("text", "").strip():
        messages.warning(
            request, _("Votre note est trop longue : %(n)d signes au plus.") % {"n": NOTE_LENGTH}
        )
        return case_again(request, case.kind, case.subject_id)
    passes = "pass" in request.POST
    try:
        if passes:
            wanted = request.POST["pass"]
            to = None if wanted == TO_OFFICE else id_read(wanted) or 0  # no structure: it goes nowhere
            case_pass(actor=request.actor, case_id=noted_id, to=to, text=text, now=request.now)
        else:
            note_add(actor=request.actor, case_id=noted_id, text=text, now=request.now)
    except Refusal as refusal:
        messages.warning(request, _why(refusal))
        return case_again(request, case.kind, case.subject_id)
    if not passes:
        messages.success(request, _("Note ajoutée."))
        return case_again(request, case.kind, case.subject_id)
    messages.success(request, _("La demande est passée à l’autre service, avec votre note."))
    return HttpResponseRedirect(reverse("requests:queue") + words.query_text(words.wanted(request.GET)))


def _title(note: CaseNote, found: Shared) -> str:
    told = {
        "who": note.by,
        "at": instant_long(note.at),
        "to": found.structures.get(note.to_structure_id or 0, _("une structure"))
        if note.to_structure_id
        else _("au guichet"),
    }
    if note.passed and note.to_structure_id:
        return _("Passée par %(who)s à %(to)s, le %(at)s") % told
    if note.passed:
        return _("Passée par %(who)s %(to)s, le %(at)s") % told
    return _("%(who)s, le %(at)s") % told


def _passes(found: Shared) -> list[tuple[str, str]]:
    passes = [(_("Passer au guichet"), TO_OFFICE)] if found.to_office else []
    for pk in found.to_structures:
        told = _("Rendre à %(structure)s") if pk in found.had_it else _("Passer à %(structure)s")
        passes.append((told % {"structure": found.structures[pk]}, str(pk)))
    return passes


def _why(refusal: Refusal) -> str:
    if isinstance(refusal, AlreadyDecided):
        return _("%(who)s a déjà décidé cette demande : elle ne passe plus à personne.") % {
            "who": refusal.data["decided_by"]
        }
    if refusal.code == "note_missing":
        return _("Écrivez quelques mots : vos collègues sauront pourquoi.")
    return _("Cette demande ne passe pas à un autre service.")
