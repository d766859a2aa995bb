"""Why the Trésor rejects a piece: what of ours is to be mended, from the words of its error. Pure.

The numbers of its errors are published nowhere that we know of, and change with its programs: their words
tell, in the order of `WORDS`, and what none of these tells is `UNKNOWN`.
"""

from __future__ import annotations

import re
from typing import Final

from django.db.models import TextChoices

from marelle.core.tabular import plain


class Reason(TextChoices):
    """What is to be mended."""

    TWICE = "twice"
    SIRET = "siret"
    ADDRESS = "address"
    DEBTOR = "debtor"
    PRODUCT = "product"
    SETTINGS = "settings"
    EXERCISE = "exercise"
    ATTACHMENT = "attachment"
    ACCOUNT = "account"
    ORIGIN = "origin"
    UNKNOWN = "unknown"


WORDS: Final = (
    (Reason.TWICE, r"doublon|dejarecu|dejaintegre|dejatransmis|dejapris"),
    (Reason.SIRET, r"siret|natidtiers|idtiers"),
    (Reason.ADDRESS, r"adresse|codepostal|ville|commune|codres|codpays|adr[123]"),
    (Reason.PRODUCT, r"codprodloc|codeproduit|produitlocal"),
    (Reason.ORIGIN, r"rattachement|titredorigine|pieceorig|rattachpiece"),
    (Reason.ATTACHMENT, r"piecejointe|pjref|idunique|nompj|typepj"),
    (Reason.ACCOUNT, r"imputation|compte|bancaire|iban|rib|coordonneesbancaires"),
    (Reason.EXERCISE, r"exercice|journeecomplementaire"),
    (Reason.SETTINGS, r"codique|idpost|codcol|codbud|budget|collectivite|emetteur"),
    (Reason.DEBTOR, r"tiers|debiteur|civilite|prenom|nom"),
)


def reason_of(text: str) -> Reason:
    said = plain(text)
    return next((reason for reason, words in WORDS if re.search(words, said)), Reason.UNKNOWN)
