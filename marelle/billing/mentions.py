"""What the law wants on a bill beside its lines."""

from __future__ import annotations

from typing import Final

EXECUTORY: Final = (
    "Titre exécutoire en application de l’article L.\u00a0252\u00a0A du livre des procédures fiscales, pris, "
    "émis et rendu exécutoire conformément aux dispositions des articles R.\u00a02342-4 et "
    "D.\u00a03342-11 du code général des collectivités territoriales."
)
"""The mention of every bill of a local authority: the first of the two articles is for communes and their
groupings, the second for departments."""
