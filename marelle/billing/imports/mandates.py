"""Mandates that homes gave the authority before Marelle, by CSV. Columns: docs/moving.md.

What cannot be read of an account is never told: a page says in which column, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

from marelle.billing.imports import values
from marelle.billing.imports.homes import homes_by_number, in_batches
from marelle.billing.imports.reader import Reader
from marelle.billing.imports.sides import Side, sides_kept
from marelle.billing.mandates.rules import Account, Creditor, is_rum, lapses_on, sequence_of
from marelle.billing.mandates.rules import Sequence as Turn
from marelle.billing.mandates.selectors import creditor_of
from marelle.billing.models import Mandate
from marelle.billing.tresor.texts import sepa_text
from marelle.core.banks import NotAnIban, bic_read, iban_read
from marelle.core.sealed import CannotOpen, Sealed, opened
from marelle.core.tabular import Column, Problem, Row, plain
from marelle.families.models import Residence

HOLDER_LENGTH: Final = 70
COLUMNS: Final = (
    Column("family", "famille", ("dossier", "numéro de famille", "numéro de dossier", "n° famille")),
    Column("rum", "rum", ("référence unique du mandat", "référence du mandat", "mandat")),
    Column("iban", "iban", ("compte",)),
    Column("bic", "bic", ("swift",)),
    Column("holder", "titulaire", ("titulaire du compte", "nom du titulaire")),
    Column("signed_on", "signé le", ("date de signature", "signature")),
    Column(
        "drawn_before", "dernier prélèvement", ("prélevé le", "date du dernier prélèvement"), required=False
    ),
    Column("turn", "séquence", ("type de séquence", "séquence sepa"), required=False),
    Column("street", "rue", ("adresse", "numéro et rue"), required=False),
    Column("postal_code", "code postal", ("cp",), required=False),
    Column("city", "commune", ("ville",), required=False),
    Column("country", "pays", (), required=False),
)
TITLES: Final = {column.code: column.title for column in COLUMNS}
TURNS: Final = {
    "frst": Turn.FIRST,
    "premier": Turn.FIRST,
    "first": Turn.FIRST,
    "02": Turn.FIRST,
    "rcur": Turn.RECURRENT,
    "recurrent": Turn.RECURRENT,
    "suivant": Turn.RECURRENT,
    "03": Turn.RECURRENT,
}


@dataclass(frozen=True, slots=True)
class MandateDraft:
    """What a line says. `drawn_before`: the last day on which the other software had it debited, None for
    never."""

    line: int
    family: str
    rum: str
    account: Account
    signed_on: date
    drawn_before: date | None

    @property
    def turn(self) -> Turn:
        """Of its next debit."""
        return sequence_of(drawn_before=self.drawn_before is not None)


@dataclass(frozen=True, slots=True)
class MandatesRead:
    """`lines`: how many the file has, be they wrong."""

    drafts: tuple[MandateDraft, ...]
    problems: tuple[Problem, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class NewMandate:
    draft: MandateDraft
    family_id: int


@dataclass
class MandatePlan:
    lines: int = 0
    creditor: Creditor | None = None
    created: list[NewMandate] = field(default_factory=list)
    same: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def family_ids(self) -> set[int]:
        return {one.family_id for one in self.created}

    @property
    def sides(self) -> tuple[Side, ...]:
        return (Side("mandates", Decimal(self.lines), Decimal(len(self.created) + self.same)),)

    @property
    def counts(self) -> dict[str, Any]:
        recurrent = sum(one.draft.turn is Turn.RECURRENT for one in self.created)
        return {
            "created": len(self.created),
            "recurrent": recurrent,
            "first": len(self.created) - recurrent,
            "same": self.same,
            "sides": sides_kept(self.sides),
        }


def mandates_read(rows: Sequence[Row], day: date) -> MandatesRead:
    """`day` is today: nothing is signed or debited later."""
    found: list[MandateDraft] = []
    problems: list[Problem] = []
    homes: dict[str, int] = {}
    rums: dict[str, int] = {}
    for row in rows:
        reader = Reader(row, TITLES)
        draft = _read(reader, day)
        _once(reader, "family_again", row.get("family").casefold(), homes)
        _once(reader, "rum_again", row.get("rum"), rums)
        problems += reader.problems
        if draft is not None and not reader.problems:
            found.append(draft)
    return MandatesRead(tuple(found), tuple(problems), len(rows))


def _once(reader: Reader, code: str, value: str, seen: dict[str, int]) -> None:
    if value in seen:
        reader.say(code, value=value[:60], line=seen[value])
    elif value:
        seen[value] = reader.row.line


def _read(reader: Reader, day: date) -> MandateDraft | None:
    row = reader.row
    if row.extra:
        reader.say("extra_cells")
    family = reader.read("family", lambda text: values.short(text, 40))
    rum, holder = reader.read("rum", _rum), reader.read("holder", _holder)
    iban, bic = reader.read("iban", _iban), reader.read("bic", _bic)
    signed_on = reader.read("signed_on", values.day)
    drawn = reader.read("drawn_before", values.day, required=False)
    turn = reader.read("turn", _turn, required=False)
    lived = {
        code: reader.read(code, partial(values.short, limit=most), required=False) or ""
        for code, most in (("street", 120), ("postal_code", 10), ("city", 80), ("country", 60))
    }
    for one in (signed_on, drawn):
        if one is not None and one > day:
            reader.say("in_the_future", day=one)
    if signed_on and drawn and drawn < signed_on:
        reader.say("drawn_unsigned", day=drawn)
    if turn is Turn.RECURRENT and drawn is None:
        reader.say("turn_undated")
    if turn is Turn.FIRST and drawn is not None:
        reader.say("turn_differs", day=drawn)
    if not (family and rum and holder and iban and bic and signed_on):
        return None
    account = Account(holder=holder, iban=iban, bic=bic, **lived)
    return MandateDraft(row.line, family, rum, account, signed_on, drawn)


def _rum(text: str) -> str:
    if not is_rum(text):
        raise values.Bad("rum", value=text[:60])
    return text


def _holder(text: str) -> str:
    if not sepa_text(text, HOLDER_LENGTH):
        raise values.Bad("holder")
    return values.short(text, HOLDER_LENGTH)


def _iban(text: str) -> str:
    try:
        return iban_read(text)
    except NotAnIban as error:
        raise values.Bad(f"iban_{error.why}") from error


def _bic(text: str) -> str:
    try:
        return bic_read(text)
    except ValueError as error:
        raise values.Bad("bic") from error


def _turn(text: str) -> Turn:
    try:
        return TURNS[plain(text)]
    except KeyError as error:
        raise values.Bad("turn", value=text[:60]) from error


def mandates_planned(read: MandatesRead, *, authority_id: int, day: date) -> MandatePlan:
    """What would be written of it, in a fixed number of queries. `day` is today."""
    plan = MandatePlan(read.lines, creditor_of(authority_id), problems=list(read.problems))
    if plan.creditor is None:
        plan.problems.insert(0, Problem("", "no_ics"))
    homes = homes_by_number([one.family for one in read.drafts])
    there = _by_rum(authority_id, [one.rum for one in read.drafts])
    live = _live(authority_id, homes.values())
    lived = _lived(homes.values(), day)
    for one in read.drafts:
        family_id = homes.get(one.family.casefold())
        if family_id is None:
            plan.problems.append(_problem(one, "family_unknown", value=one.family))
            continue
        had = there.get(one.rum)
        if had is not None and had.family_id == family_id and is_of(had.iban, had.last_digits, one.account):
            plan.same += 1
            continue
        draft = _placed(one, lived.get(family_id))
        wrong = list(_wrong(draft, had, live.get(family_id), day))
        plan.problems += wrong
        if not wrong:
            plan.created.append(NewMandate(draft, family_id))
    plan.problems.sort(key=lambda problem: int(problem.where or 0))
    return plan


def _wrong(one: MandateDraft, had: Mandate | None, live: str | None, day: date) -> Iterator[Problem]:
    if had is not None:
        yield _problem(one, "rum_known", value=one.rum)
    elif live is not None:
        yield _problem(one, "mandate_there", value=live)
    if not (one.account.street and one.account.postal_code and one.account.city):
        yield _problem(one, "address_missing")
    if lapses_on(one.signed_on, one.drawn_before) <= day:
        yield _problem(one, "mandate_dead", day=one.drawn_before or one.signed_on)


def _placed(one: MandateDraft, lived: Residence | None) -> MandateDraft:
    """Where the file does not say the address of the holder, it is that of the home."""
    said = one.account.street or one.account.postal_code or one.account.city
    if said or lived is None:
        return one
    where = {"street": lived.street, "postal_code": lived.postal_code, "city": lived.city}
    return replace(one, account=replace(one.account, **where))


def is_of(iban: Sealed, last_digits: str, account: Account) -> bool:
    """Whether a mandate is of that account; by its end alone where no key opens it."""
    if last_digits != account.last_digits:
        return False
    try:
        return opened(iban) == account.iban
    except CannotOpen:
        return True


def _by_rum(authority_id: int, rums: Sequence[str]) -> Mapping[str, Mandate]:
    rows = in_batches(rums, lambda batch: Mandate.objects.filter(authority=authority_id, rum__in=batch))
    return {row.rum: row for row in rows}


def _live(authority_id: int, family_ids: Iterable[int]) -> Mapping[int, str]:
    """By home, the reference of a mandate that holds or is to be checked."""
    rows = in_batches(
        list(family_ids),
        lambda batch: (
            Mandate.objects.live()
            .filter(authority=authority_id, family__in=batch)
            .order_by("pk")
            .values_list("family", "rum")
        ),
    )
    return dict(rows)


def _lived(family_ids: Iterable[int], day: date) -> Mapping[int, Residence]:
    rows = in_batches(
        list(family_ids),
        lambda batch: Residence.objects.filter(family__in=batch, since__lte=day).order_by("since", "pk"),
    )
    return {row.family_id: row for row in rows}


def _problem(one: MandateDraft, code: str, **data: Any) -> Problem:
    return Problem(str(one.line), code, data)
