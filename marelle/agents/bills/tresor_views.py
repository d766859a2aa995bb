"""« Envoyer au Trésor »: what waits, what a file would hold, the files that were asked for."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from marelle.agents.bills import tresor_words as words
from marelle.agents.bills.returned_words import (
    paid_line,
    paid_title,
    payment_from,
    piece_shown,
    states_counted,
    waiting_tag,
)
from marelle.agents.bills.returned_words import refusal_text as freeing_refused
from marelle.agents.bills.tresor_forms import AddresseeForm, CodesField, ExportCancelForm, TresorTermsForm
from marelle.agents.guards import staff_only
from marelle.agents.invoices.views import KEEPERS
from marelle.billing.models import Addressee, TresorExport, TresorTerms
from marelle.billing.paid import UNDONE
from marelle.billing.runs.selectors import run_of
from marelle.billing.selectors import office_authorities, office_invoices
from marelle.billing.tresor.files import EXPORTERS, export_name, export_open
from marelle.billing.tresor.report import Batch, exports_of, report_of, waiting_of
from marelle.billing.tresor.returns import PieceState
from marelle.billing.tresor.services import (
    TAKEN,
    ExportRefused,
    addressee_complete,
    correctable,
    tresor_export,
    tresor_export_cancel,
    tresor_terms_set,
)
from marelle.billing.tresor.strays import (
    StrayRefused,
    piece_free,
    piece_settle,
    piece_states,
    piece_take_back,
    rejected_but_paid,
    rejected_of,
    strays_of,
)
from marelle.core.french import euros_text
from marelle.flows.actor.middleware import MarelleRequest

PER_PAGE = 50
either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_only(*KEEPERS)
def tresor(request: MarelleRequest) -> HttpResponse:
    authorities = list(office_authorities(request.actor))
    several = len(authorities) > 1
    held = {row.authority_id: row for row in TresorTerms.objects.filter(authority__in=authorities)}
    page = Paginator(exports_of(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": [words.waiting_line(one, several=several) for one in waiting_of(request.actor)],
        "held": [words.terms_line(held.get(one.pk), one.name, one.pk) for one in authorities],
        "rejected": waiting_tag(
            rejected_of(request.actor).exclude(invoice__family__in=request.apart).count()
        ),
        "strays": waiting_tag(strays_of(request.actor).exclude(invoice__family__in=request.apart).count()),
        "page_obj": page,
        "exports": [words.export_line(one, several=several) for one in page],
    }
    return render(request, "agents/bills/tresor.html", context)


@either
@staff_only(*KEEPERS)
def report(request: MarelleRequest, bill_run_id: int) -> HttpResponse:
    return _report(request, bill_run_id, is_credit=False)


@either
@staff_only(*KEEPERS)
def credit_notes(request: MarelleRequest, bill_run_id: int) -> HttpResponse:
    return _report(request, bill_run_id, is_credit=True)


def _report(request: MarelleRequest, run_id: int, *, is_credit: bool) -> HttpResponse:
    """Of the month of a run, with what was corrected in it since."""
    run = run_of(request.actor, run_id)
    if run is None:
        raise Http404
    batch = Batch(run.authority_id, run.exercise, run.month, is_credit)
    if request.method == "POST":
        try:
            seen = request.POST.get("seen", "")
            made = tresor_export(actor=request.actor, batch=batch, seen=seen, now=request.now)
        except ExportRefused as refusal:
            messages.warning(request, words.refusal_text(refusal))
            return redirect(request.path)
        messages.success(request, _("Le fichier se prépare\u00a0: il est là dans un instant."))
        if len(made) == 1:
            return redirect("agents_bills:tresor_export", made[0].pk)
        return redirect("agents_bills:tresor")
    found = report_of(request.actor, batch, day=request.today)
    shown = words.report_page(found, request.apart) if found else {}
    context = {"title": words.batch_title(batch), "authority": run.authority, "report": shown}
    return render(request, "agents/bills/tresor_report.html", context)


@either
@staff_only(*KEEPERS)
def export(request: MarelleRequest, tresor_export_id: int) -> HttpResponse:
    row = _export(request, tresor_export_id)
    form = ExportCancelForm(request.POST or None)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            tresor_export_cancel(actor=request.actor, export_id=row.pk, reason=reason, now=request.now)
        except ExportRefused as refusal:
            messages.warning(request, words.refusal_text(refusal))
        else:
            messages.success(request, _("Le fichier est annulé\u00a0: ses factures attendent à nouveau."))
        return redirect("agents_bills:tresor_export", row.pk)
    states = piece_states(row)
    context = {**words.export_page(row), "form": form, "states": states_counted(states)}
    still_paid = rejected_but_paid(row)
    told = still_paid.aggregate(count=Count("pk"), total=Sum("invoice__paid"))
    context["still_paid"] = paid_title(told["count"], told["total"]) if told["count"] else ""
    rows = still_paid.exclude(invoice__family__in=request.apart)
    context["page_obj"] = page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context["still_paid_lines"] = [paid_line(one) for one in page]
    context["may_cancel"] = row.cancelled_at is None and not any(state in TAKEN for state, _count in states)
    return render(request, "agents/bills/tresor_export.html", context)


@require_safe
@staff_only(*KEEPERS)
def file(request: MarelleRequest, tresor_export_id: int) -> FileResponse:
    row = _export(request, tresor_export_id)
    if not row.key:
        raise Http404
    try:
        content = export_open(row)
    except FileNotFoundError as error:
        raise Http404 from error
    mime = EXPORTERS[row.layout].mime
    return FileResponse(content, as_attachment=True, filename=export_name(row), content_type=mime)


def _export(request: MarelleRequest, export_id: int) -> TresorExport:
    row = exports_of(request.actor).filter(pk=export_id).first()
    if row is None:
        raise Http404
    return row


@either
@staff_only(*KEEPERS)
def terms(request: MarelleRequest, authority_id: int) -> HttpResponse:
    authority = office_authorities(request.actor).filter(pk=authority_id).first()
    if authority is None:
        raise Http404
    held = TresorTerms.objects.filter(authority=authority).first()
    form = TresorTermsForm(request.POST or None, initial=_said(held, authority.short_name))
    if form.is_valid():
        values = form.cleaned_data
        tresor_terms_set(actor=request.actor, authority_id=authority.pk, values=values, now=request.now)
        messages.success(request, _("C’est enregistré."))
        return redirect("agents_bills:tresor")
    return render(request, "agents/bills/tresor_terms.html", {"form": form, "authority": authority})


def _said(held: TresorTerms | None, name: str) -> dict[str, object]:
    row = held or TresorTerms(acronym=name[:32])
    said = {name: getattr(row, name) for name in TresorTermsForm.base_fields}
    return {**said, "budgets": CodesField.text(row.budgets), "products": CodesField.text(row.products)}


@either
@staff_only(*KEEPERS)
def bill(request: MarelleRequest, invoice_id: int) -> HttpResponse:
    """Whom one is addressed to, where the Trésor wants more of it than the bill says."""
    found = office_invoices(request.actor).filter(pk=invoice_id).first()
    row = Addressee.objects.filter(invoice=found).select_related("invoice").first() if found else None
    if found is None or row is None or found.run_id is None:
        raise Http404
    if not {"free", "settle", "take_back"}.isdisjoint(request.POST):
        return _decided(request, found.pk)
    form = AddresseeForm(request.POST or None, addressed=row.text, points=correctable(row))
    if form.is_valid():
        try:
            addressee_complete(actor=request.actor, invoice_id=found.pk, values=form.values, now=request.now)
        except ExportRefused as refusal:
            messages.warning(request, words.refusal_text(refusal))
        else:
            messages.success(request, _("C’est enregistré."))
        return redirect("agents_bills:tresor_report", found.run_id)
    sent = list(found.exported.select_related("export", "invoice").order_by("-pk"))
    may_free = any(one.live and one.state == PieceState.REJECTED for one in sent)
    context = {
        "form": form,
        "row": row,
        "bill": found,
        "paid": euros_text(found.paid) if may_free and found.paid > 0 else "",
        "payments": [
            payment_from(one)
            for one in found.payments.exclude(reference__startswith=UNDONE).select_related("read_in")
        ],
        "pieces": [piece_shown(one) for one in sent],
        "may_free": may_free,
        "is_sent": any(one.live for one in sent),
        "to_settle": euros_text(found.left)
        if any(one.live and one.settled for one in sent) and found.left
        else "",
    }
    return render(request, "agents/bills/tresor_bill.html", context)


def _decided(request: MarelleRequest, invoice_id: int) -> HttpResponse:
    """Of a piece that came back: it is sent again, or paid as the Trésor says."""
    try:
        if "settle" in request.POST:
            piece_settle(actor=request.actor, invoice_id=invoice_id, now=request.now)
            said = _("C’est noté comme payé.")
        elif "take_back" in request.POST:
            piece_take_back(actor=request.actor, invoice_id=invoice_id, now=request.now)
            said = _("C’est repris\u00a0: plus rien n’est payé de cette facture.")
        else:
            piece_free(actor=request.actor, invoice_id=invoice_id, now=request.now)
            said = _("Elle attend d’être renvoyée\u00a0: corrigez d’abord ce que le Trésor lui reproche.")
    except StrayRefused as refusal:
        messages.warning(request, freeing_refused(refusal))
    else:
        messages.success(request, said)
    return redirect("agents_bills:tresor_bill", invoice_id)
