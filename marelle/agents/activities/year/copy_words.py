"""What a copy takes and leaves, each date, and why it is not possible, in French."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.models import Activity
from marelle.core.french import day_long_year, day_plain, instant_long_year, join_and, of_name, range_text
from marelle.core.refusals import No
from marelle.flows.year.next_year import Made, Moved, Preview

LABELS: Final[dict[str, str | Promise]] = {
    "first_day": gettext_lazy("Premier jour"),
    "last_day": gettext_lazy("Dernier jour"),
    "age_day": gettext_lazy("Âge compté au"),
    "requests_open_at": gettext_lazy("Les demandes ouvrent le"),
    "requests_close_at": gettext_lazy("Les demandes ferment le"),
    "since": gettext_lazy("Cette règle compte pour les jours depuis le"),
    "until": gettext_lazy("Cette règle compte jusqu’au"),
    "opens_at": gettext_lazy("Les réservations ouvrent le"),
    "book_at": gettext_lazy("Réserver jusqu’au"),
    "cancel_at": gettext_lazy("Annuler jusqu’au"),
    "release_at": gettext_lazy("Ces places sont gardées jusqu’au"),
    "bookings_from": gettext_lazy("Réservations fermées s’il manque, à partir du"),
}

REFUSALS: Final[dict[str, str | Promise]] = {
    "not_next_year": gettext_lazy("Le premier jour doit être dans une année scolaire suivante."),
    "not_in_order": gettext_lazy("Un délai finit avant de commencer."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An activity to copy; `copy_id` is that of its copy, once there."""

    id: int
    name: str
    days: str
    chosen: bool
    copy_id: int | None


def year_text(school_year: int) -> str:
    return f"{school_year}-{school_year + 1}"


def choices(activities: Iterable[Activity], chosen: Collection[int]) -> list[tuple[str, list[Choice]]]:
    """By structure, in the order given."""
    return [
        (structure, [_choice(row, chosen) for row in rows])
        for structure, rows in groupby(activities, key=lambda row: row.structure.name)
    ]


def _choice(row: Activity, chosen: Collection[int]) -> Choice:
    copied = getattr(row, "copied_to", None)
    days = range_text(row.first_day, row.last_day)
    return Choice(row.pk, row.name, days, row.pk in chosen, copied.pk if copied else None)


def label(line: Moved) -> str:
    """ "Matin : Cette règle compte jusqu’au"; what it is about comes first, when it is a part."""
    told = str(LABELS[line.field])
    return _("%(of)s : %(what)s") % {"of": line.of, "what": told} if line.of else told


def before(line: Moved) -> str:
    if line.before is None:
        return _("Vide cette année.")
    told = instant_long_year(line.before) if isinstance(line.before, datetime) else day_long_year(line.before)
    return _("Cette année : %(day)s.") % {"day": told}


def refusal_text(refusal: No) -> str:
    if refusal.code == "already_copied":
        return _("« %(name)s » existe déjà.") % {"name": refusal.data["name"]}
    return str(REFUSALS[refusal.code])


def taken(preview: Preview) -> list[tuple[str, str]]:
    """What is copied, besides the dates; and what is left."""
    rows = [
        (_("Groupes"), join_and(preview.groups)),
        (_("Créneaux"), join_and(preview.slots)),
        (_("Lots"), join_and(preview.bundles)),
        (_("Jauges, les mêmes"), join_and([name for _pk, name in preview.gauges])),
        (_("Documents demandés"), join_and(preview.papers)),
        (_("Questions posées"), " ".join(preview.questions)),
        (
            _("Sorties, à dater de nouveau"),
            join_and([f"{title or _('sortie')} ({day_plain(day)})" for day, title in preview.outings]),
        ),
    ]
    return [(term, told) for term, told in rows if told]


def done_text(made: Iterable[Made]) -> str:
    rows = list(made)
    told = ngettext("%(n)d activité est copiée.", "%(n)d activités sont copiées.", len(rows))
    openings = sum(row.openings or 0 for row in rows)
    counted = ngettext("%(n)d ouverture est faite.", "%(n)d ouvertures sont faites.", openings)
    return " ".join([told % {"n": len(rows)}, *([counted % {"n": openings}] if openings else [])])


def left_texts(made: Iterable[Made]) -> list[str]:
    """What remains to be done once the copies are there."""
    rows = list(made)
    told = []
    waiting = [row.activity.name for row in rows if row.openings is None]
    if waiting:
        told.append(
            _(
                "Le calendrier de cette année n’est pas encore lu : les ouvertures %(of_names)s "
                "seront faites avec lui."
            )
            % {"of_names": of_name(join_and(waiting))}
        )
    short = [name for row in rows for name in row.bundles_short]
    if short:
        told.append(_("À compléter, des jours manquent : %(names)s.") % {"names": join_and(short)})
    return told
