"""What the law wants on a bill beside its lines: the words of it, and which of them an authority lacks."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from marelle.billing.models import Treasury
from marelle.places.models import Authority

EXECUTORY: Final = (
    "Titre exécutoire en application de l’article L.\u00a0252\u00a0A du livre des procédures fiscales, pris, "
    "émis et rendu exécutoire conformément aux dispositions des articles R.\u00a02342-4 et "
    "D.\u00a03342-11 du code général des collectivités territoriales."
)
"""The mention of every bill of a local authority: the first of the two articles is for communes and their
groupings, the second for departments."""

TWO_MONTHS: Final = ("deux mois", "2 mois")
"""How long one may contest (article L. 1617-5 of the code général des collectivités territoriales)."""


class Mention(StrEnum):
    ADDRESS = "address"
    """Of the authority."""
    SIRET = "siret"
    TREASURY = "treasury"
    """Who is paid, how to contest, who signs: nothing is there."""
    DELAY = "delay"
    """Within which one may contest."""
    COURT = "court"


def missing(authority: Authority, treasury: Treasury | None) -> Iterator[Mention]:
    """Those that its bills would lack."""
    if not authority.address:
        yield Mention.ADDRESS
    if not authority.siret:
        yield Mention.SIRET
    if treasury is None:
        yield Mention.TREASURY
        return
    contest = treasury.how_to_contest.casefold().replace("\u00a0", " ")
    if not any(words in contest for words in TWO_MONTHS):
        yield Mention.DELAY
    if not treasury.court:
        yield Mention.COURT
