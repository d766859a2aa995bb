"""The PES V2 of revenues, written as a stream: in the memory is one piece, then one PDF, at a time. Pure.

Source: the DGFiP's « dossier technique PES V2 » (5.19), schema Rev0. The same bordereau gives the same bytes.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from html import escape
from typing import IO, Final

from marelle.billing.addressed import TRESOR_CODES, PayerKind
from marelle.billing.tresor.pieces import CODES, Bordereau, Debit, Debtor, Line, Piece, Sort
from marelle.billing.tresor.texts import ENCODING

NAMESPACE: Final = "http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller"
PRINTED_THERE: Final = "06"
"""Edition of a role that the DGFiP prints and sends, with the bill attached."""
COMPANY: Final = "03"
"""Edition of a role for a company."""
INVOICE: Final = "010"
BY_TRESOR: Final = "01"
"""NatPrel: the Trésor hands the debits to the banks."""
ONCE: Final = "07"
"""PerPrel: each bill is debited once, by a mandate that serves again."""
PDF: Final = "application/pdf"


class _Xml:
    """Elements that are empty but for their attribute V, in those that hold them."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def raw(self, text: str) -> None:
        self._out.write(text.encode(ENCODING))

    def bytes(self, content: bytes) -> None:
        self._out.write(content)

    def value(self, name: str, value: str) -> None:
        """Nothing for ""."""
        if value:
            self.raw(f'<{name} V="{escape(value)}"/>\n')

    @contextmanager
    def within(self, name: str, attributes: str = "") -> Iterator[None]:
        self.raw(f"<{name}{attributes}>\n")
        yield
        self.raw(f"</{name}>\n")


class PesExporter:
    ending = "xml"
    mime = "application/xml"

    def write(
        self,
        out: IO[bytes],
        bordereau: Bordereau,
        pieces: Callable[[], Iterable[Piece]],
        content: Callable[[int], bytes],
    ) -> None:
        xml = _Xml(out)
        xml.raw(f'<?xml version="1.0" encoding="{ENCODING.upper()}"?>\n')
        with xml.within("n:PES_Aller", f' xmlns:n="{NAMESPACE}"'):
            _head(xml, bordereau)
            with xml.within("PES_RecetteAller"):
                with xml.within("EnTeteRecette"):
                    xml.value("IdVer", "2")
                    xml.value("InfoDematerialisee", "0")
                with xml.within("Bordereau"):
                    _bordereau(xml, bordereau)
                    for piece in pieces():
                        _piece(xml, bordereau, piece)
            with xml.within("PES_PJ"):
                with xml.within("EnTetePES_PJ"):
                    xml.value("IdVer", "1")
                for piece in pieces():
                    _attachment(xml, piece, content(piece.bill_id))


def _head(xml: _Xml, bordereau: Bordereau) -> None:
    sender = bordereau.sender
    with xml.within("Enveloppe"):
        with xml.within("Parametres"):
            xml.value("Version", "2")
            xml.value("TypFic", CODES[bordereau.sort].file)
            xml.value("NomFic", bordereau.name)
        with xml.within("Emetteur"):
            xml.value("Sigle", sender.acronym)
            xml.value("Adresse", sender.address)
    with xml.within("EnTetePES"):
        xml.value("DteStr", bordereau.issued_on.isoformat())
        xml.value("IdPost", sender.post)
        xml.value("IdColl", sender.siret)
        xml.value("CodCol", sender.collection)
        xml.value("CodBud", sender.budget)


def _bordereau(xml: _Xml, bordereau: Bordereau) -> None:
    with xml.within("BlocBordereau"):
        xml.value("Exer", str(bordereau.exercise))
        xml.value("IdBord", str(bordereau.number))
        xml.value("DteBordEm", bordereau.issued_on.isoformat())
        xml.value("TypBord", CODES[bordereau.sort].bordereau)
        xml.value("NbrPce", str(bordereau.count))
        xml.value("MtBordHt", _amount(bordereau.net))
        if bordereau.tax:
            xml.value("MtBordTVA", _amount(bordereau.tax))
        if bordereau.sort != Sort.ROLE:
            xml.value("DteAsp", bordereau.issued_on.isoformat())
        xml.value("Objet", bordereau.label)


def _piece(xml: _Xml, bordereau: Bordereau, piece: Piece) -> None:
    codes = CODES[bordereau.sort]
    with xml.within("Piece"):
        with xml.within("BlocPiece"):
            xml.value("IdPce", str(piece.numbers.piece))
            xml.value("TypPce", codes.piece)
            xml.value("NatPce", codes.nature)
            if bordereau.sort == Sort.ROLE:
                is_company = piece.debtor.kind == PayerKind.COMPANY
                xml.value("Edition", COMPANY if is_company else PRINTED_THERE)
            else:
                xml.value("DteAsp", _notice(piece.notice_on, bordereau.issued_on))
            xml.value("ObjPce", piece.label)
            xml.value("NumDette", piece.numbers.debt)
            xml.value("Per", piece.period)
            xml.value("Cle2", piece.key)
            with xml.within("PJRef"):
                xml.value("Support", "01")
                xml.value("IdUnique", piece.attachment)
                xml.value("NomPJ", f"{piece.bill_number}.pdf")
                xml.value("TypePJ", INVOICE)
        for line in piece.lines:
            with xml.within("LigneDePiece"):
                _line(xml, line, piece.debit)
                _debtor(xml, piece.debtor, piece.debit)


def _notice(notice_on: date, issued_on: date) -> str:
    return max(notice_on, issued_on).isoformat()


def _line(xml: _Xml, line: Line, debit: Debit | None) -> None:
    with xml.within("BlocLignePiece"):
        with xml.within("InfoLignePiece"):
            xml.value("IdLigne", str(line.number))
            xml.value("ObjLignePce", line.label)
            xml.value("CodProdLoc", line.product)
            xml.value("Nature", line.nature)
            if line.tax:
                xml.value("TxTva", f"{line.rate:.2f}")
            xml.value("Majo", "0")
            xml.value("TvaIntraCom", "0")
            xml.value("MtHT", _amount(line.net))
            if line.tax:
                xml.value("MtTVA", _amount(line.tax))
        if debit:
            with xml.within("InfoPrelevementSEPA"):
                xml.value("NatPrel", BY_TRESOR)
                xml.value("PerPrel", ONCE)
                xml.value("DtePrel", debit.drawn_on.isoformat())
                xml.value("MtPrel", _amount(line.net + line.tax))
                xml.value("SequencePres", debit.sequence)
                xml.value("DateSignMandat", debit.signed_on.isoformat())
                xml.value("RefUniMdt", debit.rum)
                xml.value("LibPrel", debit.label)
        if line.origin:
            exercise, piece, number = line.origin
            with xml.within("RattachPiece"):
                xml.value("NatPceOrig", "01")
                xml.value("ExerRat", str(exercise))
                xml.value("IdPceOrig", str(piece))
                xml.value("IdLigneOrig", str(number))


def _debtor(xml: _Xml, debtor: Debtor, debit: Debit | None) -> None:
    codes = TRESOR_CODES[debtor.kind]
    with xml.within("Tiers"):
        with xml.within("InfoTiers"):
            xml.value("IdTiers", debtor.siret)
            xml.value("DteNaissance", debtor.birth_date.isoformat() if debtor.birth_date else "")
            xml.value("NatIdTiers", "01" if debtor.siret else "")
            xml.value("RefTiers", debtor.reference)
            xml.value("CatTiers", codes.category)
            xml.value("NatJur", codes.nature)
            xml.value("TypTiers", "01")
            xml.value("Civilite", debtor.civility)
            xml.value("Nom", debtor.last_name)
            xml.value("Prenom", debtor.first_name)
        with xml.within("Adresse"):
            xml.value("TypAdr", "1")
            for name, text in zip(("Adr1", "Adr2", "Adr3"), debtor.street, strict=True):
                xml.value(name, text)
            xml.value("CP", debtor.postal_code)
            xml.value("Ville", debtor.city)
            xml.value("CodRes", "1" if debtor.country else "0")
            xml.value("CodPays", debtor.country)
        if debit:
            with xml.within("CpteBancaire"):
                xml.value("BIC", debit.bic)
                xml.value("IBAN", debit.iban)
                xml.value("TitCpte", debit.holder)


def _attachment(xml: _Xml, piece: Piece, content: bytes) -> None:
    with xml.within("PJ"):
        with xml.within("Contenu"):
            xml.raw(f'<Fichier MIMEType="{PDF}">')
            # Without a date, so that the same bill gives the same bytes; a PDF is packed already.
            xml.bytes(base64.b64encode(gzip.compress(content, compresslevel=1, mtime=0)))
            xml.raw("</Fichier>\n")
        xml.value("IdUnique", piece.attachment)
        xml.value("NomPJ", f"{piece.bill_number}.pdf")
        xml.value("TypePJ", INVOICE)
        xml.value("Description", " - ".join(filter(None, (piece.label, piece.debtor.reference))))


def _amount(amount: Decimal) -> str:
    return f"{amount:.2f}"
