"""Homes of which nothing has been heard, in French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.desk.erasures.words import OBSTACLES
from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long_year
from marelle.core.listing import Column, Listing, cell
from marelle.flows.home.dormant import ANSWER, Dormancy, Stage

TITLES: Final[Mapping[Stage, Promise]] = {
    Stage.TO_CONFIRM: gettext_lazy("À confirmer"),
    Stage.CONFIRMED: gettext_lazy("Confirmés, effacés dans l’heure"),
    Stage.TOLD: gettext_lazy("Prévenus, qui peuvent encore répondre"),
    Stage.REDUCED: gettext_lazy("Effacés, sauf ce que la CAF peut contrôler"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A home of the page; `url` of its file is "" where the agent may not open it."""

    id: int
    name: str
    detail: str
    url: str
    is_own: bool


def detail(one: Dormancy) -> str:
    """What is told under the name of a home."""
    row = one.row
    if one.stage is Stage.REDUCED:
        return _("Le reste s’efface après le %s.") % (day_plain(row.until) if row.until else "")
    last = _("Dernier signe le %s.") % day_plain(row.last_sign) if row.last_sign else _("Jamais un signe.")
    told = _("Prévenu le %s.") % day_plain(local(row.told_at).date())
    if one.stage is Stage.TOLD:
        told += " " + _("Peut répondre jusqu’au %s.") % day_plain(local(row.told_at + ANSWER).date())
    if row.confirmed_at is not None:
        told += " " + _("Confirmé par %s.") % row.confirmed_by
    return " ".join((last, told, *(str(OBSTACLES[each]) for each in one.obstacles)))


def slip(found: Sequence[Dormancy], *, author: str, now: datetime) -> Listing:
    """« Bordereau d’élimination »: what the archives are asked about, without a name: numbers and years."""
    day = day_plain(local(now).date())
    return Listing(
        title=_("Bordereau d’élimination : dossiers de foyers, %s") % day,
        name=f"bordereau-elimination-{local(now).date().isoformat()}",
        facts=(
            author,
            _("Dossiers de l’espace famille, sans signe depuis le délai de conservation."),
            _("Restent : les factures dix ans, et jusqu’à leur terme les pièces que la CAF peut contrôler."),
        ),
        columns=(
            Column(_("Dossier"), 2),
            Column(_("Ouvert en"), 2),
            Column(_("Dernier signe"), 2),
            Column(_("Contenu"), 6),
        ),
        rows=tuple(
            (
                cell(one.family.number),
                cell(str(local(one.family.created_at).year)),
                cell(day_plain(one.row.last_sign) if one.row.last_sign else ""),
                cell(_("Foyer, personnes, demandes, réservations, santé, documents, messages")),
            )
            for one in found
        ),
        notes=(_("Visa des archives :"),),
        footer=_("Fait le %s") % instant_long_year(now),
        author=author,
    )
