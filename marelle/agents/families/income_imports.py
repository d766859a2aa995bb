"""Incomes that enter by a spreadsheet: sent, shown line by line, then written as they were shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from marelle.agents.families.importing.forms import MEGABYTES
from marelle.agents.families.income_forms import offer_authorities
from marelle.agents.families.incomes import own_authorities
from marelle.agents.families.record_forms import SOURCE_LENGTH, date_field
from marelle.agents.guards import staff_only
from marelle.core.french import day_plain, number_text
from marelle.core.refusals import Refusal
from marelle.families.imports.income_labels import counts_text, preview_text, reason_text, refusal_text
from marelle.families.imports.income_lines import COLUMNS, Defaults
from marelle.families.imports.income_plan import Change, Plan, Planned
from marelle.families.imports.incomes import (
    MOST_LINES,
    incomes_drop,
    incomes_import,
    incomes_plan,
    incomes_prepare,
    incomes_write,
)
from marelle.families.incomes.labels import kind_text, told_text
from marelle.families.incomes.rules import IncomeRow, IncomeStatus
from marelle.families.models import IncomeImport
from marelle.flows.actor.actors import MAY_ACT
from marelle.flows.actor.middleware import MarelleRequest

PER_PAGE = 50
STATUSES = [(status.value, status.label) for status in (IncomeStatus.PROVED, IncomeStatus.DECLARED)]
CHANGES = {
    Change.NEW: (gettext_lazy("nouveau"), "ok"),
    Change.REPLACED: (gettext_lazy("remplace"), "warn"),
    Change.SAME: (gettext_lazy("déjà noté"), "plain"),
}


class SheetForm(forms.Form):
    """The file, and what holds for the lines that do not say it."""

    file = forms.FileField(
        label=gettext_lazy("Fichier"),
        help_text=gettext_lazy("Un CSV ou un classeur XLSX, de %(megabytes)d Mo et %(lines)s lignes au plus.")
        % {"megabytes": MEGABYTES, "lines": number_text(MOST_LINES)},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.ods,text/csv"}),
        allow_empty_file=True,
        max_length=None,
        error_messages={"required": gettext_lazy("Choisissez un fichier.")},
    )
    since = date_field(
        gettext_lazy("À partir du"), help_text=gettext_lazy("Pour les lignes qui ne le disent pas.")
    )
    until = date_field(gettext_lazy("Dernier jour, s’il y en a un"), required=False)
    status = forms.ChoiceField(
        label=gettext_lazy("Connu comme"), choices=STATUSES, initial=IncomeStatus.PROVED.value
    )
    source = forms.CharField(
        label=gettext_lazy("Justifié par"),
        max_length=SOURCE_LENGTH,
        help_text=gettext_lazy("Par exemple\u00a0: export CDAP de janvier 2027."),
    )
    authority = forms.TypedChoiceField(
        label=gettext_lazy("Pour qui"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, authorities: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_authorities(self, authorities)

    def defaults(self) -> Defaults:
        data = self.cleaned_data
        status = IncomeStatus(data["status"])
        return Defaults(status, data["since"], data["source"], data["until"], data.get("authority"))


@dataclass(frozen=True, slots=True)
class PlannedLine:
    line: int
    home: str
    told: str
    detail: str
    tag: str
    tone: str


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def send(request: MarelleRequest) -> HttpResponse:
    own = own_authorities(request)
    form = SheetForm(authorities=own, initial={"since": request.today})
    if request.method == "POST":
        form = SheetForm(request.POST, request.FILES, authorities=own)
        if form.is_valid():
            try:
                found = incomes_prepare(
                    actor=request.actor,
                    upload=form.cleaned_data["file"],
                    defaults=form.defaults(),
                    now=request.now,
                )
            except Refusal as refusal:
                form.add_error("file", refusal_text(refusal))
            else:
                return redirect("agents_families:income_sheet", found.pk)
    titles = [column.title for column in COLUMNS]
    return render(request, "agents/families/income_send.html", {"form": form, "titles": titles})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*MAY_ACT)
def run(request: MarelleRequest, sheet_id: int) -> HttpResponse:
    row = incomes_import(request.actor, sheet_id)
    context: dict[str, Any] = {"row": row, "done": row.state == IncomeImport.State.DONE}
    if row.state == IncomeImport.State.DONE:
        return render(
            request, "agents/families/income_run.html", {**context, "result": counts_text(row.counts)}
        )
    if request.method == "POST":
        try:
            seen = str(request.POST.get("seen", ""))
            row = incomes_write(actor=request.actor, import_id=sheet_id, seen=seen, now=request.now)
        except Refusal as refusal:
            messages.warning(request, refusal_text(refusal))
        else:
            messages.success(request, counts_text(row.counts))
        return redirect("agents_families:income_sheet", sheet_id)
    try:
        plan = incomes_plan(request.actor, row, now=request.now)
    except Refusal as refusal:
        messages.warning(request, refusal_text(refusal))
        return redirect("agents_families:income_send")
    return render(request, "agents/families/income_run.html", {**context, **_shown(request, plan)})


@require_POST
@staff_only(*MAY_ACT)
def drop(request: MarelleRequest, sheet_id: int) -> HttpResponse:
    incomes_drop(actor=request.actor, import_id=sheet_id)
    messages.success(request, _("Le fichier est oublié\u00a0: rien n’est noté."))
    return redirect("agents_families:income_send")


def _shown(request: MarelleRequest, plan: Plan) -> dict[str, Any]:
    page = Paginator(plan.planned, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "mark": plan.mark,
        "counts": preview_text({change.value: len(plan.of(change)) for change in Change}),
        "writes": any(one.change is not Change.SAME for one in plan.planned),
        "page_obj": page,
        "lines": [_line(one) for one in page],
        "problems": [(one.where, reason_text(one.code, one.data)) for one in plan.problems],
    }


def _line(one: Planned) -> PlannedLine:
    income = one.income
    row = IncomeRow(0, income.kind, income.since, income.until, income.source, told=income.told)
    before = IncomeRow(0, income.kind, income.since, None, "", told=one.before, lost=one.before is None)
    detail = [
        kind_text(income.kind),
        _("depuis le %(day)s") % {"day": day_plain(income.since)},
        _("à la place de %(before)s") % {"before": told_text(before)}
        if one.change is Change.REPLACED
        else "",
        income.source,
    ]
    tag, tone = CHANGES[one.change]
    return PlannedLine(one.line, one.home, told_text(row), " · ".join(filter(None, detail)), str(tag), tone)
