"""The French of campaigns: units, refusals, what lacked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.facts import ActivityFacts
from marelle.campaigns.models import Campaign
from marelle.campaigns.receipts import Lacked
from marelle.campaigns.units import Unit
from marelle.core.french import day_long, from_long, join_and, quoted_or, range_sentence, until_long
from marelle.core.refusals import Refusal

FRIDAY = timedelta(days=4)


def day_text(day: date, *, weekly: bool) -> str:
    """ "Semaine du 5 au 9 juillet 2027" or "Mercredi 7 juillet"."""
    if weekly:
        return _("Semaine %(days)s") % {"days": range_sentence(day, day + FRIDAY)}
    return day_long(day).capitalize()


def unit_text(unit: Unit, slot: str, *, weekly: bool) -> str:
    return f"{day_text(unit.day, weekly=weekly)} · {slot}"


def plan_text(units: Iterable[Unit], names: Mapping[int, str], *, weekly: bool) -> str:
    """A plan, what is had together or not at all, in the order of its days and then of `names`."""
    places = {slot_id: place for place, slot_id in enumerate(names)}
    in_order = sorted(units, key=lambda unit: (unit.day, places.get(unit.slot_id, len(places))))
    return join_and([unit_text(unit, names.get(unit.slot_id, ""), weekly=weekly) for unit in in_order])


def refusal_text(refusal: Refusal) -> str:
    """Why a service of campaigns says no."""
    data = refusal.data
    match refusal.code:
        case "window":
            return _("Les vœux se donnent %(opens)s et %(closes)s.") % {
                "opens": from_long(data["opens"]),
                "closes": until_long(data["closes"]),
            }
        case "no_child":
            return _("Choisissez au moins un de vos enfants inscrits.")
        case "empty":
            return _("Donnez un rang à un vœu au moins.")
        case "unknown":
            return _("Une de ces semaines, ou un de ces jours, n’est plus possible : vérifiez votre liste.")
        case "too_many":
            return ngettext("Donnez %(n)d vœu au plus.", "Donnez %(n)d vœux au plus.", data["most"]) % {
                "n": data["most"]
            }
        case "requires":
            return _("« %(slot)s » se prend avec %(needs)s, au même rang.") % {
                "slot": data["slot"],
                "needs": quoted_or(data["needs"]),
            }
    return _campaign_text(refusal)


def _campaign_text(refusal: Refusal) -> str:
    texts = {
        "state": _("La campagne n’en est plus là : relisez la page."),
        "no_places": _("Rien n’est ouvert dans cette période : préparez d’abord les ouvertures."),
        "too_late": _("Le premier jour des vœux est déjà passé : changez-le d’abord."),
        "not_over": _("C’est trop tôt : attendez la date que les familles ont lue."),
        "number": _("Donnez le nombre public, comme il a été publié."),
        "no_wishes": _("Aucun foyer n’a donné de vœux."),
        "not_verified": _("Vérifiez d’abord cette simulation."),
        "unreadable": _("Le vérificateur n’a pas pu lire le fichier : rien ne part. Prévenez l’exploitant."),
        "moved": _("Un foyer a changé entre-temps : lancez encore la simulation."),
        "own_file": _("C’est votre propre famille\u00a0: un autre agent doit le faire."),
        "reason": _("Donnez une raison : le foyer la lira."),
        "same": _("C’est déjà la réponse de ce foyer."),
        "full": _("Il n’y a plus de place pour ce vœu : %(places)s.")
        % {"places": join_and(list(refusal.data.get("places", ())))},
    }
    if refusal.code == "opens_before":
        return _(
            "Les familles pourraient réserver « %(slot)s » (%(activity)s) avant les réponses. Changez la"
            " règle de réservation pour qu’elle ouvre à la date des réponses, ou après."
        ) % {"slot": refusal.data["slot"], "activity": refusal.data["activity"]}
    return texts.get(refusal.code) or _("Ce n’est pas possible.")


def right_pairs(
    tier: int, points: int, met: Sequence[str], turn: int, turns: int
) -> tuple[tuple[str, str], ...]:
    """A right and the turn that it gave, as its home reads it; `met` are the criteria, for both alike."""
    return (
        (_("Critères remplis"), " · ".join(met) or _("aucun")),
        (_("Priorité"), str(tier + 1)),
        (_("Points"), str(points)),
        (_("Tour"), _("%(turn)d sur %(turns)d") % {"turn": turn + 1, "turns": turns}),
    )


def lacked_text(one: Lacked) -> str:
    """Why a wish was not had, at the turn of the home."""
    if one.day is None and one.gauge:
        return _("%(gauge)s\u00a0: plus de place à votre tour") % {"gauge": one.gauge}
    if one.day is None:
        return _("ce n’était plus possible (inscription, âge, document ou fermeture)")
    if not one.gauge:
        return _("%(day)s, l’enfant a déjà un autre créneau à ces heures") % {"day": day_long(one.day)}
    told = {"day": day_long(one.day), "gauge": one.gauge, "needed": one.needed, "left": max(0, one.left)}
    if one.left <= 0:
        return _("%(gauge)s, %(day)s\u00a0: plus de place à votre tour") % told
    return _("%(gauge)s, %(day)s\u00a0: %(left)d place pour %(needed)d à votre tour") % told


def slot_names(activities: list[ActivityFacts]) -> dict[int, str]:
    """The names of slots, in the order of the week and of the day; with that of the activity where there are
    several."""
    several = len(activities) > 1
    slots = [(slot, one) for one in activities for slot in one.slots.values()]
    slots.sort(key=lambda row: (min(row[0].weekdays, default=0), row[0].starts, row[1].order, row[0].place))
    return {slot.id: f"{slot.name} ({one.name})" if several else slot.name for slot, one in slots}


def mode_text(campaign: Campaign) -> str:
    """How places are given, in a sentence for families."""
    if campaign.mode == Campaign.Mode.EARLY:
        return _(
            "Tous ceux qui envoient leurs vœux avant l’heure dite sont à égalité : un tirage les départage."
            " Ceux d’après passent ensuite, dans l’ordre d’arrivée."
        )
    return _(
        "Rien ne presse : l’heure d’envoi ne compte pas. À droits égaux, un tirage départage les foyers."
    )


__all__ = ["mode_text", "plan_text", "refusal_text", "slot_names", "unit_text"]
