"""Files as the Trésor sends them back, written from the DGFiP's rules and from nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

SIRET = "21210001000017"


@dataclass(frozen=True)
class Came:
    """An amount collected on a day, for a line of a piece."""

    on: str
    amount: str
    line: int = 1


@dataclass(frozen=True)
class Of:
    """A piece of a return. `state`: EtatPce."""

    piece: int
    state: str = "02"
    came: Sequence[Came] = ()
    debt: str = ""
    line_state: str = "04"
    text: str = ""
    code: str = ""


@dataclass(frozen=True)
class Head:
    siret: str = SIRET
    collection: str = "123"
    budget: str = "01"
    made_on: str = "2026-12-10"
    encoding: str = "ISO-8859-1"
    before: str = ""
    extra: dict[str, str] = field(default_factory=dict)


def _value(name: str, said: object) -> str:
    return f"<{name} V={quoteattr(str(said))}/>" if said != "" else ""


def _file(root: str, space: str, body: str, head: Head) -> bytes:
    text = (
        f'<?xml version="1.0" encoding="{head.encoding}"?>\n{head.before}'
        f'<n:{root} xmlns:n="http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/{space}">\n'
        f"<Enveloppe><Parametres>{_value('Version', 2)}{_value('TypFic', 'PESRETOUR')}"
        f"{_value('NomFic', 'RETOUR_1')}</Parametres></Enveloppe>\n"
        f"<EnTetePES>{_value('DteStr', head.made_on)}{_value('IdPost', '021030')}"
        f"{_value('IdColl', head.siret)}{_value('CodCol', head.collection)}{_value('CodBud', head.budget)}"
        f"</EnTetePES>\n{body}</n:{root}>\n"
    )
    return text.encode(head.encoding)


def pes_return(
    pieces: Iterable[Of], *, exercise: int = 2026, number: int = 1, kind: str = "06", head: Head | None = None
) -> bytes:
    """A « PES Retour Recette » of one bordereau."""
    body = "".join(map(_piece, pieces))
    bordereau = (
        f"<PES_RecetteRetour><EnTeteRecetteRetour>{_value('IdVer', 2)}</EnTeteRecetteRetour>\n<Bordereau>"
        f"<BlocBordereau>{_value('Exer', exercise)}{_value('IdBord', number)}{_value('TypBord', kind)}"
        f"</BlocBordereau>\n{body}</Bordereau></PES_RecetteRetour>\n"
    )
    return _file("PES_Retour", "retour", bordereau, head or Head())


def _piece(one: Of) -> str:
    lines = sorted({came.line for came in one.came}) or [1]
    return (
        f"<Piece><BlocPiece>{_value('IdPce', one.piece)}{_value('NumDette', one.debt)}"
        f"{_value('EtatPce', one.state)}{_value('DtePcePec', '2026-12-01')}{_value('CodMotif', one.code)}"
        f"{_value('LibMotif', one.text)}</BlocPiece>"
        + "".join(_line(one, line) for line in lines)
        + "</Piece>\n"
    )


def _line(one: Of, line: int) -> str:
    came = "".join(
        f"<Recouvrement>{_value('DteReco', each.on)}{_value('MtReco', each.amount)}</Recouvrement>"
        for each in one.came
        if each.line == line
    )
    return (
        f"<LigneDePiece><BlocLignePiece><InfoLignePiece>{_value('IdLigne', line)}"
        f"{_value('EtatLigPce', one.line_state)}</InfoLignePiece>{came}</BlocLignePiece>"
        f"<Tiers><InfoTiers>{_value('Nom', 'SECRET')}</InfoTiers></Tiers></LigneDePiece>"
    )


def acquit(
    accepted: str,
    errors: Iterable[tuple[int, str, str]] = (),
    *,
    exercise: int = 2026,
    number: int = 1,
    whole: tuple[str, str] = ("", ""),
    head: Head | None = None,
) -> bytes:
    """A « PES_ACQUIT » of one bordereau; `errors`: piece, number and words of what is wrong with it."""
    pieces = "".join(
        f"<DetailPiece>{_value('NumPiece', piece)}{_error(code, text)}</DetailPiece>"
        for piece, code, text in errors
    )
    body = (
        f"<ACQUIT><ElementACQUIT>{_value('ExerciceBord', exercise)}{_value('NumBord', number)}"
        f"{_value('EtatAck', accepted)}{_error(*whole)}{pieces}</ElementACQUIT></ACQUIT>\n"
    )
    return _file("PES_ACQUIT", "acquit", body, head or Head())


def _error(code: str, text: str) -> str:
    if not code and not text:
        return ""
    return f"<Erreur>{_value('NumAnoAck', code)}{_value('LibelleAnoAck', text)}</Erreur>"
