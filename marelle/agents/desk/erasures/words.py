"""Erasures in French."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.desk.facts import home_facts, told
from marelle.core.clock import local
from marelle.core.french import day_plain, join_and
from marelle.core.personal import Erase
from marelle.core.refusals import Refusal
from marelle.flows.home.erasure import Erasure, Obstacle
from marelle.flows.office.home_file import HomeFile

OBSTACLES: Final[dict[Obstacle, Promise]] = {
    Obstacle.ENROLLED: gettext_lazy("Une inscription est en cours, ou une demande attend."),
    Obstacle.BOOKED: gettext_lazy("Des réservations sont à venir."),
    Obstacle.EXPECTED: gettext_lazy("Le foyer est attendu à une matinée du relais."),
    Obstacle.JUDGED: gettext_lazy("Un juge tient un de ses adultes à l’écart d’un enfant."),
    Obstacle.UNPAID: gettext_lazy("Une facture reste à payer."),
}
TITLES: Final[dict[Erase, Promise]] = {
    Erase.DELETE: gettext_lazy("Ce qui est effacé"),
    Erase.ANONYMISE: gettext_lazy("Ce qui reste pour les comptes, sans aucun nom"),
    Erase.KEEP: gettext_lazy("Ce que la loi oblige à garder dix ans, avec le nom du foyer"),
}


def parts(found: Erasure, home: HomeFile | None) -> dict[str, object]:
    """What the page shows: the tables by what becomes of them, who stays, and what stands in the way.

    A table that is only the index of others, and so is never exported, would tell an agent nothing.
    """
    groups = [
        (
            str(title),
            [
                (str(part.declaration.model._meta.verbose_name_plural).capitalize(), str(part.count))
                for part in found.parts
                if part.declaration.erase is erase and part.declaration.export
            ],
        )
        for erase, title in TITLES.items()
    ]
    return {
        "facts": told(home_facts(home)),
        "groups": [(title, pairs) for title, pairs in groups if pairs],
        "asked": _("Demandé le %(day)s par %(who)s.")
        % {"day": day_plain(local(found.case.opened_at).date()), "who": found.case.opened_by},
        "shared": join_and(found.shared),
        "obstacles": [str(OBSTACLES[obstacle]) for obstacle in found.obstacles],
    }


def refusal_text(refusal: Refusal) -> str:
    match refusal.code:
        case "still_needed":
            return " ".join(str(OBSTACLES[obstacle]) for obstacle in refusal.data["obstacles"])
        case "already_decided":
            return _("%(who)s a déjà répondu à cette demande.") % {"who": refusal.data["decided_by"]}
        case "reason_missing":
            return _("Donnez une raison : la famille la lira.")
        case _other:
            return _("C’est votre propre famille : un autre agent doit s’en occuper.")
