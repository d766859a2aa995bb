"""« Passage de classe » in French: who goes where, who leaves, and why a child stayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.agents.activities.year.copy_words import year_text
from marelle.core.french import instant_long_year, join_and, of_name
from marelle.core.refusals import Refusal
from marelle.families.models import Promotion
from marelle.families.promotions import Undone
from marelle.families.rules import Step
from marelle.flows.year.promoting import LevelAhead, Made, Pupil, SchoolLine

WHY_LEFT: Final[dict[str, str | Promise]] = {
    Step.NOTED: gettext_lazy("sa classe était déjà notée"),
    Step.GONE: gettext_lazy("son foyer part, ou cet enfant le quitte"),
    Step.UNKNOWN: gettext_lazy("son niveau n’est plus connu"),
    "own": gettext_lazy("c’est votre propre dossier"),
    "other_level": gettext_lazy("son niveau vient de changer"),
}

REFUSALS: Final[dict[str, str | Promise]] = {
    "noted_meanwhile": gettext_lazy(
        "Quelqu’un note en ce moment la classe d’un de ces enfants. Rien n’est fait : regardez de nouveau."
    ),
    "too_late": gettext_lazy(
        "Un passage s’annule jusqu’au 31 octobre de son année. Corrigez chaque enfant dans son dossier."
    ),
    "own_file": gettext_lazy(
        "Un enfant de votre propre dossier est dans ce passage : une autre personne du service l’annule."
    ),
    "others": gettext_lazy(
        "Ce passage concerne aussi des enfants inconnus de vos structures : le guichet peut l’annuler."
    ),
}


def aside_line(pupil: Pupil, told: str, ways: Mapping[int, str]) -> tuple[str, str, str]:
    """The name of a pupil with nothing to choose, where it leads, and what is said of it."""
    return pupil.name, pupil_url(pupil, ways), told


def pupil_url(pupil: Pupil, ways: Mapping[int, str]) -> str:
    """The page of the first of its homes that the agent may open, "" for none."""
    return next((ways[family_id] for family_id in pupil.families if family_id in ways), "")


def classes_text(lines: Sequence[SchoolLine], school_year: int) -> str:
    pupils, noted = sum(line.pupils for line in lines), sum(line.noted for line in lines)
    if not lines:
        return _("Vos activités ne servent aucune école en particulier : le guichet s’occupe des classes.")
    if not pupils:
        return _("Aucun enfant n’a d’école notée.")
    return noted_text(pupils, noted, school_year)


def noted_text(pupils: int, noted: int, school_year: int) -> str:
    if not noted:
        told = ngettext(
            "%(n)d enfant ; sa classe de %(year)s n’est pas encore notée.",
            "%(n)d enfants ; leur classe de %(year)s n’est pas encore notée.",
            pupils,
        )
        return told % {"n": pupils, "year": year_text(school_year)}
    told = ngettext(
        "%(n)d enfant ; sa classe de %(year)s est notée pour %(noted)d.",
        "%(n)d enfants ; la classe de %(year)s est notée pour %(noted)d.",
        pupils,
    )
    return told % {"n": pupils, "noted": noted, "year": year_text(school_year)}


def level_text(level: LevelAhead) -> str:
    if level.goes_to is None:
        return _("%(level)s : fin du parcours dans cette école") % {"level": level.level}
    return _("%(level)s → %(after)s") % {"level": level.level, "after": level.goes_to}


def count_text(n: int) -> str:
    return ngettext("%d enfant", "%d enfants", n) % n


def next_text(pupil: Pupil) -> str:
    """The class already noted."""
    row = pupil.next_class
    return "" if row is None else f"{row.level} · {row.school.name}"


def done_text(promotion: Promotion) -> str:
    told = ngettext(
        "%(n)d enfant, %(instant)s, par %(by)s", "%(n)d enfants, %(instant)s, par %(by)s", promotion.children
    )
    given = {"n": promotion.children, "instant": instant_long_year(promotion.made_at)}
    return told % {**given, "by": promotion.made_by}


def made_text(made: Made) -> str:
    n = made.promotion.children
    told = ngettext(
        "C’est fait : la classe de %(n)d enfant est notée.",
        "C’est fait : la classe de %(n)d enfants est notée.",
        n,
    )
    again = ngettext("%(n)d redouble.", "%(n)d redoublent.", made.repeated)
    return " ".join([told % {"n": n}, *([again % {"n": made.repeated}] if made.repeated else [])])


def left_texts(made: Made) -> list[str]:
    """Each child asked for who did not move, with why; those who may not be named are counted."""
    told = [
        _("%(name)s n’a pas changé : %(why)s.") % {"name": one.name, "why": WHY_LEFT[one.why]}
        for one in made.left
        if one.name
    ]
    unnamed = sum(not one.name for one in made.left)
    if unnamed:
        gone = ngettext(
            "%d enfant n’est plus dans cette école.", "%d enfants ne sont plus dans cette école.", unnamed
        )
        told.append(gone % unnamed)
    return told


def undone_texts(undone: Undone) -> list[str]:
    told = ngettext(
        "Le passage est annulé pour %d enfant.", "Le passage est annulé pour %d enfants.", undone.removed
    )
    texts = [told % undone.removed]
    if undone.kept:
        names = join_and([str(row.child) for row in undone.kept])
        texts.append(
            _("Reste comme elle est, corrigée depuis : la classe %(of_names)s.")
            % {"of_names": of_name(names)}
        )
    return texts


def refusal_text(refusal: Refusal) -> str:
    if refusal.code == "nothing_to_do":
        last: Promotion | None = refusal.data.get("last")
        if last is None:
            return _("Il n’y a rien à faire : aucun enfant choisi ne change de classe.")
        return _("Il n’y a plus rien à faire : %(by)s a fait ce passage, %(instant)s.") % {
            "by": last.made_by,
            "instant": instant_long_year(last.made_at),
        }
    if refusal.code == "already_undone":
        return _("%(by)s a déjà annulé ce passage.") % {"by": refusal.data["by"]}
    return str(REFUSALS[refusal.code])


def names_text(pupils: Iterable[Pupil]) -> str:
    return join_and([pupil.name for pupil in pupils])
