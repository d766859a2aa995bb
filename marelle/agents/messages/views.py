"""« Messages »: what families wrote to the agent's structures, and the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.desk.layout import case_again, case_page
from marelle.agents.guards import staff_only
from marelle.agents.messages import words
from marelle.agents.messages.forms import AnswerForm, AssignForm, FilterForm
from marelle.agents.messages.passing import passed_page
from marelle.core.refusals import NotYours, Refusal
from marelle.files.serving import file_response
from marelle.flows.actor.acting import may_act
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.messages.replies import ReadyReply, ready_replies
from marelle.messaging import selectors, services
from marelle.messaging.labels import passes_text, refusal_text, talk
from marelle.messaging.models import Thread
from marelle.messaging.refusals import NotAColleague
from marelle.messaging.rules import inserted
from marelle.messaging.scope import colleagues
from marelle.messaging.writing import KIND
from marelle.places.scope import DECIDERS

PER_PAGE = 30


@require_safe
@staff_only(*DECIDERS)
def threads(request: MarelleRequest) -> HttpResponse:
    structures = selectors.structures_written_for(request.actor)
    form = FilterForm(request.GET, structures=structures)
    chosen = form.cleaned_data if form.is_valid() else {}
    rows = selectors.staff_threads(
        request.actor,
        standing=chosen.get("etat"),
        structure_id=chosen.get("structure"),
        words=chosen.get("q", ""),
        but_homes=request.apart,
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    lines = [words.thread_line(row, unread=row.unread, waits=row.waits) for row in page.object_list]
    filtered = any(value not in {None, ""} for value in chosen.values())
    context = {"page_obj": page, "lines": lines, "form": form, "filtered": filtered}
    return render(request, "agents/messages/threads.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*DECIDERS)
def thread(request: MarelleRequest, thread_id: int) -> HttpResponse:
    try:
        return _thread_page(request, thread_id)
    except NotYours:  # a colleague passed it in the middle of this very request
        return passed_page(request, thread_id)


def _thread_page(request: MarelleRequest, thread_id: int) -> HttpResponse:
    found = selectors.staff_thread(request.actor, thread_id, day=request.today)
    if found is None:
        return passed_page(request, thread_id)
    replies = () if found.own_file else ready_replies(request.actor, found, now=request.now)
    form = _answer_form(request, replies)
    if form.is_valid() and _answered(request, form, found.thread):
        return case_again(request, KIND, thread_id)
    if found.unread and not found.own_file:
        services.thread_read(actor=request.actor, thread_id=thread_id, now=request.now)
    context = {
        "thread_id": thread_id,
        "facts": words.facts(request.actor, found.thread, now=request.now),
        "passes": passes_text(found),
        "lines": talk(found, for_staff=True, file_url=words.file_url),
        "form": form,
        "replies": replies,
        "assign_form": AssignForm(thread=found.thread, agents=colleagues(found.thread)),
        "own_file": found.own_file,
        "closed": found.thread.closed_at is not None,
        "family_id": found.thread.family_id,
        "opens_family": may_act(request.actor) and found.thread.family_id is not None and not found.own_file,
    }
    return case_page(
        request,
        "agents/messages/thread.html",
        kind=KIND,
        subject_id=thread_id,
        title=found.thread.subject,
        context=context,
    )


@require_POST
@staff_only(*DECIDERS)
def assign(request: MarelleRequest, thread_id: int) -> HttpResponse:
    found = selectors.staff_thread(request.actor, thread_id, day=request.today)
    if found is None:
        raise Http404
    form = AssignForm(request.POST, thread=found.thread, agents=colleagues(found.thread))
    if not form.is_valid():
        messages.warning(request, refusal_text(NotAColleague()))
        return case_again(request, KIND, thread_id)
    given = form.cleaned_data
    give = partial(services.thread_assign, account_id=given["agent"], seen=given["seen"])
    return _changed(request, thread_id, give, _("C’est noté."))


@require_POST
@staff_only(*DECIDERS)
def close(request: MarelleRequest, thread_id: int) -> HttpResponse:
    return _changed(request, thread_id, services.thread_close, _("Échange clos."))


@require_POST
@staff_only(*DECIDERS)
def reopen(request: MarelleRequest, thread_id: int) -> HttpResponse:
    return _changed(request, thread_id, services.thread_reopen, _("Échange rouvert."))


@require_safe
@staff_only(*DECIDERS)
def attachment(request: MarelleRequest, thread_id: int, attachment_id: int) -> FileResponse:
    day = request.today
    joined = selectors.attachment_in_charge(request.actor, thread_id, attachment_id, day=day)
    if joined is None:
        raise Http404
    return file_response(joined.file)


def _answer_form(request: MarelleRequest, replies: Sequence[ReadyReply]) -> AnswerForm:
    """Where no script has put the chosen template in, the button brings the page back with it."""
    if "insert" not in request.POST:
        return AnswerForm(request.POST or None, request.FILES or None)
    typed, asked = request.POST.get("text", ""), request.POST.get("reply", "")
    chosen = next((one.text for one in replies if str(one.id) == asked), "")
    return AnswerForm(initial={"text": inserted(typed, chosen) if chosen else typed})


def _answered(request: MarelleRequest, form: AnswerForm, thread: Thread) -> bool:
    try:
        services.thread_answer(
            actor=request.actor, thread_id=thread.pk, letter=form.letter(), now=request.now
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    if thread.family_id is None:
        messages.success(request, _("Réponse envoyée par courriel à {email}.").format(email=thread.email))
    else:
        messages.success(request, _("Réponse envoyée. La famille est prévenue."))
    return True


def _changed(
    request: MarelleRequest, thread_id: int, change: Callable[..., Thread], done: str
) -> HttpResponse:
    try:
        change(actor=request.actor, thread_id=thread_id, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    else:
        messages.success(request, done)
    return case_again(request, KIND, thread_id)
