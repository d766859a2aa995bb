"""Places kept for some, in French words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.audiences import AudienceKind
from marelle.activities.kept import Kept
from marelle.activities.labels import limit_label
from marelle.core.french import join_and, of_name

WHOM: Final = {
    AudienceKind.NAMED: gettext_lazy("des enfants désignés"),
    AudienceKind.RESIDENTS: gettext_lazy("les habitants"),
    AudienceKind.AGREEMENT: gettext_lazy("les familles des communes conventionnées"),
    AudienceKind.RETURNING: gettext_lazy("les enfants venus l’an dernier"),
    AudienceKind.SIBLINGS: gettext_lazy("les frères et sœurs d’enfants inscrits"),
    AudienceKind.STAFF: gettext_lazy("les enfants du personnel"),
}


def whom_label(kept: Kept) -> str:
    """ "les familles de Brisecombe et d’Avressieux", "les enfants de l’école des Tilleuls"."""
    if kept.audience.kind is AudienceKind.COMMUNES:
        return _("les familles %(of_communes)s") % {"of_communes": join_and([*map(of_name, kept.whom)])}
    if kept.audience.kind is AudienceKind.SCHOOLS:
        return _("les enfants scolarisés à %(schools)s") % {"schools": join_and(kept.whom)}
    return str(WHOM[kept.audience.kind])


def kept_label(kept: Kept, gauge: str) -> str:
    """ "4 places de « Matin » pour des enfants désignés, jusqu’à la veille, 18 h 00", for who sets it."""
    told = ngettext(
        "%(n)d place de « %(gauge)s » pour %(whom)s, %(until)s",
        "%(n)d places de « %(gauge)s » pour %(whom)s, %(until)s",
        kept.places,
    )
    return told % {
        "n": kept.places,
        "gauge": gauge,
        "whom": whom_label(kept),
        "until": limit_label(kept.release),
    }


def kept_name(name: str, places: int) -> str:
    """ "Suivi social (2 places)", for agents."""
    told = ngettext("%(name)s (%(n)d place)", "%(name)s (%(n)d places)", places)
    return told % {"name": name, "n": places}


def with_kept(told: str, kept: int, left: int) -> str:
    """ "18 / 24, 2 gardées": what is told of places, and how many of those left are kept for some."""
    n = min(kept, left)
    if n <= 0:
        return told
    count = ngettext("%(n)d gardée", "%(n)d gardées", n) % {"n": n}
    return f"{told}, {count}"


def kept_line(kept: Kept, slots: Sequence[str]) -> str:
    """The same as a family reads it, of the slots that draw on the gauge: without the name of the row, and
    with what comes next."""
    told = ngettext(
        "%(n)d place de %(slots)s est gardée pour %(whom)s, %(until)s ; ensuite elle va à la liste "
        "d’attente, puis à tous.",
        "%(n)d places de %(slots)s sont gardées pour %(whom)s, %(until)s ; ensuite elles vont à la liste "
        "d’attente, puis à tous.",
        kept.places,
    )
    whom = whom_label(kept)
    if kept.audience.kind is AudienceKind.NAMED:
        whom = _("%(children)s par la structure") % {"children": whom}
    names = join_and([_("« %s »") % name for name in slots])
    return told % {"n": kept.places, "slots": names, "whom": whom, "until": limit_label(kept.release)}
