"""Imports in French: the list of those done, the page of one that was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.billing.imports.services import Report
from marelle.billing.labels import counts_text, problem_text
from marelle.billing.models import ImportRun
from marelle.core.french import instant_long_year, month_text


@dataclass(frozen=True, slots=True)
class RunLine:
    """`done` is false for a file that was read and not imported."""

    id: int
    title: str
    detail: str
    result: str
    done: bool


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
        title=title(run),
        detail=_("%(file)s · le %(at)s, par %(who)s · %(authority)s") % told,
        result=counts_text(run.kind, run.counts) if run.done_at else "",
        done=run.done_at is not None,
    )


def title(run: ImportRun) -> str:
    """ "Factures de novembre 2026, correction"."""
    kind = str(capfirst(str(ImportRun.Kind(run.kind).label)))
    if run.month is not None:
        kind = _("Factures : %(month)s") % {"month": month_text(run.month)}
    return _("%(kind)s, correction") % {"kind": kind} if run.correction else kind


def run_page(run: ImportRun, report: Report) -> dict[str, Any]:
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
        "tells": run.kind == ImportRun.Kind.INVOICES,
        "nothing_new": _nothing_new(report),
    }


def already_text(run: ImportRun) -> str:
    told = {"at": instant_long_year(run.done_at or run.prepared_at), "who": run.done_by}
    return _("Déjà importé le %(at)s, par %(who)s : rien n’a changé.") % told


def done_text(run: ImportRun) -> str:
    return _("Import terminé. %(counts)s") % {"counts": counts_text(run.kind, run.counts)}


def _nothing_new(report: Report) -> bool:
    written = ("created", "corrected", "changed", "attached", "replaced", "pieces", "paid", "strays")
    return not any(report.counts.get(name) for name in written)
