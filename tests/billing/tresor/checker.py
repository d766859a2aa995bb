"""Reads a PES V2 of revenues as the Trésor would: it shares no code with what writes it."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from lxml import etree

ROOT = "{http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller}PES_Aller"
TRIPLETS = {("01", "01", "01"): "PESALR1", ("06", "15", "01"): "PESORMC", ("02", "02", "06"): "PESALR1"}
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXY"
CATEGORIES = {"01": {"01"}, "02": {"01"}, "03": {"50"}, "06": {"50"}, "07": {"20"},
              "09": {"22", "23", "24", "26"}, "11": {"63"}}  # fmt: skip
LENGTHS = {"NomFic": 100, "Sigle": 32, "Adresse": 38, "Objet": 160, "ObjPce": 160, "ObjLignePce": 160,
           "Nom": 38, "Prenom": 38, "Adr1": 38, "Adr2": 38, "Adr3": 38, "Ville": 38,
           "RefTiers": 30}  # fmt: skip
FORMS = {"IdPost": r"\d{6,7}", "IdColl": r"\d{14}", "CodCol": r"\d{3}", "CodBud": r"\d{2}",
         "IdBord": r"\d{1,7}", "IdPce": r"\d{1,8}", "NumDette": r"\d{1,15}", "Per": r"\d",
         "CodProdLoc": r"[A-Za-z0-9]{1,4}", "Nature": r"\d{1,12}", "Majo": "0", "TvaIntraCom": "0",
         "CP": r"\d{5}", "CodRes": "[01]", "IdUnique": r"[A-Za-z0-9]{1,50}", "Support": "01",
         "Cle2": "[A-HJ-NP-Y]", "TypTiers": "01", "TypAdr": "1", "Version": "2", "NatIdTiers": "01",
         "Exer": r"20\d\d", "InfoDematerialisee": "0", "Civilite": "M|Mme", "NatPrel": "0[12]",
         "PerPrel": "0[1-7]", "SequencePres": "0[1-4]", "RefUniMdt": r"[A-Za-z0-9/\-?:().,'+ ]{1,35}",
         "LibPrel": r"[A-Za-z0-9/\-?:().,'+ ]{1,140}", "BIC": r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?",
         "IBAN": r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", "TitCpte": r"[A-Za-z0-9/\-?:().,'+ ]{1,32}"}  # fmt: skip
AMOUNTS = ("MtBordHt", "MtBordTVA", "MtHT", "MtTVA", "TxTva", "MtPrel")
DATES = ("DteStr", "DteBordEm", "DteAsp", "DteNaissance", "DtePrel", "DateSignMandat")
ORDERS = {
    ROOT: ("Enveloppe", "EnTetePES", "PES_RecetteAller", "PES_PJ"),
    "Enveloppe": ("Parametres", "Emetteur"),
    "Parametres": ("Version", "TypFic", "NomFic"),
    "Emetteur": ("Sigle", "Adresse"),
    "EnTetePES": ("DteStr", "IdPost", "IdColl", "CodCol", "CodBud"),
    "EnTeteRecette": ("IdVer", "InfoDematerialisee"),
    "BlocBordereau": ("Exer", "IdBord", "DteBordEm", "TypBord", "NbrPce", "MtBordHt"),
    "BlocPiece": ("IdPce", "TypPce", "NatPce", "NumDette", "PJRef"),
    "PJRef": ("Support", "IdUnique", "NomPJ", "TypePJ"),
    "InfoLignePiece": ("IdLigne", "CodProdLoc", "Nature", "Majo", "TvaIntraCom", "MtHT"),
    "RattachPiece": ("NatPceOrig", "ExerRat", "IdPceOrig", "IdLigneOrig"),
    "InfoTiers": ("CatTiers", "NatJur", "TypTiers", "Nom"),
    "LigneDePiece": ("BlocLignePiece", "Tiers"),
    "Tiers": ("InfoTiers", "Adresse"),
}
DEBIT_ORDER = ["NatPrel", "PerPrel", "DtePrel", "MtPrel", "SequencePres", "DateSignMandat", "RefUniMdt",
               "LibPrel"]  # fmt: skip
PLACE_ORDER = ("TypAdr", "Adr1", "Adr2", "Adr3", "CP", "Ville", "CodRes", "CodPays")


def faults(content: bytes) -> list[str]:
    """Nothing for a file that the Trésor takes."""
    return list(_Reading(content).told())


def schema_faults(content: bytes) -> list[str]:
    """Each element of the file that stands where it may not, or that is missing."""
    schema = _schema()
    huge = etree.XMLParser(huge_tree=True)
    schema.validate(etree.fromstring(content, huge))
    return [f"line {one.line}: {one.message}" for one in schema.error_log]


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).with_name("pes_aller.xsd")))


class _Reading:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.root = ET.fromstring(content)  # noqa: S314 - made by the test
        self.found: list[str] = []

    def told(self) -> list[str]:
        self.bytes_meant()
        self.found += schema_faults(self.content)
        self.values()
        self.shapes()
        self.bordereau()
        self.attachments()
        return self.found

    def want(self, holds: object, what: str) -> None:
        if not holds:
            self.found.append(what)

    def bytes_meant(self) -> None:
        self.want(b'encoding="ISO-8859-1"' in self.content[:60], "encoding not said")
        self.want(not re.search(rb"[\x00-\x08\x0b-\x1f\x7f-\x9f]", self.content), "a byte of another page")
        self.want(self.root.tag == ROOT, "root")

    def values(self) -> None:
        for one in self.root.iter():
            tag, value = one.tag, one.get("V")
            if value is None:
                self.want("V" not in one.attrib, tag)
                continue
            bare = value.strip()
            self.want(bare and bare == value and "  " not in value, f"{tag} empty: {value!r}")
            self.want(bare.casefold() not in (".", "nc"), f"{tag} says nothing")
            if tag in LENGTHS:
                self.want(len(value) <= LENGTHS[tag], f"{tag} too long: {value!r}")
                self.want(value.replace(" ", "").strip("0"), f"{tag} of zeros")
            if tag in FORMS:
                self.want(re.fullmatch(FORMS[tag], value), f"{tag} {value!r}")
            if tag in AMOUNTS:
                self.want(re.fullmatch(r"-?\d{1,12}\.\d\d", value), f"{tag} {value!r}")
            if tag in DATES:
                date.fromisoformat(value)
        [siret] = self.root.iter("IdColl")
        self.want(_luhn(siret.get("V", "")), "IdColl")

    def shapes(self) -> None:
        for one in self.root.iter():
            tags = [child.tag for child in one]
            for tag in ORDERS.get(one.tag, ()):
                self.want(tag in tags, f"{one.tag} without {tag}")
            wanted = [tag for tag in ORDERS.get(one.tag, ()) if tag in tags]
            self.want([t for t in dict.fromkeys(tags) if t in wanted] == wanted, f"{one.tag} out of order")

    def v(self, of: ET.Element, path: str) -> str:
        found = of.find(path)
        return "" if found is None else found.get("V", "")

    def bordereau(self) -> None:
        [bordereau] = self.root.findall("PES_RecetteAller/Bordereau")
        head = bordereau.find("BlocBordereau")
        pieces = bordereau.findall("Piece")
        kind = self.v(head, "TypBord")
        exercise, issued = int(self.v(head, "Exer")), date.fromisoformat(self.v(head, "DteBordEm"))
        self.want(date(exercise, 1, 1) <= issued <= date(exercise + 1, 1, 31), "date out of the exercise")
        self.want(int(self.v(head, "NbrPce")) == len(pieces) > 0, "NbrPce")
        net = sum((Decimal(one.get("V")) for one in bordereau.iter("MtHT")), Decimal(0))
        self.want(Decimal(self.v(head, "MtBordHt")) == net > 0, "MtBordHt")
        tax = sum((Decimal(one.get("V")) for one in bordereau.iter("MtTVA")), Decimal(0))
        self.want(Decimal(self.v(head, "MtBordTVA") or 0) == tax, "MtBordTVA")
        if self.v(head, "DteAsp"):
            self.want(date.fromisoformat(self.v(head, "DteAsp")) >= issued, "DteAsp")
        for name in ("IdPce", "NumDette"):
            them = [one.get("V") for one in bordereau.iter(name)]
            self.want(len(set(them)) == len(them) == len(pieces), f"{name} twice")
        for piece in pieces:
            self.piece(piece, kind, exercise, issued)

    def piece(self, piece: ET.Element, kind: str, exercise: int, issued: date) -> None:
        head = piece.find("BlocPiece")
        triplet = (kind, self.v(head, "TypPce"), self.v(head, "NatPce"))
        sort = self.v(self.root, "Enveloppe/Parametres/TypFic")
        self.want(TRIPLETS.get(triplet) == sort, f"triplet {triplet} in {sort}")
        self.want(int(self.v(head, "IdPce")) > 0, "IdPce of zero")
        edition, notice = self.v(head, "Edition"), self.v(head, "DteAsp")
        natures = {one.get("V") for one in piece.iter("NatJur")}
        if kind == "06":
            self.want(edition in ("06", "03"), "Edition of a role")
            self.want(edition != "03" or natures == {"03"}, "Edition of a company")
            self.want(head.find("CodServ") is None, "CodServ in a role")
            self.want({one.get("V") for one in piece.iter("Nature")} == {"588"}, "Nature of a role")
        else:
            self.want(not edition and notice and date.fromisoformat(notice) >= issued, "notice")
        self.want(piece.find("BlocPiece/PJRef/TypePJ").get("V") == "010", "TypePJ")
        key, period = self.v(head, "Cle2"), self.v(head, "Per")
        if key:
            number = int(f"{exercise % 100:02}{period}00{self.v(head, 'NumDette')}")
            self.want(period and LETTERS[number % 23] == key, "Cle2")
        lines = piece.findall("LigneDePiece")
        numbers = [int(self.v(one, "BlocLignePiece/InfoLignePiece/IdLigne")) for one in lines]
        self.want(numbers and min(numbers) >= 1 and len(set(numbers)) == len(numbers), "IdLigne")
        debtors = {ET.tostring(one.find("Tiers")) for one in lines}
        self.want(len(debtors) == 1, "several debtors")
        for line in lines:
            self.line(line, kind)
        self.debit(lines, kind, issued)
        self.debtor(lines[0].find("Tiers"))

    def line(self, line: ET.Element, kind: str) -> None:
        said = line.find("BlocLignePiece/InfoLignePiece")
        self.want(Decimal(self.v(said, "MtHT")) != 0, "a line of nothing")
        rate, tax = said.find("TxTva"), said.find("MtTVA")
        self.want((rate is None) == (tax is None), "TxTva without MtTVA")
        origin = line.find("BlocLignePiece/RattachPiece")
        self.want((kind == "02") == (origin is not None), "RattachPiece")
        if origin is not None:
            self.want(self.v(origin, "NatPceOrig") == "01", "NatPceOrig")
            self.want(int(self.v(origin, "IdPceOrig")) > 0, "IdPceOrig")

    def debit(self, lines: list[ET.Element], kind: str, issued: date) -> None:
        """Each line of a piece or none, by one mandate, after the file, on an account whose key is right."""
        found = [one.find("BlocLignePiece/InfoPrelevementSEPA") for one in lines]
        accounts = [one.find("Tiers/CpteBancaire") for one in lines]
        self.want(len({one is None for one in (*found, *accounts)}) == 1, "a debit without its account")
        self.want(found[0] is None or kind != "02", "a reduction that is debited")
        for line, said, account in zip(lines, found, accounts, strict=True):
            if said is None or account is None:
                continue
            block = [one.tag for one in line.find("BlocLignePiece")]
            self.want(block == ["InfoLignePiece", "InfoPrelevementSEPA"], "InfoPrelevementSEPA out of place")
            self.want(
                [one.tag for one in line.find("Tiers")][-1] == "CpteBancaire", "CpteBancaire out of place"
            )
            self.want([one.tag for one in said] == DEBIT_ORDER, "InfoPrelevementSEPA out of order")
            self.want([one.tag for one in account] == ["BIC", "IBAN", "TitCpte"], "CpteBancaire out of order")
            owed = line.find("BlocLignePiece/InfoLignePiece")
            total = Decimal(self.v(owed, "MtHT")) + Decimal(self.v(owed, "MtTVA") or 0)
            self.want(Decimal(self.v(said, "MtPrel")) == total > 0, "MtPrel")
            self.want(date.fromisoformat(self.v(said, "DtePrel")) > issued, "DtePrel")
            self.want(date.fromisoformat(self.v(said, "DateSignMandat")) <= issued, "DateSignMandat")
            iban = self.v(account, "IBAN")
            self.want(int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1, "IBAN")
        self.want(len({ET.tostring(one) for one in accounts if one is not None}) <= 1, "several accounts")
        mandates = {self.v(one, "RefUniMdt") for one in found if one is not None}
        self.want(len(mandates) <= 1, "several mandates")

    def debtor(self, of: ET.Element) -> None:
        who, place = of.find("InfoTiers"), of.find("Adresse")
        nature = self.v(who, "NatJur")
        self.want(self.v(who, "CatTiers") in CATEGORIES.get(nature, ()), "CatTiers")
        if nature == "01":
            self.want(self.v(who, "Civilite") and self.v(who, "Prenom"), "a person without its civility")
            self.want(who.find("IdTiers") is None, "a person with a SIRET")
        else:
            for name in ("Civilite", "Prenom", "DteNaissance"):
                self.want(who.find(name) is None, f"{name} of a body")
            self.want(_luhn(self.v(who, "IdTiers")) and self.v(who, "NatIdTiers"), "IdTiers")
        tags = [one.tag for one in place]
        self.want(tags == [tag for tag in PLACE_ORDER if tag in tags], "Adresse out of order")
        for name in ("Adr2", "CP", "Ville"):
            self.want(self.v(place, name), f"no {name}")
        self.want(self.v(place, "CP") != "00000", "CP of zeros")
        is_abroad = self.v(place, "CodRes") == "1"
        self.want(is_abroad == (self.v(place, "CP") == "99999") == bool(self.v(place, "CodPays")), "abroad")

    def attachments(self) -> None:
        named = Counter(one.get("V") for one in self.root.findall(".//BlocPiece/PJRef/IdUnique"))
        held = Counter(one.get("V") for one in self.root.findall("PES_PJ/PJ/IdUnique"))
        self.want(named == held and set(held.values()) <= {1}, "attachments and those named differ")
        for one in self.root.findall("PES_PJ/PJ"):
            file = one.find("Contenu/Fichier")
            self.want(file.get("MIMEType") == "application/pdf", "MIMEType")
            self.want(self.v(one, "NomPJ").endswith(".pdf"), "NomPJ")
            packed = base64.b64decode(file.text, validate=True)
            rest = zlib.decompressobj(31)
            rest.decompress(packed)
            self.want(rest.eof and not rest.unused_data, "more than one gzip")
            pdf = gzip.decompress(packed)
            self.want(pdf.startswith(b"%PDF-") and re.search(rb"/Type\s*/Page\b", pdf), "no PDF")


def _luhn(number: str) -> bool:
    digits = [int(sign) for sign in reversed(number)] if number.isdigit() else []
    doubled = [digit if place % 2 == 0 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(digits)]
    return len(digits) == 14 and sum(doubled) % 10 == 0
