"""Meals in French: levels, diets, what moved since an order, why one is refused."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.core.clock import local
from marelle.core.french import day_long, join_and, time_text
from marelle.core.refusals import Refusal
from marelle.families.fields import Diet
from marelle.meals.rules import STANDARD, Counts, Level

LEVELS: Final[dict[Level, str | Promise]] = {
    Level.TODDLER: gettext_lazy("Tout-petits"),
    Level.NURSERY: gettext_lazy("Maternelle"),
    Level.PRIMARY: gettext_lazy("Élémentaire"),
    Level.SECONDARY: gettext_lazy("Collège et lycée"),
}
ALWAYS: Final = (Level.NURSERY, Level.PRIMARY)
"""Shown even where nobody is of them."""


def diet_text(diet: str) -> str:
    return str(Diet(diet).label) if diet in Diet else diet


def diets_text(counts: Counts, level: Level) -> str:
    """ "dont 3 sans porc, 1 végétarien": what is not the usual meal; "" for none."""
    others = [f"{n} {diet_text(diet)}" for diet, n in counts.of_level(level).items() if diet != STANDARD]
    return _("dont %(diets)s") % {"diets": ", ".join(others)} if others else ""


def moved_text(moved: Counts) -> str:
    """ "+1 sans porc (maternelle), −2 adultes depuis la commande"; "" when nothing moved."""
    what = changes_text(moved)
    return _("%(what)s depuis la commande") % {"what": what} if what else ""


def changes_text(moved: Counts) -> str:
    """ "+1 sans porc (maternelle), −2 adultes"; "" for none."""
    seats = [(level, diet_text(diet), n) for (level, diet), n in moved.plates.items()]
    seats += [(level, _("PAI avec repas apporté"), n) for level, n in moved.own.items()]
    parts = [f"{_signed(n)} {what} ({str(LEVELS[level]).lower()})" for level, what, n in seats]
    if moved.adults:
        adults = ngettext("%(n)s adulte", "%(n)s adultes", abs(moved.adults))
        parts.append(adults % {"n": _signed(moved.adults)})
    if moved.picnics:
        picnics = ngettext("%(n)s pique-nique", "%(n)s pique-niques", abs(moved.picnics))
        parts.append(picnics % {"n": _signed(moved.picnics)})
    return ", ".join(parts)


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else f"−{-number}"


def refused_text(refusal: Refusal) -> str:
    days = join_and([day_long(day) for day in refusal.data.get("days", ())])
    if refusal.code == "day_over":
        return _("Rien n’est enregistré : ce jour est passé (%(days)s).") % {"days": days}
    if refusal.code == "too_many_picnics":
        told = _("Rien n’est enregistré : %(day)s, il y a plus de pique-niques que de repas (%(meals)d).")
        return told % {"day": day_long(refusal.data["day"]), "meals": refusal.data["meals"]}
    if refusal.code == "typed_meanwhile":
        told = _(
            "Rien n’est enregistré : un autre agent a changé les adultes ou les pique-niques pendant votre "
            "saisie (%(days)s). Voici ses nombres, à côté des vôtres."
        )
        return told % {"days": days}
    if refusal.code == "moved_meanwhile":
        return _moved_meanwhile(refusal, days)
    return _("Il n’y a rien à commander : tout l’est déjà, ou personne ne mange.")


def _moved_meanwhile(refusal: Refusal, days: str) -> str:
    if refusal.data["by"] is None:
        told = _(
            "Rien n’est commandé : les réservations ont changé depuis votre lecture (%(days)s). Vérifiez."
        )
        return told % {"days": days}
    at = local(refusal.data["at"])
    told = _(
        "Rien n’est commandé : ces jours ont changé depuis votre lecture (%(days)s). Dernière commande par "
        "%(by)s, %(day)s à %(hour)s. Vérifiez."
    )
    by = {"by": refusal.data["by"], "day": day_long(at.date()), "hour": time_text(at.time())}
    return told % {"days": days, **by}
