"""What a file for the Trésor holds: a bordereau, its pieces, their lines, who owes them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import IO, Final, Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.tresor.keys import PeriodRule
from marelle.core.money import ZERO


class Sort(TextChoices):
    """Of a bordereau."""

    ROLE = "role", _("rôle (ORMC)")
    TITLES = "titles", _("titres individuels")
    REDUCTIONS = "reductions", _("réductions")


@dataclass(frozen=True, slots=True)
class Codes:
    """TypBord, TypPce and NatPce, of the PES V2's annexes; `file` is TypFic."""

    bordereau: str
    piece: str
    nature: str
    file: str


CODES: Final[Mapping[Sort, Codes]] = {
    Sort.ROLE: Codes("06", "15", "01", "PESORMC"),
    Sort.TITLES: Codes("01", "01", "01", "PESALR1"),
    Sort.REDUCTIONS: Codes("02", "02", "06", "PESALR1"),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """How an authority sends its bills. `post` is IdPost (the codique), `collection` CodCol; `budgets` and
    `products` give CodBud and CodProdLoc by what a tariff calls its budget and its account, "" for all
    others. `with_key`: Cle2 is written. `ics`: under which the Trésor debits, "" where it does not."""

    sort: Sort = Sort.ROLE
    post: str = ""
    collection: str = ""
    acronym: str = ""
    period: str = ""
    budgets: Mapping[str, str] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    with_key: bool = True
    ics: str = ""

    @property
    def rule(self) -> PeriodRule:
        return PeriodRule(self.period) if self.period else PeriodRule.NONE

    def budget_of(self, name: str) -> str:
        return self.budgets.get(name) or self.budgets.get("", "")

    def product_of(self, account: str) -> str:
        return self.products.get(account) or self.products.get("", "")


@dataclass(frozen=True, slots=True)
class Sender:
    """The head of a file: `budget` is CodBud."""

    acronym: str
    address: str
    post: str
    siret: str
    collection: str
    budget: str


@dataclass(frozen=True, slots=True)
class BillLine:
    """`amount` with its VAT, of which `vat` is the rate in percent."""

    account: str
    budget: str
    vat: Decimal
    amount: Decimal
    activity: str


@dataclass(frozen=True, slots=True)
class Bill:
    """What was sent to a home or to another payer. `is_credit`: it takes from a bill sent before, `origin`,
    of which None says that the Trésor has not got it. `over`: the credit notes of that bill come to more
    than it. `notice_on`: its own date."""

    id: int
    number: str
    month: date
    notice_on: date
    total: Decimal
    addressed: Addressed
    lines: Sequence[BillLine]
    is_credit: bool = False
    is_cancelled: bool = False
    has_pdf: bool = True
    origin: Origin | None = None
    over: bool = False
    announced: Announced | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The piece that a reduction takes from, and which line of it each account and rate of VAT has."""

    exercise: int
    piece: int
    lines: Mapping[tuple[str, Decimal], int]


@dataclass(frozen=True, slots=True)
class Announced:
    """That a bill said it would be debited on `due_on`, by which mandate and on which account, and what has
    become of that mandate: `holds`, until `lapses_on`. `drawn_before`: something was debited by it already.
    `iban` is "" where no key opens it."""

    mandate_id: int
    rum: str
    ics: str
    signed_on: date
    holder: str
    iban: str
    bic: str
    due_on: date
    holds: bool
    lapses_on: date
    drawn_before: bool = False

    def __repr__(self) -> str:
        return f"Announced({self.rum})"


@dataclass(frozen=True, slots=True)
class Debit:
    """How a piece is debited: `drawn_on` is DtePrel, `sequence` SequencePres, `label` LibPrel."""

    rum: str
    signed_on: date
    holder: str
    iban: str
    bic: str
    drawn_on: date
    sequence: str
    label: str

    def __repr__(self) -> str:
        return f"Debit({self.rum})"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Those that a bill has in a file; see `models.ExportedBill`."""

    piece: int
    debt: str


@dataclass(frozen=True, slots=True)
class Line:
    """`net` and `tax` are above zero but where a bill gives something back; in a reduction, what is taken
    off. `origin`: the piece and the line that a reduction takes from."""

    number: int
    product: str
    nature: str
    label: str
    net: Decimal
    tax: Decimal
    rate: Decimal
    origin: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Debtor:
    """In the Trésor's words; `country` is "" in France."""

    kind: PayerKind
    reference: str
    civility: str
    last_name: str
    first_name: str
    siret: str
    birth_date: date | None
    street: tuple[str, str, str]
    postal_code: str
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class Piece:
    bill_id: int
    bill_number: str
    numbers: Numbers
    notice_on: date
    label: str
    period: str
    key: str
    attachment: str
    debtor: Debtor
    lines: Sequence[Line]
    debit: Debit | None = None

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)


@dataclass(frozen=True, slots=True)
class Bordereau:
    """`count`, `net` and `tax` are those of its pieces."""

    sort: Sort
    sender: Sender
    exercise: int
    number: int
    issued_on: date
    label: str
    count: int
    net: Decimal
    tax: Decimal

    @property
    def name(self) -> str:
        """Of the file, without its ending: no two are alike."""
        codes, sender = CODES[self.sort], self.sender
        return f"{codes.file}_{sender.siret}_{self.exercise}_{sender.budget}_{self.sort}_{self.number:07d}"


class Exporter(Protocol):
    """Writes a bordereau. `pieces` may be asked for again: they come from the tables a few at a time.
    `content` gives the PDF of a bill by its id."""

    ending: str
    mime: str

    def write(
        self,
        out: IO[bytes],
        bordereau: Bordereau,
        pieces: Callable[[], Iterable[Piece]],
        content: Callable[[int], bytes],
    ) -> None: ...
