"""« Relances »: who is late, what leaves today, the letters to print, the steps of an authority."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marelle.agents.bills import reminder_words as words
from marelle.agents.bills.reminder_forms import StepForm
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.models import ReminderRun
from marelle.billing.reminders.letters import letters_pdf
from marelle.billing.reminders.report import counted, report_of, runs_of
from marelle.billing.reminders.selectors import lost_reminders
from marelle.billing.reminders.sending import ReminderRefused, reminders_send
from marelle.billing.reminders.steps import FIELDS, StepRefused, first_words, step_remove, step_set, steps_of
from marelle.billing.selectors import how_to_pay, office_authorities
from marelle.families.scope import own_files
from marelle.files.serving import made_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.models import Authority

PER_PAGE = 20
SENT_PER_PAGE = 50
either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_only(*KEEPERS)
def reminders(request: MarelleRequest) -> HttpResponse:
    authorities = list(office_authorities(request.actor))
    asked = request.GET.get("collectivite", "")
    authority = next((one for one in authorities if str(one.pk) == asked), next(iter(authorities), None))
    if authority is None:
        return render(request, "agents/bills/nobody.html")
    [way] = how_to_pay([authority.pk])
    report = report_of(request.actor, authority.pk, now=request.now)
    runs = runs_of(request.actor).filter(authority=authority)
    page = Paginator(runs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **words.page_shown(report, way, request.today),
        "authority": authority,
        "authorities": authorities if len(authorities) > 1 else [],
        "page_obj": page,
        "runs": [words.run_line(run) for run in page],
    }
    return render(request, "agents/bills/reminders.html", context)


@require_POST
@staff_only(*KEEPERS)
def send(request: MarelleRequest) -> HttpResponse:
    """What is about to leave, of those that were ticked; once that was read, it leaves."""
    posted = request.POST.get("collectivite", "")
    authority = office_authorities(request.actor).filter(
        pk=posted if posted.isascii() and posted.isdigit() else 0
    )
    found = authority.first()
    if found is None:
        raise Http404
    back = f"{reverse('agents_bills:reminders')}?collectivite={found.pk}"
    if "seen" in request.POST:
        return _sent(request, found, back)
    report = report_of(request.actor, found.pk, now=request.now)
    ticked = set(request.POST.getlist("foyer"))
    chosen = [one for one in report.due if one.key in ticked]
    if not chosen:
        messages.warning(request, words.refusal_text(ReminderRefused("changed" if ticked else "nothing")))
        return redirect(back)
    [way] = how_to_pay([found.pk])
    known, is_warned = words.known_shown(way, request.today)
    context = {
        **words.leaving_shown(chosen, *counted(chosen)),
        "authority": found,
        "known": known if is_warned else "",
        "gone": words.gone_text(len(ticked) - len(chosen)) if len(ticked) > len(chosen) else "",
    }
    return render(request, "agents/bills/reminders_leave.html", context)


def _sent(request: MarelleRequest, authority: Authority, back: str) -> HttpResponse:
    seen = words.seen_read(request.POST["seen"])
    try:
        done = reminders_send(actor=request.actor, authority_id=authority.pk, seen=seen, now=request.now)
    except ReminderRefused as refusal:
        messages.warning(request, words.refusal_text(refusal))
        return redirect(back)
    messages.success(request, _("Les relances sont envoyées."))
    if done.left_out:
        messages.warning(request, words.gone_text(done.left_out))
    return redirect("agents_bills:reminder_run", done.run.pk)


@require_safe
@staff_only(*KEEPERS)
def run(request: MarelleRequest, reminder_run_id: int) -> HttpResponse:
    found = _run(request, reminder_run_id)
    rows = found.reminders.prefetch_related("bills")
    page = Paginator(rows, SENT_PER_PAGE).get_page(request.GET.get("page"))
    own = own_files(request.actor, request.today)
    lost = set(lost_reminders().filter(run=found).values_list("pk", flat=True))
    context = {
        "run": found,
        "line": words.run_line(found),
        "parts": words.letter_parts(found),
        "page_obj": page,
        "lines": [words.sent_line(row, own, lost) for row in page],
    }
    return render(request, "agents/bills/reminder_run.html", context)


@require_safe
@staff_only(*KEEPERS)
def letters(request: MarelleRequest, reminder_run_id: int, part: int) -> HttpResponse:
    """The `part`-th of its PDFs."""
    found = _run(request, reminder_run_id)
    made = letters_pdf(found, part)
    if made is None:
        raise Http404
    name = _("relances-%(day)s-%(part)d.pdf") % {"day": found.day.isoformat(), "part": part}
    return made_response(made, name=name)


def _run(request: MarelleRequest, run_id: int) -> ReminderRun:
    row = runs_of(request.actor).filter(pk=run_id).first()
    if row is None:
        raise Http404
    return row


@either
@staff_only(*KEEPERS)
def steps(request: MarelleRequest, authority_id: int) -> HttpResponse:
    authority = office_authorities(request.actor).filter(pk=authority_id).first()
    if authority is None:
        raise Http404
    rows = list(steps_of(request.actor).filter(authority=authority))
    form = StepForm(request.POST or None, initial=first_words(len(rows)))
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in FIELDS}
        try:
            row = step_set(actor=request.actor, authority_id=authority.pk, values=values, now=request.now)
        except StepRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("L’étape est ajoutée\u00a0: voici ce qu’elle dira."))
            return redirect("agents_bills:reminder_step", row.pk)
    context = {"authority": authority, "form": form, "rows": [words.step_line(row) for row in rows]}
    return render(request, "agents/bills/reminder_steps.html", context)


@either
@staff_only(*KEEPERS)
def step(request: MarelleRequest, reminder_step_id: int) -> HttpResponse:
    row = steps_of(request.actor).filter(pk=reminder_step_id).first()
    if row is None:
        raise Http404
    if "remove" in request.POST:
        step_remove(actor=request.actor, step_id=row.pk, now=request.now)
        messages.success(request, _("L’étape est retirée. Ce qui est parti reste noté."))
        return redirect("agents_bills:reminder_steps", row.authority_id)
    form = StepForm(request.POST or None, initial={name: getattr(row, name) for name in FIELDS})
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in FIELDS}
        try:
            step_set(
                actor=request.actor,
                authority_id=row.authority_id,
                values=values,
                step_id=row.pk,
                now=request.now,
            )
        except StepRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("C’est enregistré."))
            return redirect("agents_bills:reminder_step", row.pk)
    context = {"form": form, "row": row, "line": words.step_line(row), "paragraphs": words.preview(row)}
    return render(request, "agents/bills/reminder_step.html", context)
