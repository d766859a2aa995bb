"""A judge's restriction in French, for agents alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.core.french import day_plain, instant_long_year
from marelle.families.models import Restriction


@dataclass(frozen=True, slots=True)
class RestrictionRow:
    """A line of a list, or of a page: `tone` of its tag `state`."""

    title: str
    detail: str
    state: str
    tone: str
    url: str


def row_of(row: Restriction, day: date) -> RestrictionRow:
    state, tone = state_of(row, day)
    told = {"adult": row.adult, "child": row.child}
    return RestrictionRow(
        title=_("%(child)s · à l’écart : %(adult)s") % told,
        detail=span_text(row.since, row.until),
        state=state,
        tone=tone,
        url=reverse("agents_families:restriction", args=[row.pk]),
    )


def state_of(row: Restriction, day: date) -> tuple[str, str]:
    """What it is, and the tone of its tag."""
    if row.refused_at is not None:
        return _("refusée"), "plain"
    if row.until is not None and row.until < day:
        return _("terminée"), "plain"
    if row.confirmed_at is None:
        return _("à confirmer"), "warn"
    if row.last_day is not None:
        return _("fin à confirmer"), "warn"
    return (_("à venir"), "info") if row.since > day else (_("en vigueur"), "error")


def span_text(since: date, until: date | None) -> str:
    if until is None:
        return _("depuis le %(day)s, sans fin connue") % {"day": day_plain(since)}
    return _("du %(first)s au %(last)s") % {"first": day_plain(since), "last": day_plain(until)}


def facts_of(row: Restriction) -> list[tuple[str, str]]:
    facts = [
        (_("Enfant"), str(row.child)),
        (_("Tenu à l’écart"), str(row.adult)),
        (_("Jours"), span_text(row.since, row.until)),
        (_("Jugement"), row.reason),
        (_("Écrite"), _by(row.written_at, row.written_by)),
    ]
    if row.confirmed_at is not None:
        facts.append((_("Confirmée"), _by(row.confirmed_at, row.confirmed_by)))
    if row.refused_at is not None:
        facts.append((_("Refusée"), _by(row.refused_at, row.refused_by)))
    if row.last_day is not None:
        told = {"day": day_plain(row.last_day), "by": row.lifted_by}
        facts.append((_("Dernier jour proposé"), _("%(day)s, par %(by)s") % told))
    return facts


def home_lines(rows: Iterable[Restriction], people: Iterable[int], *, linked: bool) -> list[tuple[str, str]]:
    """What the page of a home tells of them, with the page that says more, "" for who does not open it."""
    here = frozenset(people)
    return [
        (
            _line(row, is_kept=row.adult_id in here),
            reverse("agents_families:restriction", args=[row.pk]) if linked else "",
        )
        for row in rows
    ]


def child_lines(rows: Iterable[Restriction]) -> list[str]:
    """Who must not be handed a child, for the teams."""
    return [
        _("%(adult)s, restriction d’un juge, %(span)s")
        % {"adult": row.adult, "span": span_text(row.since, row.until)}
        for row in rows
    ]


def _line(row: Restriction, *, is_kept: bool) -> str:
    told = {"adult": row.adult, "child": row.child.first_name, "span": span_text(row.since, row.until)}
    said = (
        _("%(adult)s est à l’écart de l’enfant %(child)s, %(span)s : ce foyer n’en voit rien.")
        if is_kept
        else _("Un juge protège l’enfant %(child)s : %(adult)s est à l’écart, %(span)s.")
    ) % told
    waits = row.confirmed_at is None
    return f"{said} {_('Un second agent doit la confirmer.')}" if waits else said


def _by(at: object, by: str) -> str:
    return _("%(at)s, par %(by)s") % {"at": instant_long_year(at), "by": by}  # type: ignore[arg-type]
