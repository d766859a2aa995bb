"""The step of a file where an agent says what its words are, of families or of a school's pupils."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render

from marelle.agents.families.importing import words
from marelle.agents.families.importing.forms import WordsForm
from marelle.core.refusals import Refusal
from marelle.families.imports.labels import refusal_text
from marelle.families.imports.words import Kind, Unknown
from marelle.families.models import SentFile
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.models import School


def words_step(
    request: MarelleRequest,
    row: SentFile,
    pages: str,
    asked_of: Callable[[], Sequence[Unknown]],
    among: QuerySet[School],
    put: Callable[[Mapping[tuple[Kind, str], str]], object],
) -> HttpResponse:
    """The words that nobody but the agent understands, each once; passed over when there is none. `pages` is
    the namespace of the file's pages, `among` the schools that a word may be."""
    try:
        asked = asked_of()
        if not asked:
            return redirect(f"{pages}:run", row.pk)
        questions = words.questions(row, asked, among)
        form = WordsForm(request.POST if request.method == "POST" else None, questions)
        if form.is_bound and form.is_valid():
            put(form.said())
            return redirect(f"{pages}:run", row.pk)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect(f"{pages}:send")
    context = {
        "run": row,
        "form": form,
        "columns_route": f"{pages}:columns",
        "beyond": max(0, len(asked) - words.MOST_WORDS),
    }
    return render(request, "agents/importing/words.html", context)
