"""Where the next school year stands, in French."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.kinds import EnrolmentMode
from marelle.activities.models import Activity
from marelle.agents.activities.year.copy_words import year_text
from marelle.core.french import day_plain, instant_long_year
from marelle.flows.year.year_ahead import YearAhead

__all__ = ["coming", "confirm_text", "copied_text", "opened_text", "year_text"]


@dataclass(frozen=True, slots=True)
class Coming:
    """An activity of the year; `asks`: families ask for a place in it."""

    id: int
    name: str
    opens: str
    asks: bool
    ticked: bool


def copied_text(ahead: YearAhead) -> str:
    if not ahead.copied:
        return _("Activités à copier : %(n)d.") % {"n": ahead.current}
    told = ngettext(
        "%(done)d activité copiée sur %(n)d.", "%(done)d activités copiées sur %(n)d.", ahead.copied
    )
    return told % {"done": ahead.copied, "n": ahead.current}


def coming(ahead: YearAhead, chosen: set[int] | None) -> list[Coming]:
    """`chosen` are those that a form sent back had ticked; else those that have no day yet."""
    return [_coming(row, chosen) for row in ahead.coming]


def _coming(row: Activity, chosen: set[int] | None) -> Coming:
    asks = row.enrolment_mode == EnrolmentMode.ASKED
    if row.requests_open_at:
        opens = _("demandes à partir du %(instant)s") % {"instant": instant_long_year(row.requests_open_at)}
    else:
        opens = _("demandes ouvertes sans attendre") if asks else _("inscription par la structure")
    ticked = asks and not row.requests_open_at if chosen is None else row.pk in chosen
    return Coming(row.pk, row.name, opens, asks, ticked)


def confirm_text(ahead: YearAhead) -> str:
    told = _("Le portail demande à chaque famille de confirmer son dossier à partir du %(day)s.")
    return told % {"day": day_plain(ahead.confirm_from)}


def opened_text(n: int) -> str:
    if not n:
        return _("Rien n’avait changé.")
    told = ngettext(
        "Les demandes de %(n)d activité ont leur jour d’ouverture.",
        "Les demandes de %(n)d activités ont leur jour d’ouverture.",
        n,
    )
    return told % {"n": n}
