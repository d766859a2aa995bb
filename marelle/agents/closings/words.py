"""A day to close, in French."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.activities.models import Opening
from marelle.bookings.closing import ChildTouched
from marelle.core.clock import local
from marelle.core.french import hours_text, range_sentence
from marelle.core.refusals import Refusal
from marelle.flows.closing import Closed
from marelle.places.models import Closure

REFUSALS: dict[str, str | Promise] = {
    "past_day": gettext_lazy("Ce jour est passé : il ne peut plus être fermé."),
    "no_reason": gettext_lazy("Donnez une raison : les familles la liront."),
    "nothing_open": gettext_lazy("Rien n’est ouvert ce jour-là, ou c’est déjà fermé."),
}


@dataclass(frozen=True, slots=True)
class OpeningLine:
    id: int
    name: str
    detail: str


def refusal_text(refusal: Refusal) -> str:
    return str(REFUSALS[refusal.code])


def opening_lines(openings: Iterable[Opening]) -> list[OpeningLine]:
    return [
        OpeningLine(
            row.pk,
            " · ".join(filter(None, (row.slot.name, row.title, row.group.name if row.group else ""))),
            f"{hours_text(local(row.starts_at).time(), local(row.ends_at).time())} · {row.activity.name}",
        )
        for row in openings
    ]


def count_text(children: Iterable[ChildTouched]) -> str:
    """ "12 enfants réservés, 1 en attente"."""
    rows = list(children)
    held = sum(bool(row.held) for row in rows)
    waits = len(rows) - held
    told = ngettext("%(n)d enfant réservé", "%(n)d enfants réservés", held) % {"n": held}
    return told + (_(", %(n)d en attente") % {"n": waits} if waits else "")


def child_lines(children: Iterable[ChildTouched]) -> list[tuple[str, str]]:
    """Name, and slots."""
    waited = _("%(slot)s (liste d’attente)")
    return [
        (row.name, ", ".join([*row.held, *(waited % {"slot": slot} for slot in row.waited)]))
        for row in children
    ]


def closure_lines(closures: Iterable[Closure]) -> list[tuple[str, str]]:
    """When and where, and why."""
    return [
        (f"{_sentence(range_sentence(row.first_day, row.last_day))} · {row.structure.name}", row.reason)
        for row in closures
    ]


def closed_text(closed: Closed) -> str:
    if not closed.children:
        return _("C’est fermé. Personne n’avait réservé.")
    told = ngettext(
        "C’est fermé. Les réservations de %(n)d enfant sont annulées, sa famille est prévenue.",
        "C’est fermé. Les réservations de %(n)d enfants sont annulées, leurs familles sont prévenues.",
        closed.children,
    )
    return told % {"n": closed.children}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
