"""What a mandate needs and how long it lives. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from marelle.core.clock import months_after

MONTHS_UNUSED: Final = 36
"""A mandate by which nothing was asked for so long is dead (EPC016-06, SEPA Core rulebook, 4.1)."""

RUM_SIGNS: Final = re.compile(r"[A-Za-z0-9+?/\-:().,' ]{1,35}", re.ASCII)
"""Those that the rulebook takes."""

DRAWN: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""No sign that is read as another."""

RUM_DRAWN: Final = 16


class Sequence(StrEnum):
    """`SequencePres` of the PES V2."""

    FIRST = "02"
    RECURRENT = "03"


@dataclass(frozen=True, slots=True)
class Account:
    """What a home gives: of whom, and where its bank finds it; `iban` and `bic` as `core.banks` reads them.

    `country` is "" in France.
    """

    holder: str
    street: str
    postal_code: str
    city: str
    iban: str
    bic: str
    country: str = ""

    def __repr__(self) -> str:
        return f"Account(…{self.last_digits})"

    @property
    def last_digits(self) -> str:
        return self.iban[-4:]


@dataclass(frozen=True, slots=True)
class Creditor:
    """Who debits: the authority's name and address, and its identifier (ICS)."""

    name: str
    address: str
    ics: str


def needs_check(*, on_paper: bool, had_one: bool) -> bool:
    """Whether a second person must see it before it holds: whatever an agent has typed, and any account but
    the first that a home gives itself. `had_one`: it has had one in force with the authority."""
    return on_paper or had_one


def may_check(*, account: int | None, noted_account: int | None) -> bool:
    """Whether an agent, by the id of its account, is that second person."""
    return account is not None and account != noted_account


def lapses_on(signed_on: date, last_drawn_on: date | None) -> date:
    """The first day on which it is dead, if nothing is debited meanwhile."""
    since = last_drawn_on or signed_on
    there = months_after(since, MONTHS_UNUSED)
    return there if there.day == since.day else there + timedelta(days=1)


def sequence_of(*, drawn_before: bool) -> Sequence:
    return Sequence.RECURRENT if drawn_before else Sequence.FIRST


def is_rum(text: str) -> bool:
    """No "//" within and no slash at either end, as the rulebook has it."""
    return (
        RUM_SIGNS.fullmatch(text) is not None
        and "//" not in text
        and text == text.strip(" /")
        and any(sign.isalnum() for sign in text)
    )


def rum_of(drawn: str) -> str:
    """ "MRL-7KQ3-9XTW-…", of `RUM_DRAWN` signs drawn at random."""
    return "-".join(("MRL", *(drawn[at : at + 4] for at in range(0, len(drawn), 4))))
