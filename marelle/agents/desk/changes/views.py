"""« Modifications »: what a home proposes for its file, decided field by field on one page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.desk.changes import words
from marelle.agents.desk.changes.forms import DecisionForm
from marelle.agents.desk.layout import answered, case_page
from marelle.agents.guards import staff_only
from marelle.core.actor import Role
from marelle.core.converters import id_read
from marelle.core.french import join_and
from marelle.core.refusals import Refusal
from marelle.families.file.changes import KIND
from marelle.families.file.decisions import ToDecide, changes_in_reach, changes_to_decide, is_own_change
from marelle.families.incomes.reading import income_noted
from marelle.families.models import ChangeRequest
from marelle.files.serving import file_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.desk.modifications import changes_answer
from marelle.flows.office.home_file import home_file
from marelle.places.selectors import portal_authority_id

DECIDE = (Role.ADMINISTRATOR, Role.OFFICE)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDE)
def change(request: MarelleRequest, change_id: int) -> HttpResponse:
    day = request.today
    found = changes_to_decide(request.actor, change_id, day=day)
    if not found:
        raise Http404
    data = request.POST if request.method == "POST" else None
    forms = [DecisionForm(data, subject=subject) for subject in found]
    asked = found[0].change
    waiting = [form for form in forms if form.subject.change.state == ChangeRequest.State.OPEN]
    # Each form says its own errors: none stops at the first.
    valid = [form.is_valid() for form in waiting]
    if (
        request.method == "POST"
        and _is_fresh(request, {form.subject.change.pk for form in waiting})
        and all(valid)
        and _is_answered(request, waiting)
    ):
        return answered(
            request, KIND, change_id, _("C’est décidé. La famille sera prévenue dans une minute.")
        )
    own_file = is_own_change(request.actor, asked, day=day)
    if not own_file and any(_tells_incomes(subject) for subject in found):
        income_noted(request.actor, asked.family, request.now)
    home = home_file(
        request.actor,
        asked.family_id,
        authority_id=portal_authority_id() or 0,
        child_id=asked.person_id,
        now=request.now,
    )
    context = {
        "facts": words.facts(asked, home),
        "cards": [] if own_file else words.cards(forms, request.now),
        "pages": [] if own_file else words.pages(forms),
        "change_id": change_id,
        "decides": bool(waiting),
        "accept": words.accept_label(len(waiting)),
        "question": words.accept_question(len(waiting)),
        "own_file": own_file,
    }
    return case_page(
        request,
        "agents/changes/change.html",
        kind=KIND,
        subject_id=change_id,
        title=_("Modifications du dossier %(name)s") % {"name": asked.family.name},
        context=context,
    )


@require_safe
@staff_only(*DECIDE)
def proof(request: MarelleRequest, change_id: int) -> HttpResponseBase:
    """The file that the home joined to its change; 404 for an agent whose own home or child it is about."""
    found = changes_in_reach(request.actor).filter(pk=change_id).exclude(proof=None).first()
    if found is None or found.proof is None:
        raise Http404
    if is_own_change(request.actor, found, day=request.today):
        raise Http404
    return file_response(found.proof, download="telecharger" in request.GET, framed="cadre" in request.GET)


def _tells_incomes(subject: ToDecide) -> bool:
    return hasattr(subject.change, "income") or subject.answer is not None


def _is_fresh(request: MarelleRequest, waiting: set[int]) -> bool:
    """Whether all that the page showed still waits; else who decided is told, and nothing is written."""
    ends = "-current"
    shown = {id_read(name.removesuffix(ends)) for name in request.POST if name.endswith(ends)}
    gone = changes_in_reach(request.actor).filter(pk__in={pk for pk in shown if pk} - waiting)
    names = list(dict.fromkeys(change.decided_by for change in gone.order_by("pk")))
    if not names:
        return True
    who = join_and([name for name in names if name]) or _("La famille")
    messages.warning(
        request,
        _("%(who)s a répondu entre-temps : rien n’est enregistré, relisez avant de décider.") % {"who": who},
    )
    return False


def _is_answered(request: MarelleRequest, forms: list[DecisionForm]) -> bool:
    decisions = [decision for form in forms if (decision := form.decision()) is not None]
    if not decisions:
        messages.info(request, _("Vous n’avez rien décidé : choisissez « Accepter » ou « Refuser »."))
        return False
    try:
        changes_answer(actor=request.actor, decisions=decisions, now=request.now)
    except Refusal as refusal:
        messages.warning(request, words.refused(refusal))
        return False
    return True
