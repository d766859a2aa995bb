"""The PDFs of a ZIP, read elsewhere, and what they would attach to the invoices that are there."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final

from marelle.billing.imports.homes import in_batches
from marelle.billing.imports.problems import MAX_UNPACKED
from marelle.billing.models import Invoice
from marelle.core.tabular import FileUnreadable, Problem
from marelle.files.apart import answered
from marelle.files.rules import FileRefused

PROGRAM: Final = "marelle.billing.imports.archives"

MOST_TURNS: Final = 20
"""For a whole ZIP, each of some two seconds of computing: an honest month takes five."""

BURST_TURNS: Final = 5
"""What a file that bursts its bounds counts for."""

Head = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pdf:
    """A PDF made harmless, for the invoice of that number; `source` is the fingerprint of what was sent.

    Its content lies in what is kept aside, from `start` on, for `size` bytes.
    """

    name: str
    number: str
    source: str
    pages: int
    start: int
    size: int


@dataclass
class PdfPlan:
    attached: int = 0
    replaced: int = 0
    same: int = 0
    problems: list[Problem] = field(default_factory=list)
    to_write: list[tuple[Invoice, Pdf]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, Any]:
        return {"attached": self.attached, "replaced": self.replaced, "same": self.same}


def pdfs_told(content: bytes) -> Iterator[tuple[Head, bytes]]:
    """What `archives` answers of each file of a ZIP, turn by turn. Raises FileUnreadable."""
    turns, start, room = 0, 0, MAX_UNPACKED
    while True:
        try:
            answer = answered(PROGRAM, content, str(start), str(room), long=True)
        except FileRefused as refusal:
            raise FileUnreadable(refusal.code) from refusal
        before, begun = start, None
        for head, body in _heads(io.BytesIO(answer.output)):
            if "refused" in head:
                raise FileUnreadable(head.pop("refused"), **head)
            if "end" in head:
                return
            if "begun" in head:
                begun = head
                continue
            yield head, body
            start, room, begun = start + 1, room - head.get("unpacked", 0), None
        if begun is not None:
            said = "too_crowded" if answer.late else "broken"
            yield {"name": begun["name"], "code": "file_refused", "refusal": said, "data": {}}, b""
            start, room = start + 1, room - begun["unpacked"]
        if start == before:
            raise FileUnreadable("not_zip")
        turns += 1 if answer.whole else BURST_TURNS
        if turns >= MOST_TURNS:
            raise FileUnreadable("too_long")


def pdfs_kept(stream: IO[bytes]) -> tuple[Pdf | Problem, ...]:
    """Those written one after the other, as `pdfs_told` told them; contents are left where they are."""
    found: list[Pdf | Problem] = []
    while line := stream.readline():
        head = json.loads(line)
        if "code" in head:
            found.append(_problem(head))
            continue
        start = stream.tell()
        said = (head["name"], head["number"], head["source"], head["pages"])
        found.append(Pdf(*said, start, head["size"]))
        stream.seek(start + head["size"])
    return tuple(found)


def pdfs_planned(sent: Iterable[Pdf | Problem], *, authority_id: int, correction: bool) -> PdfPlan:
    """Another PDF than the one that an invoice has takes its place only by a correction."""
    pdfs = list(sent)
    found = in_batches(
        [pdf.number for pdf in pdfs if isinstance(pdf, Pdf)],
        lambda batch: Invoice.objects.filter(authority_id=authority_id, number__in=batch),
    )
    there: dict[str, Invoice] = {invoice.number: invoice for invoice in found}
    plan = PdfPlan()
    for pdf in pdfs:
        if isinstance(pdf, Problem):
            plan.problems.append(pdf)
            continue
        invoice = there.get(pdf.number)
        if invoice is None:
            plan.problems.append(Problem(pdf.name, "invoice_unknown", {"value": pdf.number}))
        elif invoice.run_id is not None:
            plan.problems.append(Problem(pdf.name, "made_here", {"value": pdf.number}))
        elif invoice.pdf_source == pdf.source:
            plan.same += 1
        elif invoice.pdf_source and not correction:
            plan.problems.append(Problem(pdf.name, "already_has_pdf"))
        else:
            plan.replaced += bool(invoice.pdf_source)
            plan.attached += not invoice.pdf_source
            plan.to_write.append((invoice, pdf))
    return plan


def _heads(stream: io.BytesIO) -> Iterator[tuple[Head, bytes]]:
    """Each line of JSON with the content after it; what was cut short by a burst is left out."""
    for line in iter(stream.readline, b""):
        if not line.endswith(b"\n"):
            return
        head: Head = json.loads(line)
        body = stream.read(head.get("size", 0))
        if len(body) < head.get("size", 0):
            return
        yield head, body


def _problem(head: Head) -> Problem:
    if head["code"] == "file_refused":
        return Problem(
            head["name"], "file_refused", {"refusal": FileRefused(head["refusal"], **head["data"])}
        )
    return Problem(head["name"], head["code"])
