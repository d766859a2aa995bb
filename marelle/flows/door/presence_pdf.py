"""« Attestation de présence » as a PDF, tagged for screen readers (PDF/UA-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.billing.models import Treasury
from marelle.billing.pdf import sender_lines
from marelle.core.clock import local
from marelle.core.french import day_plain, days_compact, month_text
from marelle.families.models import Family, Person
from marelle.files.typeset import typeset
from marelle.flows.door.presence import Period, Presence, by_activity
from marelle.mail.letterhead import Letterhead
from marelle.places.models import Authority

TEMPLATE: Final = Path(__file__).parent / "typst" / "presence.typ"


def presence_pdf(
    *,
    child: Person,
    family: Family,
    authority: Authority,
    treasury: Treasury | None,
    period: Period,
    rows: Iterable[Presence],
    letterhead: Letterhead,
    now: datetime,
) -> bytes:
    """`rows`: of this child at this authority. Who signs is who signs its bills, nobody where none is set."""
    told = {"first": day_plain(period.first), "last": day_plain(period.last)}
    said = {
        "title": _("Attestation de présence"),
        "page": _("page"),
        "colour": letterhead.ground,
        "authority": {"name": authority.name, "lines": sender_lines(authority)},
        "facts": [
            (_("Enfant"), str(child)),
            *([(_("Date de naissance"), day_plain(child.birth_date))] if child.birth_date else []),
            (
                _("Foyer"),
                _("Famille %(name)s, dossier %(number)s") % {"name": family.name, "number": family.number},
            ),
            (_("Période"), _("du %(first)s au %(last)s") % told),
        ],
        "text": _attests(treasury),
        "columns": [_("Mois"), _("Jours"), _("Créneaux"), _("Heures")],
        "activities": [_activity(found) for found in by_activity(rows).values()],
        "notes": [
            _(
                "Établie d’après les présences notées à la porte, des jours dont l’appel est clos. "
                "Les heures vont de l’arrivée au départ, là où les deux sont notés, "
                "pour les accueils réservés à l’heure."
            )
        ],
        "made": _("Fait le %(day)s") % {"day": day_plain(local(now).date())},
        "signed": [treasury.signatory, treasury.signatory_capacity] if treasury else [authority.name],
    }
    return typeset(TEMPLATE, said, logo=letterhead.logo, made_at=now)


def _attests(treasury: Treasury | None) -> str:
    if treasury is None:
        return _("La collectivité atteste que cet enfant est venu aux jours suivants.")
    told = {"name": treasury.signatory, "capacity": treasury.signatory_capacity}
    return _("%(name)s, %(capacity)s, atteste que cet enfant est venu aux jours suivants.") % told


def _activity(rows: list[Presence]) -> dict[str, Any]:
    months: dict[tuple[int, int], list[Presence]] = {}
    for row in rows:
        months.setdefault((row.day.year, row.day.month), []).append(row)
    return {
        "name": f"{rows[0].activity} · {rows[0].structure}",
        "rows": [_month(found) for found in months.values()],
        "total": [_("Total"), _days(rows), _slots(rows), _hours(rows)],
    }


def _month(rows: list[Presence]) -> list[str]:
    days = sorted({row.day for row in rows})
    listed = f"{_days(rows)}\u00a0: {days_compact(days)}"
    return [month_text(days[0]).capitalize(), listed, _slots(rows), _hours(rows)]


def _days(rows: list[Presence]) -> str:
    number = len({row.day for row in rows})
    return ngettext("%(n)d jour", "%(n)d jours", number) % {"n": number}


def _slots(rows: list[Presence]) -> str:
    """ "Matin : 4, Repas : 3": half-days where the slots are."""
    return ", ".join(_counted(rows))


def _counted(rows: list[Presence]) -> Iterator[str]:
    for slot, number in Counter(row.slot for row in rows).items():
        yield f"{slot}\u00a0: {number}"


def _hours(rows: list[Presence]) -> str:
    """Nothing where none was noted."""
    noted = [row.seconds for row in rows if row.seconds is not None]
    if not noted:
        return ""
    hours, minutes = divmod(sum(noted) // 60, 60)
    return f"{hours}\u00a0h\u00a0{minutes:02}"
