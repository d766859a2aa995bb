"""What a ZIP of PDFs would attach to the invoices that are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from marelle.billing.imports.archives import Entry, entries, numbers
from marelle.billing.imports.planning import in_batches
from marelle.billing.models import Invoice
from marelle.core.tabular import Problem
from marelle.files.cleaning import cleaned
from marelle.files.rules import Cleaned, FileRefused, Kind


@dataclass(frozen=True, slots=True)
class Attached:
    """A PDF to be attached, made harmless; `source` is the fingerprint of what was sent."""

    invoice: Invoice
    pdf: Cleaned
    source: str


Attach = Callable[[Attached], None]


@dataclass
class PdfPlan:
    attached: int = 0
    replaced: int = 0
    same: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, Any]:
        return {"attached": self.attached, "replaced": self.replaced, "same": self.same}


def pdfs_planned(
    content: bytes, *, authority_id: int, correction: bool, attach: Attach | None = None
) -> PdfPlan:
    """Read each PDF and make it harmless; `attach` is called with each that is to be written.

    Another PDF than the one that an invoice has takes its place only by a correction. Raises FileUnreadable.
    """
    found = in_batches(
        numbers(content), lambda batch: Invoice.objects.filter(authority_id=authority_id, number__in=batch)
    )
    there: dict[str, Invoice] = {invoice.number: invoice for invoice in found}
    plan = PdfPlan()
    for entry in entries(content):
        if isinstance(entry, Problem):
            plan.problems.append(entry)
            continue
        invoice = there.get(entry.number)
        source = sha256(entry.content).hexdigest()
        problem = _refused(entry, invoice, source, correction=correction)
        if problem is not None:
            plan.problems.append(problem)
        elif invoice is not None and invoice.pdf_source == source:
            plan.same += 1
        elif invoice is not None:
            _attached(plan, entry, invoice, source, attach)
    return plan


def _refused(entry: Entry, invoice: Invoice | None, source: str, *, correction: bool) -> Problem | None:
    if invoice is None:
        return Problem(entry.name, "invoice_unknown", {"value": entry.number})
    if invoice.pdf_source not in {"", source} and not correction:
        return Problem(entry.name, "already_has_pdf")
    return None


def _attached(plan: PdfPlan, entry: Entry, invoice: Invoice, source: str, attach: Attach | None) -> None:
    if b"%PDF-" not in entry.content[:1024]:
        plan.problems.append(Problem(entry.name, "not_a_pdf"))
        return
    try:
        pdf = cleaned(entry.content)
    except FileRefused as refusal:
        plan.problems.append(Problem(entry.name, "file_refused", {"refusal": refusal}))
        return
    if pdf.kind is not Kind.PDF:
        plan.problems.append(Problem(entry.name, "not_a_pdf"))
        return
    if invoice.pdf_source:
        plan.replaced += 1
    else:
        plan.attached += 1
    if attach is not None:
        attach(Attached(invoice, pdf, source))
