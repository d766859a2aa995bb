"""Why the whole is not written or not read, in French, for who runs the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from marelle.core.refusals import Refusal

TEXTS: Final[Mapping[str, str]] = {
    "there": ("%(folder)s contient déjà quelque chose : donnez un dossier vide, ou qui n’existe pas."),
    "unreadable": "Un texte ne se lit pas : une clé de SEALING_KEYS manque. Rien n’est écrit.",
    "lost": (
        "Le contenu du fichier %(file)s manque ou a changé : « marelle verify » le dit. Rien n’est écrit."
    ),
    "not_defined": ("Une ligne mène à une définition (%(kind)s, %(key)s) qui n’est plus dans le fichier."),
    "no_manifest": "%(folder)s n’est pas un dossier d’« export all » : il n’a pas de manifeste.",
    "other_format": (
        "Ce dossier est d’un autre format (%(format)s) : prenez la version de Marelle qui l’a écrit."
    ),
    "changed": "%(file)s manque, ou n’est plus ce qui a été exporté. Rien n’est lu.",
    "not_empty": ("Des foyers ou des fichiers sont déjà là : un export se relit dans une base vide."),
    "unknown_definition": "« %(key)s » (%(kind)s) n’est pas dans definitions.yaml. Rien n’est lu.",
    "titles": "%(file)s n’a pas les colonnes attendues. Rien n’est lu.",
    "line": "%(file)s, ligne %(line)s : une case ne se lit pas. Rien n’est lu.",
    "rows": (
        "%(file)s, à partir de la ligne %(line)s : ces lignes ne vont pas avec les autres. Rien n’est lu."
    ),
}


def refusal_text(refusal: Refusal) -> str:
    return TEXTS[refusal.code] % refusal.data
