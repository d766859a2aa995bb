"""« Attestations de présence » in French: what there is to choose from, child by child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.core.french import month_text
from marelle.families.selectors import Child
from marelle.flows.door.presence import Period, Presence, periods_of


@dataclass(frozen=True, slots=True)
class PresenceCard:
    """Of a child at an authority: `groups` of choices, each a value and what it says."""

    id: str
    title: str
    url: str
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def cards(
    kids: Iterable[Child], rows: Sequence[Presence], authorities: Mapping[int, str], today: date
) -> list[PresenceCard]:
    found = []
    for kid in kids:
        for authority_id, name in sorted(authorities.items(), key=lambda one: one[1]):
            days = {row.day for row in rows if (row.child_id, row.authority_id) == (kid.id, authority_id)}
            if days:
                found.append(_card(kid, authority_id, name, days, today))
    return found


def _card(kid: Child, authority_id: int, name: str, days: set[date], today: date) -> PresenceCard:
    years, calendar, months = periods_of(days, today)
    groups = (
        (_("Année scolaire"), tuple((one.code, _told(one.code, one, days)) for one in years)),
        (_("Année civile"), tuple((one.code, _told(one.code, one, days)) for one in calendar)),
        (
            _("Mois"),
            tuple((one.code, _told(month_text(one.first).capitalize(), one, days)) for one in months),
        ),
    )
    return PresenceCard(
        f"{kid.id}-{authority_id}",
        f"{kid.first_name} · {name}",
        reverse("invoices:presence", args=[kid.id, authority_id]),
        tuple(group for group in groups if group[1]),
    )


def _told(name: str, period: Period, days: Iterable[date]) -> str:
    """ "2026-2027 (14 jours)"."""
    number = sum(period.first <= day <= period.last for day in days)
    told = ngettext("%(name)s (%(n)d jour)", "%(name)s (%(n)d jours)", number)
    return told % {"name": name, "n": number}
