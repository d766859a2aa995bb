"""What is asked of the CAF or the MSA, about whom, and what may come back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from marelle.core.clock import instant_at, local
from marelle.core.money import rounded
from marelle.core.refusals import Refusal
from marelle.families.incomes.rules import IncomeKind

FRANCE: Final = "99100"
"""The INSEE's code of the country."""

NAME_LENGTH: Final = 80
NAMES: Final = 6
PLACE: Final = re.compile(r"(?:0[1-9]|[1-8]\d|2[AB]|9[0-5]|9[78])\d{3}|99[1-5]\d{2}", re.ASCII)
"""A commune of the INSEE, its overseas ones too, or 99 and a country, as at the sixth sign of a NIR."""


class What(StrEnum):
    """What is asked; its value stands in columns."""

    QUOTIENT = "caf_quotient"
    RESOURCES = "caf_resources"
    """What a crèche's price stands on (prestation de service unique): resources of a year, and children."""


SCOPES: Final[Mapping[What, str]] = {
    What.QUOTIENT: "cnaf_quotient_familial",
    What.RESOURCES: "cnav_participation_familiale_eaje_parametres_calcul",
}
"""What FranceConnect is asked for, so that its token opens each at API Particulier: of what it has on a
crèche's price the figures alone, not who lives there nor where."""


class Outcome(StrEnum):
    """What came of asking; its value stands in columns."""

    ANSWERED = "answered"
    SAME = "same"  # what is known already
    NOTHING = "nothing"  # it knows the person, and has no such figure
    NOT_FOUND = "not_found"  # it knows nobody so called, or several: it does not say which
    REFUSED = "refused"  # the identity is not of the form that it takes
    TOO_MANY = "too_many"  # we asked too much: it wants to be left alone for a while
    DOWN = "down"
    SLOW = "slow"
    BUSY = "busy"  # too many of us wait for it already
    LIES = "lies"  # its answer is not of the form that it publishes
    RIGHTS = "rights"  # our token does not open that
    EXPIRED = "expired"  # the token of FranceConnect opens nothing any more


PASSING: Final = frozenset({Outcome.TOO_MANY, Outcome.DOWN, Outcome.SLOW, Outcome.BUSY})
"""Outcomes after which the same asking may be answered a little later."""

SOON: Final = PASSING | {Outcome.EXPIRED}
"""Outcomes after which it is asked again by itself, within the hour: by the civil status, once a token has
expired."""

GOOD: Final = frozenset({Outcome.ANSWERED, Outcome.SAME})

OURS: Final = frozenset({Outcome.LIES, Outcome.RIGHTS})
"""Outcomes that nobody but an operator mends."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as its birth was registered. `sex` is "F" or "M"; `place` the INSEE's code of the commune, or
    of the country for who was born abroad."""

    birth_name: str
    first_names: tuple[str, ...]
    birth_date: date
    sex: str
    place: str

    def __repr__(self) -> str:
        return "‹identité›"


class WrongIdentity(Refusal):
    """`code` is the field at fault: "birth_name", "first_names", "birth_date", "sex", "place"."""


def identity_check(identity: Identity, *, day: date) -> None:
    """Raises WrongIdentity."""
    if not _is_name(identity.birth_name):
        raise WrongIdentity("birth_name")
    if not 0 < len(identity.first_names) <= NAMES or not all(map(_is_name, identity.first_names)):
        raise WrongIdentity("first_names")
    if not date(1900, 1, 1) <= identity.birth_date < day:
        raise WrongIdentity("birth_date")
    if identity.sex not in {"F", "M"}:
        raise WrongIdentity("sex")
    if not PLACE.fullmatch(identity.place) or identity.place == FRANCE:
        raise WrongIdentity("place")


def _is_name(text: str) -> bool:
    return len(text) <= NAME_LENGTH and text.isprintable() and any(sign.isalpha() for sign in text)


def identity_query(identity: Identity) -> list[tuple[str, str]]:
    """Its parameters in API Particulier v3; a first name each."""
    is_french = not identity.place.startswith("99")
    return [
        ("nomNaissance", identity.birth_name),
        *(("prenoms[]", name) for name in identity.first_names),
        ("anneeDateNaissance", str(identity.birth_date.year)),
        ("moisDateNaissance", str(identity.birth_date.month)),
        ("jourDateNaissance", str(identity.birth_date.day)),
        ("sexeEtatCivil", identity.sex),
        ("codeCogInseePaysNaissance", FRANCE if is_french else identity.place),
        *([("codeCogInseeCommuneNaissance", identity.place)] if is_french else []),
    ]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: amounts by their kind, and on what they rest. `month` is the first day of the quotient's
    month, `year` the year of the resources; the other is None. `fund` is "CNAF" or "MSA", "" where it is not
    told."""

    amounts: Mapping[IncomeKind, Decimal] = field(repr=False)
    fund: str = ""
    month: date | None = None
    year: int | None = None

    @property
    def what(self) -> What:
        return What.QUOTIENT if self.month is not None else What.RESOURCES


def of_a_month(yearly: Decimal) -> Decimal:
    """Resources of a year, as prices take them: by month."""
    return rounded(yearly / 12)


def identity_told(identity: Identity) -> dict[str, Any]:
    """As texts, to be sealed."""
    return {**asdict(identity), "birth_date": identity.birth_date.isoformat()}


def identity_of(told: Mapping[str, Any]) -> Identity:
    return Identity(
        told["birth_name"],
        tuple(told["first_names"]),
        date.fromisoformat(told["birth_date"]),
        told["sex"],
        told["place"],
    )


def said_told(said: Said) -> dict[str, Any]:
    """The same, of an answer."""
    return {
        "amounts": {kind.value: str(amount) for kind, amount in said.amounts.items()},
        "fund": said.fund,
        "month": said.month.isoformat() if said.month else "",
        "year": said.year,
    }


def said_of(told: Mapping[str, Any]) -> Said:
    return Said(
        {IncomeKind(kind): Decimal(amount) for kind, amount in told["amounts"].items()},
        fund=told["fund"],
        month=date.fromisoformat(told["month"]) if told["month"] else None,
        year=told["year"],
    )


def next_january(now: datetime) -> datetime:
    """When an agreement is asked about again: the tenth, once the new quotients and the resources of the new
    year are there."""
    this = instant_at(date(local(now).year, 1, 10), time(6))
    return this if now < this else instant_at(date(local(now).year + 1, 1, 10), time(6))


def last_january(now: datetime) -> datetime:
    """When the latest round of askings began."""
    ahead = next_january(now)
    return instant_at(date(local(ahead).year - 1, 1, 10), time(6))


RETRY: Final = timedelta(hours=1)
"""Between two askings that nobody could answer."""

MENDED_AFTER: Final = timedelta(days=1)
"""Between two askings that an operator has to mend."""

LEAST_PAUSE: Final = timedelta(minutes=1)
PAUSE: Final = timedelta(hours=1)
MOST_PAUSE: Final = timedelta(hours=24)
"""To ask on after a 429 brings a ban of twelve hours."""
