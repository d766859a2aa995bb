"""Which bills the Trésor debits, when, and why another that was announced is not. Pure.

Source: `InfoPrelevementSEPA` of the PES V2 of revenues. How long ahead the Trésor wants the day of a debit is
agreed with the comptable: `AHEAD` is from memory.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from marelle.billing.mandates.rules import Sequence, sequence_of
from marelle.billing.tresor.checks import Point, Problem
from marelle.billing.tresor.pieces import Announced, Bill, Debit, Terms
from marelle.billing.tresor.texts import sepa_text
from marelle.core.sealed import CannotOpen

AHEAD: Final = timedelta(days=7)
HOLDER, LABEL = 32, 140


def drawn_on(announced: Announced, day: date) -> date:
    """As the bill said, or later where its file is made late."""
    return max(announced.due_on, day + AHEAD)


def of_debit(bill: Bill, terms: Terms, day: date) -> list[Problem]:
    """Why a bill that announced a debit leaves without one, on `day`; nothing for one that is debited, or
    that announced none."""
    said = bill.announced
    if said is None:
        return []
    if not said.holds:
        return [Problem(Point.DEBIT_ENDED, said.rum)]
    if said.lapses_on <= drawn_on(said, day):
        return [Problem(Point.DEBIT_LAPSED, said.rum)]
    if said.ics != terms.ics:
        return [Problem(Point.DEBIT_ICS, said.ics)]
    if not (said.iban and said.bic):
        return [Problem(Point.DEBIT_SEALED)]
    if not sepa_text(said.holder, HOLDER):
        return [Problem(Point.DEBIT_HOLDER, said.holder)]
    return []


def debit_of(bill: Bill, drawn: date, sequence: str) -> Debit | None:
    """Of one that is debited on the day `drawn`. Raises CannotOpen: none is written without its account."""
    said = bill.announced
    if said is None:
        return None
    if not (said.iban and said.bic):
        raise CannotOpen
    return Debit(
        rum=said.rum,
        signed_on=said.signed_on,
        holder=sepa_text(said.holder, HOLDER),
        iban=said.iban,
        bic=said.bic,
        drawn_on=drawn,
        sequence=sequence,
        label=sepa_text(f"Facture {bill.number}", LABEL),
    )


def sequence_in(announced: Announced, drawn: set[int]) -> Sequence:
    """`drawn`: mandates of which a bill stands before it in the same file; it is added to them."""
    before = announced.drawn_before or announced.mandate_id in drawn
    drawn.add(announced.mandate_id)
    return sequence_of(drawn_before=before)
