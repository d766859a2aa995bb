"""Imports of families in French: what is wrong in a line, why a file is not read, what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marelle.core.french import join_and, number_text
from marelle.core.refusals import Refusal
from marelle.core.tabular import MEGABYTE
from marelle.families.file.labels import wrong_text
from marelle.families.imports import pupil_lines
from marelle.families.imports.drafts import COLUMNS

TITLES: Final = {column.code: column.title for column in (*pupil_lines.COLUMNS, *COLUMNS)}

OWN: Final[Mapping[str, Promise]] = {
    "unknown_link": _("« %(value)s » ne dit pas qui est cette personne : écrivez mère, père ou tuteur."),
    "unknown_school": _(
        "« %(value)s » n’est pas une école du portail : écrivez son nom comme dans « Écoles », suivi de sa "
        "commune si deux écoles ont le même."
    ),
    "unknown_level": _("« %(value)s » n’est pas une classe connue : écrivez par exemple GS, CP ou 6e."),
    "several_levels": _(
        "« %(value)s » est une classe de plusieurs niveaux : écrivez celui de l’enfant, par exemple CE1."
    ),
    "unknown_year": _("« %(value)s » n’est pas une année scolaire proche : écrivez par exemple 2026-2027."),
    "other_school": _("« %(value)s » n’est pas une école de votre service."),
    "other_year": _("« %(value)s » n’est pas l’année choisie pour cette liste."),
    "listed_twice": _("cet enfant est déjà à la ligne %(line)s."),
    "unknown_diet": _(
        "ce n’est pas un repas connu : habituel, sans porc, végétarien ou sans gluten. Une allergie se note "
        "dans la fiche sanitaire, par la famille."
    ),
    "child_twice": _("%(value)s est deux fois dans ce foyer."),
    "differs": _("ce n’est pas la même valeur qu’à la ligne %(line)s, du même foyer."),
    "too_many_adults": _("ce foyer a plus de %(limit)s adultes."),
    "in_another_home": _(
        "%(value)s est déjà dans un autre foyer, à la ligne %(line)s. De parents séparés, importez un foyer, "
        "puis faites « Séparer le foyer » depuis sa fiche."
    ),
}  # fmt: skip

UNREADABLE: Final[Mapping[str, Promise]] = {
    "empty": _("Ce fichier est vide : choisissez-en un autre."),
    "spreadsheet": _("Ce classeur est d’un ancien format : enregistrez-le en .xlsx, puis recommencez."),
    "protected": _("Ce classeur est protégé par un mot de passe : enregistrez-le sans, puis recommencez."),
    "broken_sheet": _("Ce classeur ne se lit pas : enregistrez-le à nouveau en .xlsx, ou en CSV."),
    "too_big_inside": _("Ce classeur est trop lourd, une fois décompressé : enregistrez-le en CSV."),
    "binary": _("Ce fichier ne se lit pas comme un CSV : exportez-le à nouveau."),
    "no_rows": _("Ce fichier ne contient aucune ligne."),
    "no_header": _("Une des premières lignes donne le titre de chaque colonne : elles sont vides."),
    "too_big": _("Ce fichier est trop lourd : %(megabytes)s Mo au plus."),
    "too_many_rows": _("Ce fichier a plus de %(limit)s lignes : coupez-le entre deux familles."),
    "long_cell": _(
        "À la ligne %(line)s, une case a plus de %(limit)s lettres : raccourcissez-la, ou retirez sa colonne."
    ),
    "open_quote": _(
        'À la ligne %(line)s, un guillemet (") s’ouvre et ne se ferme pas, ou il y en a un de trop : '
        "corrigez cette ligne, puis recommencez."
    ),
    "busy": _("Beaucoup de fichiers arrivent en ce moment : renvoyez celui-ci dans une minute."),
    "unscanned": _(
        "Les virus ne peuvent pas être recherchés pour le moment : rien n’est importé. Renvoyez ce fichier "
        "dans quelques minutes."
    ),
    "infected": _("Un virus a été trouvé dans ce fichier : rien n’est importé, et rien n’en a été gardé."),
    "forgotten": _("Ce fichier a été lu il y a trop longtemps : envoyez-le à nouveau."),
    "no_lines": _("Sous cette ligne de titres, il n’y a rien à importer : choisissez-en une plus haute."),
    "already_started": _("Cet import est déjà lancé."),
    "missing_school": _("Dites de quelle école est cette liste, ou quelle colonne la nomme."),
    "moved": _("Un de ces enfants, ou sa classe, vient de changer. Rien n’est noté : regardez de nouveau."),
    "left_on": _("Le dernier jour à l’école est de cette année scolaire, ou de celle d’avant."),
}


def refusal_text(refusal: Refusal) -> str:
    """Why a file as a whole is not read, or its columns are not enough."""
    if refusal.code in {"missing_columns", "column_twice"}:
        titles = join_and([f"« {title} »" for title in refusal.data["columns"]])
        if refusal.code == "missing_columns":
            return gettext("Dites quelle colonne du fichier est : %(titles)s.") % {"titles": titles}
        return gettext("La même colonne du fichier sert deux fois : %(titles)s.") % {"titles": titles}
    told = dict(refusal.data)
    if "limit" in told:
        told["megabytes"] = told["limit"] // MEGABYTE
        told["limit"] = number_text(told["limit"])
    text = UNREADABLE.get(refusal.code, _("Ce n’est pas possible maintenant : rouvrez la page."))
    return str(text) % told


def reason_text(code: str, data: Mapping[str, Any]) -> str:
    """ "Date de naissance enfant : donnez une date qui existe…", without the line."""
    own = OWN.get(code)
    said = str(own) % data if own is not None else wrong_text(Refusal(code, **data))
    title = TITLES.get(data.get("column", ""))
    return gettext("%(title)s : %(said)s") % {"title": title, "said": said} if title else said


def counts_text(counts: Mapping[str, int]) -> str:
    """ "1 980 foyers créés, 20 déjà là, 12 lignes à corriger."."""
    created, present, wrong = (counts.get(name, 0) for name in ("created", "present", "wrong"))
    parts = [ngettext("%(n)d foyer créé", "%(n)d foyers créés", created) % {"n": created}]
    if present:
        parts.append(ngettext("%(n)d déjà là", "%(n)d déjà là", present) % {"n": present})
    if wrong:
        parts.append(ngettext("%(n)d ligne à corriger", "%(n)d lignes à corriger", wrong) % {"n": wrong})
    return gettext("%(parts)s.") % {"parts": ", ".join(parts)}


def report_rows(headings: Sequence[str], problems: Sequence[Sequence[Any]]) -> list[list[object]]:
    """The lines that were wrong as a table: where, why, then their cells as the file had them."""
    head: list[object] = [gettext("Ligne"), gettext("À corriger"), *headings]
    return [head, *([where, reason_text(code, data), *cells] for where, code, data, cells in problems)]
