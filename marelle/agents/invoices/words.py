"""Imports in French: the list of those done, the page of one that was read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.billing.imports.mandates import NewMandate
from marelle.billing.imports.moved_labels import COUNTED, SIDES, beside_text
from marelle.billing.imports.services import Report
from marelle.billing.imports.sides import Side, sides_read
from marelle.billing.labels import account_told, counts_text, number_text, problem_text
from marelle.billing.models import ImportRun
from marelle.core.french import day_plain, euros_text, instant_long_year, month_text

TELLS = (ImportRun.Kind.INVOICES, ImportRun.Kind.PAST, ImportRun.Kind.MANDATES)


@dataclass(frozen=True, slots=True)
class RunLine:
    """`done` is false for a file that was read and not imported, `compared` true for one that never is."""

    id: int
    url: str
    title: str
    detail: str
    result: str
    done: bool
    compared: bool = False


def page_of(run: ImportRun) -> str:
    """The name of the page that shows it."""
    return "agents_invoices:parallel" if run.kind == ImportRun.Kind.PARALLEL else "agents_invoices:run"


def run_line(run: ImportRun) -> RunLine:
    who, at = (run.done_by, run.done_at) if run.done_at else (run.prepared_by, run.prepared_at)
    told = {
        "file": run.file_name,
        "at": instant_long_year(at),
        "who": who,
        "authority": run.authority.short_name,
    }
    return RunLine(
        id=run.pk,
        url=reverse(page_of(run), args=[run.pk]),
        title=title(run),
        detail=_("%(file)s · le %(at)s, par %(who)s · %(authority)s") % told,
        result=undone_text(run) or (counts_text(run.kind, run.counts) if run.done_at else ""),
        done=run.done_at is not None,
        compared=run.kind == ImportRun.Kind.PARALLEL,
    )


def title(run: ImportRun) -> str:
    """ "Factures de novembre 2026, correction"."""
    kind = str(capfirst(str(ImportRun.Kind(run.kind).label)))
    if run.kind == ImportRun.Kind.PARALLEL and run.month is not None:
        return _("Un mois en parallèle\u00a0: %(month)s") % {"month": month_text(run.month)}
    if run.month is not None:
        kind = _("Factures : %(month)s") % {"month": month_text(run.month)}
    return _("%(kind)s, correction") % {"kind": kind} if run.correction else kind


def run_page(run: ImportRun, report: Report, *, apart: Collection[int] = ()) -> dict[str, Any]:
    """`apart`: homes that no list names to the reader."""
    beyond = report.problem_count - len(report.problems)
    return {
        "run": run_line(run),
        "counts": counts_text(run.kind, report.counts),
        "already": already_text(report.already) if report.already else "",
        "problems": [problem_text(problem) for problem in report.problems],
        "problem_title": ngettext(
            "%(n)d ligne est à corriger : rien n’est importé.",
            "%(n)d lignes sont à corriger : rien n’est importé.",
            report.problem_count,
        )
        % {"n": report.problem_count},
        "beyond": ngettext("et %(n)d autre.", "et %(n)d autres.", beyond) % {"n": beyond} if beyond else "",
        "ready": run.done_at is None and not report.problem_count and report.already is None,
        "tells": run.kind in TELLS,
        "tells_usually": run.kind != ImportRun.Kind.PAST,
        "mandates": [mandate_text(one) for one in report.mandates if one.family_id not in apart],
        "nothing_new": _nothing_new(report),
        "sides": [side_row(one) for one in sides_read(report.counts.get("sides", ()))],
        "beside": beside_text(report.counts) if run.done_at is None else "",
        "undone": undone_text(run),
        "may_undo": run.done_at is not None and run.undone_at is None and run.kind in ImportRun.OF_PAYMENTS,
        "moved": run.done_at is not None and run.kind in ImportRun.MOVED_IN,
        "reminds": run.reminds,
    }


@dataclass(frozen=True, slots=True)
class SideRow:
    """`equal`: both sides say the same, to the cent."""

    what: str
    theirs: str
    ours: str
    gap: str
    equal: bool


def side_row(side: Side) -> SideRow:
    written = number_text if side.code in COUNTED else euros_text
    return SideRow(
        str(SIDES[side.code]), written(side.theirs), written(side.ours), written(side.gap), not side.gap
    )


def mandate_text(one: NewMandate) -> str:
    """ "F00001 · Camille Durand · compte finissant par 0189 · RUM-1, signé le 3 mai 2024, déjà prélevé"."""
    draft = one.draft
    told = {"rum": draft.rum, "day": day_plain(draft.signed_on)}
    said = _("%(rum)s, signé le %(day)s, jamais prélevé") % told
    if draft.drawn_before is not None:
        told["drawn"] = day_plain(draft.drawn_before)
        said = _("%(rum)s, signé le %(day)s, prélevé le %(drawn)s") % told
    account = account_told(draft.account.last_digits)
    return f"{draft.family.upper()} · {draft.account.holder} · {account} · {said}"


def already_text(run: ImportRun) -> str:
    told = {"at": instant_long_year(run.done_at or run.prepared_at), "who": run.done_by}
    return _("Déjà importé le %(at)s, par %(who)s : rien n’a changé.") % told


def undone_text(run: ImportRun) -> str:
    """Empty of one that stands."""
    if run.undone_at is None:
        return ""
    told = {"at": instant_long_year(run.undone_at), "who": run.undone_by}
    return _("Annulé le %(at)s, par %(who)s.") % told


def done_text(run: ImportRun) -> str:
    return _("Import terminé. %(counts)s") % {"counts": counts_text(run.kind, run.counts)}


def _nothing_new(report: Report) -> bool:
    written = ("created", "corrected", "changed", "attached", "replaced", "pieces", "paid", "strays")
    return not any(report.counts.get(name) for name in written)
