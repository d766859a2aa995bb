"""What the Trésor sends back, as it is said: acknowledgements and PES Retour Recette, of nodes, and a CSV.
Pure: nothing of it is known here yet.

Sources: the DGFiP's « dossier technique PES V2 » for the states and what is collected; the names of elements
that editions write differently stand in `NAMES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from marelle.billing.imports import values
from marelle.billing.tresor.pieces import CODES, Sort
from marelle.core.tabular import Column, FileUnreadable, Problem, Row, plain

T = TypeVar("T")


class PieceState(TextChoices):
    """Of a piece at the Trésor; "" for one of which nothing came back."""

    RECEIVED = "received", _("reçue")
    WAITING = "waiting", _("en attente")
    TAKEN = "taken", _("prise en charge")
    PARTLY = "partly", _("prise en charge en partie")
    REJECTED = "rejected", _("rejetée")
    CANCELLED = "cancelled", _("annulée")


STATES: Final = {
    "01": PieceState.WAITING,
    "02": PieceState.TAKEN,
    "03": PieceState.PARTLY,
    "04": PieceState.REJECTED,
    "05": PieceState.CANCELLED,
}
"""EtatPce."""

SETTLED: Final = "05"
"""EtatLigPce of a line that nothing is left of."""

SORTS: Final = {codes.bordereau: sort for sort, codes in CODES.items()}
ROOTS: Final = ("PES_ACQUIT", "PES_RecetteRetour")

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "exercise": ("Exer", "ExerciceBord"),
    "number": ("IdBord", "NumBord"),
    "kind": ("TypBord",),
    "piece": ("IdPce", "NumPiece"),
    "debt": ("NumDette",),
    "state": ("EtatPce",),
    "line": ("IdLigne",),
    "line_state": ("EtatLigPce",),
    "on": ("DteReco",),
    "amount": ("MtReco",),
    "ack": ("EtatAck",),
    "code": ("NumAnoAck", "CodErr", "CodMotif"),
    "text": ("LibelleAnoAck", "LibErr", "LibMotif"),
    "siret": ("IdColl",),
    "collection": ("CodCol",),
    "budget": ("CodBud",),
    "made_on": ("DteStr",),
}
WITHIN: Final = (
    "EnTetePES",
    "ElementACQUIT",
    "DetailPiece",
    "Erreur",
    "Bordereau",
    "Piece",
    "LigneDePiece",
    "Recouvrement",
)
WANTED: Final = frozenset((*ROOTS, *WITHIN, *(name for names in NAMES.values() for name in names)))
"""All that is read of a file: names and addresses stay in it."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The head of a file: whose it is, on which day it was made; "" and None for what it leaves out."""

    siret: str = ""
    collection: str = ""
    budget: str = ""
    made_on: date | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """An amount in euros that came on a day; below zero it was taken back. `reference`: once in its piece."""

    on: date
    amount: Decimal
    reference: str


@dataclass(frozen=True, slots=True)
class PieceSaid:
    """Of one piece. `whole`: of every piece of its bordereau, `piece` is 0. What it is known by: a bill's
    own number, or the numbers of a file for the Trésor. `settled`: nothing is left of it there."""

    where: str
    exercise: int = 0
    number: int = 0
    sort: Sort | None = None
    piece: int = 0
    debt: str = ""
    bill: str = ""
    state: PieceState | None = None
    on: date | None = None
    code: str = ""
    text: str = ""
    settled: bool = False
    collected: tuple[Collected, ...] = ()
    whole: bool = False


@dataclass(slots=True)
class Returned:
    sender: Sender
    pieces: list[PieceSaid] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Element:
    line: int
    name: str
    value: str
    within: list[_Element] = field(default_factory=list)

    def all(self, name: str) -> Iterator[_Element]:
        for one in self.within:
            if one.name == name:
                yield one
            else:
                yield from one.all(name)

    def said(self, what: str, *, but: str = "") -> str:
        """The first value of it, "" for none; nothing of what is within elements named `but`."""
        for one in self.within:
            if one.name in NAMES[what]:
                return one.value
            if one.name != but and (found := one.said(what, but=but)):
                return found
        return ""


def returned_read(nodes: Iterable[Sequence[object]], day: date) -> Returned:
    """What a file says; `day` is today. Raises FileUnreadable: "not_return", "no_pieces"."""
    root = _tree(nodes)
    head = next(root.all("EnTetePES"), _Element(0, "", ""))
    sender = Sender(head.said("siret"), head.said("collection"), head.said("budget"), _made(head, day))
    found = Returned(sender)
    acks, returns = (next(root.all(name), None) for name in ROOTS)
    if acks is not None:
        _acks(found, acks)
    if returns is not None:
        for bordereau in returns.all("Bordereau"):
            for piece in bordereau.all("Piece"):
                _take(found, piece, partial(_piece, piece, bordereau, sender, day))
    if acks is None and returns is None:
        raise FileUnreadable("not_return")
    if not found.pieces and not found.problems:
        raise FileUnreadable("no_pieces")
    return found


def _tree(nodes: Iterable[Sequence[object]]) -> _Element:
    root = _Element(0, "", "")
    above = [(0, root)]
    for line, depth, name, value in nodes:
        one = _Element(int(str(line)), str(name), str(value))
        while above[-1][0] >= int(str(depth)):
            above.pop()
        above[-1][1].within.append(one)
        above.append((int(str(depth)), one))
    return root


def _made(head: _Element, day: date) -> date:
    said = head.said("made_on")
    try:
        return min(_day(said[:10], day), day) if said else day
    except values.Bad:
        return day


def _take(found: Returned, of: _Element, read: Callable[[], PieceSaid]) -> None:
    try:
        found.pieces.append(read())
    except values.Bad as bad:
        found.problems.append(Problem(str(of.line), bad.code, bad.data))


def _acks(found: Returned, acks: _Element) -> None:
    for of in acks.all("ElementACQUIT"):
        _take(found, of, partial(_ack, of, found.sender, whole=True))
        for piece in of.all("DetailPiece"):
            _take(found, piece, partial(_ack, piece, found.sender, whole=False, of=of))


def _ack(one: _Element, sender: Sender, *, whole: bool, of: _Element | None = None) -> PieceSaid:
    """Of a file that is accepted, or refused whole for what some of its pieces are."""
    above = of or one
    accepted = above.said("ack", but="DetailPiece")
    if accepted not in ("0", "1"):
        raise values.Bad("ack", value=accepted[:20])
    but = "DetailPiece" if whole else ""
    return PieceSaid(
        where=str(one.line),
        exercise=_number(above, "exercise"),
        number=_number(above, "number"),
        sort=SORTS.get(above.said("kind")),
        piece=0 if whole else _number(one, "piece"),
        state=PieceState.RECEIVED if accepted == "1" else PieceState.REJECTED,
        on=sender.made_on,
        code=one.said("code", but=but)[:20],
        text=one.said("text", but=but)[:200],
        whole=whole,
    )


def _piece(one: _Element, bordereau: _Element, sender: Sender, day: date) -> PieceSaid:
    state = one.said("state")
    if state and state not in STATES:
        raise values.Bad("piece_state", value=state[:20])
    lines = list(one.all("LigneDePiece"))
    states = [line.said("line_state") for line in lines]
    return PieceSaid(
        where=str(one.line),
        exercise=_number(bordereau, "exercise"),
        number=_number(bordereau, "number"),
        sort=SORTS.get(bordereau.said("kind", but="Piece")),
        piece=_number(one, "piece"),
        debt=one.said("debt")[:15],
        state=STATES.get(state),
        on=sender.made_on,
        code=one.said("code")[:20],
        text=one.said("text")[:200],
        settled=bool(states) and all(said == SETTLED for said in states),
        collected=tuple(_collected(one, lines, day)),
    )


def _collected(piece: _Element, lines: Sequence[_Element], day: date) -> Iterator[Collected]:
    seen: dict[str, int] = {}
    for line in lines or (piece,):
        number = line.said("line") or "1"
        for one in line.all("Recouvrement"):
            said = one.said("amount")
            if not re.fullmatch(r"[+-]?\d{1,8}(\.\d{1,2})?", said):
                raise values.Bad("amount", value=said[:60], column="MtReco")
            if not (amount := Decimal(said)):
                continue
            on = _day(one.said("on"), day)
            yield Collected(on, amount, numbered(f"l{number[:8]}", on, amount, seen))


def numbered(place: str, on: date, amount: Decimal, seen: dict[str, int]) -> str:
    """What an amount is known by that the other side gives no reference: alike ones of a file count."""
    bare = f"{place} {on} {amount:.2f}"
    seen[bare] = seen.get(bare, 0) + 1
    return f"{bare} {seen[bare]}"


def _number(of: _Element, what: str) -> int:
    said = of.said(what)
    if not re.fullmatch(r"\d{1,9}", said):
        raise values.Bad("missing_number", column="/".join(NAMES[what]))
    return int(said)


def _day(said: str, today: date) -> date:
    try:
        found = values.day(said)
    except values.Bad as bad:
        raise values.Bad(bad.code, column="DteReco", **bad.data) from bad
    if found > today:
        raise values.Bad("in_the_future", day=found)
    return found


# A CSV, for who feeds a finance program

COLUMNS: Final = (
    Column("bill", "facture", ("numéro de facture", "n° facture"), required=False),
    Column("exercise", "exercice", ("année",), required=False),
    Column("number", "bordereau", ("rôle", "n° bordereau", "numéro de bordereau"), required=False),
    Column("piece", "pièce", ("titre", "article", "n° pièce", "numéro de pièce"), required=False),
    Column("debt", "dette", ("numéro de dette", "n° dette"), required=False),
    Column("state", "état", ("statut",), required=False),
    Column("on", "date", ("date de paiement", "date de règlement", "date de l’état")),
    Column("amount", "montant", ("montant payé", "encaissé"), required=False),
    Column("reference", "référence", ("reference", "n° d’encaissement"), required=False),
    Column("text", "motif", ("motif de rejet", "libellé"), required=False),
)
TITLES: Final = {column.code: column.title for column in COLUMNS}
WORDS: Final = {
    "enattente": PieceState.WAITING,
    "recue": PieceState.RECEIVED,
    "priseencharge": PieceState.TAKEN,
    "priseenchargeenpartie": PieceState.PARTLY,
    "partielle": PieceState.PARTLY,
    "rejetee": PieceState.REJECTED,
    "refusee": PieceState.REJECTED,
    "annulee": PieceState.CANCELLED,
}


def returns_of_rows(rows: Iterable[Row], day: date) -> Returned:
    """Each line is of one piece: its state, an amount that came, or both."""
    found = Returned(Sender(made_on=day))
    seen: dict[str, int] = {}
    for row in rows:
        try:
            found.pieces.append(_row(row, day, seen))
        except values.Bad as bad:
            found.problems.append(Problem(str(row.line), bad.code, bad.data))
    return found


def _row(row: Row, day: date, seen: dict[str, int]) -> PieceSaid:
    if row.extra:
        raise values.Bad("extra_cells")
    on = _cell(row, "on", values.day)
    if on is None:
        raise values.Bad("missing", column=TITLES["on"])
    if on > day:
        raise values.Bad("in_the_future", day=on)
    said = row.get("state")
    state = WORDS.get(plain(said))
    if said and state is None:
        raise values.Bad("returned_state", value=said[:60])
    amount = _cell(row, "amount", values.amount)
    if state is None and not amount:
        raise values.Bad("nothing_returned")
    numbers = {name: _cell(row, name, _digits) or 0 for name in ("exercise", "number", "piece")}
    debt, bill = row.get("debt"), row.get("bill")
    if not bill and not debt and not all(numbers.values()):
        raise values.Bad("of_nothing")
    collected: tuple[Collected, ...] = ()
    if amount:
        place = row.get("reference")[:60]
        known = f"r{place}" if place else numbered(_place(bill, debt, numbers), on, amount, seen)
        collected = (Collected(on, amount, known),)
    return PieceSaid(
        where=str(row.line),
        exercise=numbers["exercise"],
        number=numbers["number"],
        piece=numbers["piece"],
        debt=debt[:15],
        bill=bill[:40],
        state=state,
        on=on,
        text=row.get("text")[:200],
        collected=collected,
    )


def _place(bill: str, debt: str, numbers: Mapping[str, int]) -> str:
    return "c" + (bill or debt or "-".join(map(str, numbers.values())))[:40]


def _digits(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise values.Bad("not_digits", value=text[:60])
    return int(text)


def _cell(row: Row, code: str, how: Callable[[str], T]) -> T | None:
    return values.cell(row.get(code), how, column=TITLES[code])
