"""The list of a school, step by step: the file, its columns, its words, what it would do, what it did."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.families.importing import pupil_words as words
from marelle.agents.families.importing import words as file_words
from marelle.agents.families.importing.explaining import words_step
from marelle.agents.families.importing.pupil_forms import (
    AnswersForm,
    ConfirmForm,
    ListColumnsForm,
    ListForm,
)
from marelle.agents.guards import staff_only
from marelle.core.refusals import Refusal
from marelle.core.tabular import FileUnreadable, csv_written
from marelle.families.imports.labels import refusal_text
from marelle.families.models import PupilList
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.year.promoting import schools_in_charge
from marelle.flows.year.pupils import report, services

PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def send(request: MarelleRequest) -> HttpResponse:
    day = request.today
    may_send = schools_in_charge(request.actor, day=day).exists()
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    if form.is_bound and form.is_valid():
        try:
            found = services.list_prepare(
                actor=request.actor, upload=form.cleaned_data["file"], now=request.now
            )
        except FileUnreadable as refusal:
            form.add_error("file", refusal_text(refusal))
        else:
            return redirect("agents_pupils:columns", found.pk)
    page = Paginator(report.lists_of(request.actor, day=day), PER_PAGE).get_page(request.GET.get("page"))
    lines = [words.list_line(row) for row in page]
    context = {"form": form, "may_send": may_send, "page_obj": page, "lines": lines}
    return render(request, "agents/importing/pupils_send.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def columns(request: MarelleRequest, list_id: int) -> HttpResponse:
    row, day = _found(request, list_id), request.today
    if row.state != PupilList.State.PREPARED:
        return redirect("agents_pupils:run", list_id)
    sent = request.POST if request.method == "POST" else None
    if sent is not None and "heading" in sent:
        return _heading_set(request, list_id, sent["heading"])
    form = ListColumnsForm(
        sent,
        headings=row.headings,
        columns=row.columns,
        year=row.school_year,
        years=report.years_open(day),
        school_id=row.school_id,
        schools=file_words.school_choices(schools_in_charge(request.actor, day=day)),
    )
    if sent is not None and form.is_valid():
        try:
            services.list_columns_set(
                actor=request.actor,
                list_id=list_id,
                school_year=form.cleaned_data["year"],
                school_id=form.cleaned_data["of_school"],
                columns=form.chosen(),
                now=request.now,
            )
        except Refusal as refusal:
            form.add_error("of_school" if refusal.code == "missing_school" else None, refusal_text(refusal))
        else:
            return redirect("agents_pupils:said", list_id)
    try:
        context = file_words.columns_page(row)
    except FileUnreadable as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_pupils:send")
    above = (reverse("agents_pupils:send"), _("Liste des élèves"))
    return render(request, "agents/importing/columns.html", {**context, "form": form, "above": above})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def said(request: MarelleRequest, list_id: int) -> HttpResponse:
    """The schools and levels that nobody but the agent understands."""
    row = _found(request, list_id)
    if row.state != PupilList.State.PREPARED:
        return redirect("agents_pupils:run", list_id)
    return words_step(
        request,
        row,
        "agents_pupils",
        lambda: report.list_words_asked(row),
        schools_in_charge(request.actor, day=request.today),
        lambda told: services.list_words_set(
            actor=request.actor, list_id=list_id, said=told, now=request.now
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def run(request: MarelleRequest, list_id: int) -> HttpResponse:
    """What the list would do, or what it did; a POST confirms it as it was shown."""
    row, day = _found(request, list_id), request.today
    if row.state == PupilList.State.DONE:
        aside = services.aside_listed(request.actor, row, now=request.now)
        return render(request, "agents/importing/pupils_done.html", words.done_page(row, aside))
    sent = request.POST if request.method == "POST" else None
    form = ConfirmForm(sent, left_on=words.left_on(row, day))
    try:
        if sent is not None and form.is_valid():
            try:
                services.list_write(
                    actor=request.actor,
                    list_id=list_id,
                    seen=sent.get("seen", ""),
                    changed=form.ticked("change"),
                    left=form.ticked("left"),
                    left_on=form.cleaned_data["left_on"],
                    now=request.now,
                )
            except services.ListMoved as refusal:
                form.add_error("left_on" if refusal.code == "left_on" else None, refusal_text(refusal))
            else:
                return redirect("agents_pupils:run", list_id)
        found = report.list_report(request.actor, row, now=request.now)
    except FileUnreadable as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_pupils:send")
    context = {**words.run_page(row, found, form), "form": form, "seen": found.mark}
    context["answers"] = AnswersForm(None, words.answer_questions(found.plan.asked))
    return render(request, "agents/importing/pupils_run.html", context)


@require_POST
@staff_only(*MAY_ACT)
def answers(request: MarelleRequest, list_id: int) -> HttpResponse:
    row = _found(request, list_id)
    try:
        found = report.list_report(request.actor, row, now=request.now)
        form = AnswersForm(request.POST, words.answer_questions(found.plan.asked))
        if not form.is_valid():
            raise Http404
        services.list_answers_set(actor=request.actor, list_id=list_id, answers=form.said(), now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    return redirect("agents_pupils:run", list_id)


@require_safe
@staff_only(*MAY_ACT)
def aside(request: MarelleRequest, list_id: int) -> HttpResponse:
    """The pupils of whom nothing is noted, as a CSV that no spreadsheet computes."""
    row = _found(request, list_id)
    try:
        rows = services.aside_listed(request.actor, row, now=request.now)
    except FileUnreadable as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_pupils:send")
    content = csv_written(words.aside_rows(rows))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="eleves-inconnus-{row.pk}.csv"'
    return response


@require_POST
@staff_only(*MAY_ACT)
def drop(request: MarelleRequest, list_id: int) -> HttpResponse:
    forgotten = services.list_drop(actor=request.actor, list_id=list_id, now=request.now)
    if forgotten:
        messages.success(request, _("Cette liste est oubliée : rien n’en est noté."))
        return redirect("agents_pupils:send")
    messages.success(request, _("Les élèves mis de côté sont effacés."))
    return redirect("agents_pupils:run", list_id)


def _heading_set(request: MarelleRequest, list_id: int, at: str) -> HttpResponse:
    place = int(at) if at.isdecimal() else -1
    try:
        services.list_heading_set(actor=request.actor, list_id=list_id, at=place, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
    return redirect("agents_pupils:columns", list_id)


def _found(request: MarelleRequest, list_id: int) -> PupilList:
    return report.list_found(request.actor, list_id, day=request.today)
