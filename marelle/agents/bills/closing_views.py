"""« Clôture de l’exercice »."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.bills import closing_words as words
from marelle.agents.bills.accounting_views import PER_PAGE, exercise_asked
from marelle.agents.bills.accounting_words import hidden_text
from marelle.agents.bills.closing_pdf import closing_pdf
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.accounting.closings import ClosingRefused, closing_of, closings_of, exercise_reopen
from marelle.billing.models import ExerciseClosing, LeftToRecover
from marelle.billing.models.invoices import REASON_LENGTH
from marelle.core.workbook import Cell
from marelle.files.rows import XLSX, rows_response
from marelle.files.serving import made_response
from marelle.flows.actor.middleware import MarelleRequest
from marelle.flows.bills.closing import exercise_close, to_close
from marelle.places.models import Authority


class ReopenForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Motif de la réouverture"), max_length=REASON_LENGTH)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only(*KEEPERS)
def closing(request: MarelleRequest, authority_id: int, year: int) -> HttpResponse:
    authority = exercise_asked(request, authority_id, year)
    is_reopening = "reopen" in request.POST
    form = ReopenForm(request.POST if is_reopening else None)
    if request.method == "POST" and (not is_reopening or form.is_valid()):
        try:
            _done(request, authority, year, form if is_reopening else None)
        except ClosingRefused as refusal:
            messages.warning(request, words.refusal_text(refusal))
        return redirect("agents_bills:closing", authority.pk, year)
    row = closing_of(authority.pk, year)
    context = {
        "authority": authority,
        "year": year,
        "reopened": [words.reopened_text(one) for one in closings_of(authority.pk, year) if one.reopened_at],
        **(_closed(request, row) if row else _to_close(request, authority, year)),
    }
    if request.actor.is_administrator:
        context["form"] = form
    return render(request, "agents/bills/closing.html", context)


def _done(request: MarelleRequest, authority: Authority, year: int, form: ReopenForm | None) -> None:
    actor, now = request.actor, request.now
    if form is not None:
        reason = form.cleaned_data["reason"]
        exercise_reopen(actor=actor, authority_id=authority.pk, exercise=year, reason=reason, now=now)
        messages.success(request, _("L’exercice est rouvert\u00a0: des factures peuvent y entrer à nouveau."))
    else:
        seen = request.POST.get("seen", "")
        exercise_close(actor=actor, authority_id=authority.pk, exercise=year, seen=seen, now=now)
        messages.success(
            request, _("L’exercice est clos\u00a0: les prochaines factures iront sur le suivant.")
        )


def _closed(request: MarelleRequest, row: ExerciseClosing) -> dict[str, object]:
    rows = _left(row)
    seen = rows.exclude(invoice__family__in=request.apart)
    page = Paginator(seen, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "row": row,
        "facts": words.closing_facts(row),
        "page_obj": page,
        "lines": [words.left_line(one) for one in page],
        "hidden": hidden_text(rows.count() - seen.count() if request.apart else 0),
    }


def _to_close(request: MarelleRequest, authority: Authority, year: int) -> dict[str, object]:
    found = to_close(authority.pk, year, request.today)
    return {
        "found": found,
        "points": words.point_lines(found),
        "facts": words.draft_facts(found.draft),
    }


@require_safe
@staff_only(*KEEPERS)
def left_file(request: MarelleRequest, authority_id: int, year: int) -> HttpResponse:
    """What is left to recover, bill by bill."""
    authority = exercise_asked(request, authority_id, year)
    row = closing_of(authority.pk, year)
    if row is None:
        raise Http404
    rows = _left(row).exclude(invoice__family__in=request.apart)
    ending = request.GET.get("format", XLSX)
    return rows_response(_file_rows(rows), ending, name=f"restes-a-recouvrer-{year}")


@require_safe
@staff_only(*KEEPERS)
def paper(request: MarelleRequest, authority_id: int, year: int) -> HttpResponse:
    """The whole of it, to print for the comptable."""
    authority = exercise_asked(request, authority_id, year)
    row = closing_of(authority.pk, year)
    if row is None:
        raise Http404
    return made_response(closing_pdf(row, but_homes=request.apart), name=f"cloture-{year}.pdf")


def _left(row: ExerciseClosing) -> QuerySet[LeftToRecover]:
    return row.rows.select_related("invoice__family", "invoice__payer")


def _file_rows(rows: QuerySet[LeftToRecover]) -> Iterator[Sequence[Cell]]:
    yield (
        _("Facture"), _("Mois facturé"), _("Émise le"), _("Dossier"), _("Foyer"), _("Payeur"), _("Total"),
        _("Reste au 31 décembre"), _("Reste à la clôture"), _("Reste aujourd’hui"),
    )  # fmt: skip
    for one in rows:
        bill = one.invoice
        yield (
            one.number, bill.month, bill.issued_on, bill.family.number, bill.family.name,
            str(bill.payer or ""), bill.total, one.at_end, one.at_closing, words.left_now(bill),
        )  # fmt: skip
