"""Whom a bill is addressed to, in the Trésor's words. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.tresor.pieces import Debtor
from marelle.billing.tresor.texts import cut, latin, says_something, text_of
from marelle.families.fields import Civility

MOST: Final = 38
ABROAD: Final = "99999"
CIVILITIES: Final[Mapping[str, str]] = {Civility.MR: "M", Civility.MRS: "Mme"}

COUNTRIES: Final[Mapping[str, str]] = {
    "danemark": "101", "islande": "102", "norvege": "103", "suede": "104", "finlande": "105",
    "estonie": "106", "lettonie": "107", "lituanie": "108", "allemagne": "109", "autriche": "110",
    "bulgarie": "111", "hongrie": "112", "liechtenstein": "113", "roumanie": "114", "tchequie": "116",
    "republique tcheque": "116", "slovaquie": "117", "bosnie-herzegovine": "118", "croatie": "119",
    "montenegro": "120", "serbie": "121", "pologne": "122", "russie": "123", "albanie": "125",
    "grece": "126", "italie": "127", "saint-marin": "128", "vatican": "129", "andorre": "130",
    "belgique": "131", "royaume-uni": "132", "espagne": "134", "pays-bas": "135", "irlande": "136",
    "luxembourg": "137", "monaco": "138", "portugal": "139", "suisse": "140", "malte": "144",
    "slovenie": "145", "bielorussie": "148", "moldavie": "151", "ukraine": "155",
    "macedoine du nord": "156", "kosovo": "157", "liban": "205", "israel": "207", "turquie": "208",
    "chine": "216", "japon": "217", "inde": "223", "egypte": "301", "cameroun": "322",
    "cote d'ivoire": "326", "madagascar": "333", "mali": "335", "senegal": "341", "maroc": "350",
    "tunisie": "351", "algerie": "352", "maurice": "390", "canada": "401", "etats-unis": "404",
    "bresil": "416", "australie": "501",
}  # fmt: skip
"""CodPays: the last three digits of the INSEE's code of a country (99109 is Germany), by its French name.
The homes of an authority live in these; whoever lives elsewhere is told, and is added here."""


def country_code(country: str) -> str:
    """ "" for a country that has none here."""
    apart = unicodedata.normalize("NFKD", latin(country).casefold())
    return COUNTRIES.get("".join(sign for sign in apart if not unicodedata.combining(sign)), "")


def debtor_of(addressed: Addressed) -> Debtor:
    """What lacks is "": `checks` says so."""
    is_person = addressed.kind == PayerKind.PERSON
    more, street, rest = _street(addressed)
    abroad = bool(addressed.country)
    place = f"{addressed.postal_code} {addressed.city}" if abroad else addressed.city
    return Debtor(
        kind=addressed.kind,
        reference=text_of(addressed.reference, 30),
        civility=CIVILITIES.get(addressed.civility, "") if is_person else "",
        last_name=text_of(addressed.last_name, MOST),
        first_name=text_of(addressed.first_name, MOST) if is_person else "",
        siret="" if is_person else addressed.siret,
        birth_date=addressed.birth_date if is_person else None,
        street=(more, street, rest),
        postal_code=ABROAD if abroad else addressed.postal_code.replace(" ", ""),
        city=text_of(place, MOST),
        country=country_code(addressed.country) if abroad else "",
    )


def _street(addressed: Addressed) -> tuple[str, str, str]:
    """Adr1, Adr2 and Adr3: a street that is too long goes on under itself."""
    street, rest = cut(latin(addressed.street), MOST)
    rest = text_of(rest, MOST)
    return text_of(addressed.more, MOST), street if says_something(street) else "", rest
