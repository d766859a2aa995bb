"""Files brought from another software, as the pages tell them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.agents.families.importing.words import lines_text
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.french import instant_long_year, join_and, month_text, number_text
from marelle.flows.models import MovingImport
from marelle.flows.moving.billed import months_billed_here
from marelle.flows.moving.labels import MEASURES, counts_text, preview_text, reason_text
from marelle.flows.moving.plans import Fate, Summed
from marelle.flows.moving.services import moving_report, sums_now
from marelle.flows.moving.subjects import SUBJECTS, Kind, Subject

SHOWN: Final = 100
"""Reasons shown on the page; the report has all the lines."""

SAMPLES: Final = 5
State = MovingImport.State

SLUGS: Final[Mapping[Kind, str]] = {
    Kind.ENROLMENTS: "inscriptions",
    Kind.BOOKINGS: "reservations",
    Kind.CARDS: "cartes",
    Kind.SUBSCRIPTIONS: "abonnements",
}


@dataclass(frozen=True, slots=True)
class MovingLine:
    id: int
    title: str
    detail: str
    result: str
    tone: str


def subject_card(subject: Subject) -> dict[str, Any]:
    return {"slug": SLUGS[subject.kind], "title": subject.title, "lead": subject.lead}


def columns_told(subject: Subject) -> list[tuple[str, str]]:
    """Each title with what its cells hold."""
    return [
        (
            one.column.title,
            _("%(meaning)s Nécessaire.") % {"meaning": one.meaning}
            if one.column.required
            else str(one.meaning),
        )
        for one in subject.told
    ]


def moving_line(row: MovingImport) -> MovingLine:
    told = {
        "what": SUBJECTS[Kind(row.kind)].title,
        "at": instant_long_year(row.queued_at or row.prepared_at),
        "who": row.prepared_by,
    }
    results = {
        State.PREPARED: _("à vérifier"),
        State.QUEUED: _("%(done)s sur %(all)s")
        % {"done": number_text(row.done_lines), "all": lines_text(row.lines)},
        State.DONE: counts_text(row.counts),
        State.REFUSED: _("arrêté"),
    }
    tones = {State.PREPARED: "warn", State.QUEUED: "info", State.DONE: "ok", State.REFUSED: "warn"}
    state = State(row.state)
    detail = _("%(what)s, le %(at)s, par %(who)s") % told
    return MovingLine(row.pk, row.file_name, detail, results[state], tones[state])


def run_page(actor: Actor, row: MovingImport, *, now: datetime) -> dict[str, Any]:
    """Raises FileUnreadable, "forgotten"."""
    kind = Kind(row.kind)
    context: dict[str, Any] = {
        "run": row,
        "line": moving_line(row),
        "state": row.state,
        "subject": subject_card(SUBJECTS[kind]),
    }
    if row.state == State.QUEUED:
        return {**context, "percent": 100 * row.done_lines // row.lines if row.lines else 100}
    if row.state != State.PREPARED:
        problems = _problems(kind, [(where, code, data) for where, code, data, _cells in row.problems])
        return {
            **context,
            "counts": counts_text(row.counts),
            "sums": sum_lines(sums_now(row)),
            **_shown(problems),
        }
    report = moving_report(actor, row, now=now)
    counts = {fate.value: len(report.plan.of(fate)) for fate in Fate}
    wrong = len({one.where for one in report.problems})
    months = months_billed_here(report.sums, local(now).date())
    return {
        **context,
        "counts": preview_text({**counts, "wrong": wrong}),
        "writes": bool(counts[Fate.NEW.value] or report.past_capacity),
        "sums": sum_lines(report.sums),
        "billed_here": join_and([month_text(month) for month in months]),
        "past_capacity": _past_capacity(report.past_capacity),
        **_shown(_problems(kind, [(one.where, one.code, one.data) for one in report.problems])),
    }


def sum_lines(sums: Iterable[Summed]) -> list[dict[str, Any]]:
    """ "Mercredis · novembre 2026 · réservations", in the file, here before, after, and what differs."""
    return [
        {
            "name": " · ".join(
                filter(
                    None,
                    (one.about.label, month_text(one.month) if one.month else "", str(MEASURES[one.measure])),
                )
            ),
            "in_file": number_text(one.in_file),
            "before": number_text(one.before),
            "after": number_text(one.after),
            "differs": f"{one.differs:+d}".replace("-", "−") if one.differs else "0",
            "off": bool(one.differs),
        }
        for one in sums
    ]


def _past_capacity(count: int) -> str:
    return (
        ngettext("%(n)d ligne ne trouve pas de place.", "%(n)d lignes ne trouvent pas de place.", count)
        % {"n": count}
        if count
        else ""
    )


def _shown(problems: Sequence[str]) -> dict[str, Any]:
    return {"problems": problems[:SHOWN], "beyond": max(0, len(problems) - SHOWN)}


def _problems(kind: Kind, found: Sequence[tuple[object, str, dict[str, Any]]]) -> list[str]:
    """Why lines are left out, in the order of the lines: the same sentence once, with the lines that it is
    said of."""
    lines: dict[str, list[str]] = {}
    for where, code, data in found:
        lines.setdefault(reason_text(kind, code, data), []).append(str(where))
    return [_problem(of, said) for said, of in lines.items()]


def _problem(lines: Sequence[str], said: str) -> str:
    if len(lines) == 1:
        return _("Ligne %(line)s\u00a0: %(said)s") % {"line": lines[0], "said": said}
    if len(lines) <= SAMPLES:
        return _("Lignes %(lines)s\u00a0: %(said)s") % {"lines": join_and(lines), "said": said}
    told = {"lines": ", ".join(lines[:SAMPLES]), "count": lines_text(len(lines)), "said": said}
    return _("%(count)s (%(lines)s…)\u00a0: %(said)s") % told
