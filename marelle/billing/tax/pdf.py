"""« Attestation de frais de garde »: the PDF of a year that is over, tagged for screen readers (PDF/UA-1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from marelle.billing.addressed import Addressed
from marelle.billing.models import Treasury
from marelle.billing.pdf import sender_lines
from marelle.billing.runs.addressing import homes_addressed
from marelle.billing.selectors import treasury_of
from marelle.billing.tax.statements import Statement
from marelle.billing.tax.words import told
from marelle.core.french import day_plain
from marelle.files.typeset import typeset
from marelle.mail.letterhead import PLAIN, Letterhead, letterhead_of

TEMPLATE: Final = Path(__file__).parent.parent / "typst" / "statement.typ"


def statement_made(
    statements: Iterable[Statement], authority_id: int, year: int, *, day: date
) -> bytes | None:
    """The PDF of one of these, addressed as the home's file says on `day`; None for none of them, and for a
    year that is not over."""
    asked = (authority_id, year)
    found = next((one for one in statements if (one.authority.pk, one.year) == asked and one.is_over), None)
    if found is None:
        return None
    addressed = homes_addressed([found.family_id], day).get(found.family_id)
    if addressed is None:
        return None
    return statement_pdf(
        found,
        addressed=addressed,
        treasury=treasury_of(authority_id),
        letterhead=letterhead_of(authority_id),
        day=day,
    )


def statement_pdf(
    statement: Statement,
    *,
    addressed: Addressed,
    treasury: Treasury | None,
    letterhead: Letterhead = PLAIN,
    day: date,
) -> bytes:
    """The same statement on the same day gives the same bytes."""
    found, authority = told(statement), statement.authority
    heading = _("Attestation de frais de garde %(year)d") % {"year": statement.year}
    said = {
        "title": heading,
        "heading": heading,
        "page": _("page"),
        "colour": letterhead.ground,
        "authority": {"name": authority.name, "lines": sender_lines(authority)},
        "addressee": {"name": addressed.name, "lines": addressed.place},
        "paragraphs": [
            _("Ce que le foyer a payé du 1er janvier au 31 décembre %(year)d, d’après ses factures.")
            % {"year": statement.year}
        ],
        "columns": found.columns,
        "rows": [
            {"name": row.name, "note": row.note, "cells": [cell for _title, cell in row.pairs]}
            for row in found.rows
        ],
        "total": found.total,
        "notes": found.notes,
        "made": _("Fait le %(day)s.") % {"day": day_plain(day)},
        "signed": "" if treasury is None else f"{treasury.signatory}, {treasury.signatory_capacity}",
    }
    made_at = datetime.combine(day, time(), tzinfo=UTC)
    return typeset(TEMPLATE, said, logo=letterhead.logo, made_at=made_at)
