"""« Restrictions d’un juge »: one agent writes it, a second one confirms it, and so for its end."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.families.records import child_of_home
from marelle.agents.families.restriction_forms import AnswerForm, LastDayForm, RestrictionForm
from marelle.agents.families.restriction_words import facts_of, row_of, state_of
from marelle.agents.guards import staff_only
from marelle.core.refusals import NotYours
from marelle.core.sealed import CannotSeal
from marelle.families.models import Restriction
from marelle.families.refusals import NotAllowed, RestrictionRefused
from marelle.families.restrictions import (
    may_agree,
    may_answer,
    restrictable,
    restriction_confirm,
    restriction_end_answer,
    restriction_end_propose,
    restriction_refuse,
    restriction_write,
    restrictions_read,
)
from marelle.files.serving import file_response
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.enrolling.stay_planning import stays_kept

PER_PAGE: Final = 50
DONE: Final = {
    "confirm": gettext_lazy("Restriction confirmée."),
    "refuse": gettext_lazy("Restriction refusée\u00a0: elle ne cache plus rien."),
    "end": gettext_lazy("Dernier jour proposé\u00a0: un second agent doit le confirmer."),
    "agree": gettext_lazy("La fin est confirmée."),
    "drop": gettext_lazy("La fin proposée est écartée\u00a0: la restriction continue."),
}
"""What is said once it is done, by what a button posts."""

either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_only(*MAY_ACT)
def every(request: MarelleRequest) -> HttpResponse:
    rows = restrictions_read(request.actor, day=request.today)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": [row_of(row, request.today) for row in page]}
    return render(request, "agents/families/restrictions.html", context)


@sensitive_post_parameters("reason")
@sensitive_variables()
@either
@staff_only(*MAY_ACT)
def write(request: MarelleRequest, family_id: int, person_id: int) -> HttpResponse:
    child = child_of_home(request, family_id, person_id)
    form = RestrictionForm(
        request.POST or None,
        request.FILES or None,
        adults=restrictable(person_id, day=request.today),
        today=request.today,
    )
    if request.method == "POST" and form.is_valid() and _is_written(request, person_id, form):
        return redirect("agents_families:family", family_id)
    context = {"family": child.family, "child": child.person, "form": form}
    return render(request, "agents/families/restrict.html", context)


def _is_written(request: MarelleRequest, child_id: int, form: RestrictionForm) -> bool:
    try:
        restriction_write(
            actor=request.actor,
            child_id=child_id,
            adult_ids=form.cleaned_data["adults"],
            judgment=form.judgment(),
            now=request.now,
        )
    except RestrictionRefused as refusal:
        form.refuse(refusal)
    except NotAllowed:
        form.add_error(None, _("C’est votre propre famille : un autre agent doit s’en occuper."))
    except CannotSeal:
        form.add_error(None, _("Rien ne s’enregistre pour l’instant : prévenez qui s’occupe du serveur."))
    else:
        messages.success(request, _("Elle tient dès maintenant. Un second agent doit la confirmer."))
        return True
    return False


@either
@staff_only(*MAY_ACT)
def one(request: MarelleRequest, restriction_id: int) -> HttpResponse:
    row = _found(request, restriction_id)
    act = request.POST.get("act", "")
    last_day = LastDayForm(request.POST if act == "end" else None, initial={"last_day": request.today})
    answer = AnswerForm(request.POST if act else None)
    form = last_day if act == "end" else answer
    if request.method == "POST" and form.is_valid() and _is_done(request, row, act, form):
        return redirect("agents_families:restriction", row.pk)
    row.refresh_from_db()
    state, tone = state_of(row, request.today)
    lives = row.refused_at is None and (row.until is None or row.until >= request.today)
    context = {
        "restriction": row,
        "state": state,
        "tone": tone,
        "facts": facts_of(row),
        "answer": answer,
        "last_day": last_day,
        "waits": lives and row.confirmed_at is None,
        "ends": lives and row.last_day is not None,
        "may_end": lives and row.confirmed_at is not None and row.last_day is None,
        "may_answer": may_answer(row, request.actor),
        "may_agree": may_agree(row, request.actor),
        "stays": stays_kept(request.actor, row, day=request.today) if lives else (),
    }
    return render(request, "agents/families/restriction.html", context)


def _is_done(request: MarelleRequest, row: Restriction, act: str, form: LastDayForm | AnswerForm) -> bool:
    try:
        _act(request, row.pk, act, form)
    except RestrictionRefused as refusal:
        form.refuse(refusal)
        return False
    except NotAllowed as refusal:
        raise NotYours from refusal
    messages.success(request, str(DONE[act]))
    return True


def _act(request: MarelleRequest, pk: int, act: str, form: LastDayForm | AnswerForm) -> None:
    actor, now = request.actor, request.now
    if act == "confirm":
        restriction_confirm(actor=actor, restriction_id=pk, now=now)
    elif act == "refuse":
        restriction_refuse(actor=actor, restriction_id=pk, now=now)
    elif act == "end":
        last_day = form.cleaned_data["last_day"]
        restriction_end_propose(actor=actor, restriction_id=pk, last_day=last_day, now=now)
    elif act in {"agree", "drop"}:
        restriction_end_answer(actor=actor, restriction_id=pk, agreed=act == "agree", now=now)
    else:
        raise NotYours


@require_safe
@staff_only(*MAY_ACT)
def proof(request: MarelleRequest, restriction_id: int) -> FileResponse:
    row = _found(request, restriction_id)
    if row.proof is None:
        raise Http404
    return file_response(row.proof)


def _found(request: MarelleRequest, restriction_id: int) -> Restriction:
    row = restrictions_read(request.actor, day=request.today).filter(pk=restriction_id).first()
    if row is None:
        raise Http404
    return row
