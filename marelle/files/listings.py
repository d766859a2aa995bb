"""A listing as a file: PDF to print, CSV, XLSX."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext as _

from marelle.core.listing import Listing, spread
from marelle.core.tabular import csv_written
from marelle.core.workbook import XLSX_TYPE, xlsx_written
from marelle.files.serving import disposition
from marelle.files.typeset import typeset

TEMPLATE: Final = Path(__file__).parent / "typst" / "listing.typ"


def listing_pdf(*listings: Listing, now: datetime) -> bytes:
    """A4, with the footer and the number of each page. Each listing begins a page; title, author, footer and
    which way the page is are those of the first."""
    return typeset(TEMPLATE, {"listings": [*map(asdict, listings)], "page": _("page")}, made_at=now)


def listing_csv(listing: Listing) -> bytes:
    return csv_written(spread(listing))


def listing_xlsx(listing: Listing) -> bytes:
    return xlsx_written(spread(listing), name=listing.name)


PDF: Final = "pdf"
KINDS: Final = {PDF: "application/pdf", "xlsx": XLSX_TYPE, "csv": "text/csv; charset=utf-8"}
"""What a file is, by its ending."""


def listing_response(listing: Listing, ending: str, *, now: datetime) -> HttpResponse:
    """The file, downloaded and kept by no cache; an ending that is none of `KINDS` is a PDF."""
    ending = ending if ending in KINDS else PDF
    if ending == PDF:
        return pdf_response(listing_pdf(listing, now=now), name=listing.name)
    content = listing_csv(listing) if ending == "csv" else listing_xlsx(listing)
    return _response(content, listing.name, ending)


def pdf_response(made: bytes, *, name: str) -> HttpResponse:
    """The same, of a PDF of several listings."""
    return _response(made, name, PDF)


def _response(content: bytes, name: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=KINDS[ending])
    response["Content-Disposition"] = disposition(f"{name}.{ending}", download=True)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
