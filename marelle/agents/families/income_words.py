"""The history of a home's incomes in French."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long_year
from marelle.families.caf.labels import outcome_short
from marelle.families.incomes.labels import days_text, kind_text, told_text
from marelle.families.incomes.rules import IncomeKind, IncomeRow, is_holding
from marelle.families.models import CafAgreement
from marelle.places.models import IncomesCount
from marelle.places.rules import Ground, ground_on
from marelle.pricing.incomes import Counts, counts_from

Settings = Mapping[int, tuple[Ground, ...]]
"""By authority, in their order."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what was told, since when, how it is known, and whether it holds today."""

    id: int
    told: str
    detail: str
    tag: str
    tone: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    lines: tuple[Line, ...]


def groups(
    rows: Iterable[IncomeRow], day: date, *, names: Mapping[int, str], settings: Settings
) -> tuple[Group, ...]:
    """The rows by kind, the newest first; a kind of which nothing is known has no line."""
    rows = tuple(rows)
    return tuple(
        Group(
            kind_text(kind),
            tuple(_line(row, rows, day, names, settings) for row in rows if row.kind == kind),
        )
        for kind in IncomeKind
    )


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """That somebody agreed to have the CAF or the MSA asked, and what came of it. `may_ask`: it is known of
    whom."""

    id: int
    who: str
    detail: str
    may_ask: bool


def agreement_lines(rows: Iterable[CafAgreement]) -> tuple[AgreementLine, ...]:
    return tuple(_agreement_line(row) for row in rows)


def _agreement_line(row: CafAgreement) -> AgreementLine:
    parts = [_("accord donné le %(day)s") % {"day": day_plain(local(row.given_at).date())}]
    if row.asked_at is not None and row.outcome:
        told = {"at": instant_long_year(row.asked_at), "told": outcome_short(row.outcome)}
        parts.append(_("demandé le %(at)s : %(told)s") % told)
    if row.identity is None:
        parts.append(_("la personne n’est pas encore passée par FranceConnect"))
    return AgreementLine(row.pk, str(row.person), " · ".join(parts), row.identity is not None)


def counts_text(settings: Settings, day: date) -> str:
    """From when a change counts, where the reader's authorities agree on it."""
    chosen = {ground_on(grounds, day).incomes_count for grounds in settings.values()}
    if len(chosen) != 1:
        return ""
    label = IncomesCount(chosen.pop()).label
    return _("Un revenu qui change compte à partir %(when)s.") % {"when": label}


def _line(
    row: IncomeRow,
    rows: tuple[IncomeRow, ...],
    day: date,
    names: Mapping[int, str],
    settings: Settings,
) -> Line:
    whose = names.get(row.authority_id or 0, "")
    counts = _counts_from(row, settings)
    detail = [
        days_text(row),
        str(row.told.status.label) if row.told and row.told.amount is not None else "",
        row.source,
        _("pour %(whose)s seulement") % {"whose": whose} if whose else "",
        _("compte à partir du %(day)s") % {"day": day_plain(counts)} if counts != row.since else "",
    ]
    tag, tone = (_("passé"), "plain")
    if row.since > day:
        tag, tone = (_("à venir"), "info")
    elif is_holding(row, rows, day):
        tag, tone = (_("en cours"), "ok")
    return Line(row.id, told_text(row), " · ".join(filter(None, detail)), tag, tone)


def _counts_from(row: IncomeRow, settings: Settings) -> date:
    """By the setting of its authority on its day, or of all the reader's where they agree."""
    own = settings.get(row.authority_id or 0)
    asked = [own] if own is not None else settings.values()
    chosen = {ground_on(grounds, row.since).incomes_count for grounds in asked}
    return counts_from(row.since, Counts(chosen.pop())) if len(chosen) == 1 else row.since
