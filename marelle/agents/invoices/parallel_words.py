"""A month of two programs in French: what differs, how much, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.agents.bills.reminder_words import hidden_text
from marelle.agents.invoices.words import run_line
from marelle.billing.imports.parallel import Compared, Sum, Why
from marelle.billing.imports.parallel_month import Parallel
from marelle.billing.labels import number_text, problem_text
from marelle.billing.models import ImportRun
from marelle.core.french import euros_text, month_text

SEALED = gettext_lazy(
    "Ce que Marelle a calculé ne peut pas être lu pour l’instant\u00a0: prévenez qui s’occupe du serveur."
)
WHY: Final[dict[Why, str | Promise]] = {
    Why.SAME: gettext_lazy("pareil"),
    Why.QUANTITY: gettext_lazy("pas la même quantité"),
    Why.PRICE: gettext_lazy("pas le même prix"),
    Why.BOTH: gettext_lazy("ni la même quantité ni le même prix"),
    Why.THERE: gettext_lazy("seulement dans l’autre logiciel"),
    Why.HERE: gettext_lazy("seulement dans Marelle"),
}


@dataclass(frozen=True, slots=True)
class RowShown:
    home: str
    activity: str
    ours: str
    theirs: str
    gap: str
    why: str
    same: bool


def rows_shown(compared: Parallel, apart: Collection[int], *, only: str = "") -> list[Compared]:
    """Without the homes that no list names to the reader. `only`: of one reason; "tout" for what is the same
    as well."""
    seen = [one for one in compared.rows if one.key.home not in apart]
    if only in set(Why):
        return [one for one in seen if one.why == only]
    return seen if only == "tout" else [one for one in seen if one.why is not Why.SAME]


def row_shown(one: Compared, compared: Parallel) -> RowShown:
    return RowShown(
        " ".join(filter(None, _home(one, compared))),
        compared.activities[one.key.activity],
        _sum(one.ours),
        _sum(one.theirs),
        euros_text(one.gap),
        str(WHY[one.why]),
        one.why is Why.SAME,
    )


def parallel_page(run: ImportRun, compared: Parallel, apart: Collection[int], *, only: str) -> dict[str, Any]:
    ours, theirs = compared.total(ours=True), compared.total(ours=False)
    counts = compared.counts
    differs = sum(number for why, number in counts.items() if why is not Why.SAME)
    hidden = {one.key.home for one in compared.rows if one.key.home in apart}
    problems = [problem_text(problem) for problem in compared.problems]
    return {
        "run": run_line(run),
        "month": month_text(run.month) if run.month else "",
        "prepared": compared.run,
        "problems": problems,
        "problem_title": ngettext(
            "%(n)d ligne est à corriger\u00a0: rien n’est comparé.",
            "%(n)d lignes sont à corriger\u00a0: rien n’est comparé.",
            len(problems),
        )
        % {"n": len(problems)},
        "totals": (euros_text(theirs), euros_text(ours), euros_text(ours - theirs)),
        "equal": ours == theirs,
        "differs": differs,
        "told": ngettext("%(n)d différence", "%(n)d différences", differs) % {"n": differs},
        "same": ngettext("%(n)d montant pareil", "%(n)d montants pareils", counts[Why.SAME])
        % {"n": counts[Why.SAME]},
        "kinds": [
            (why.value, str(WHY[why]), number, why.value == only)
            for why, number in counts.items()
            if number and why is not Why.SAME
        ],
        "only": only,
        "hidden": hidden_text(len(hidden)),
    }


def csv_rows(rows: Iterable[Compared], compared: Parallel) -> Iterator[Sequence[object]]:
    yield (
        _("famille"), _("nom"), _("activité"), _("quantité, autre logiciel"), _("montant, autre logiciel"),
        _("quantité, Marelle"), _("montant, Marelle"), _("écart"), _("pourquoi"),
    )  # fmt: skip
    for one in rows:
        number, name = _home(one, compared)
        yield (
            number, name, compared.activities[one.key.activity],
            *_cells(one.theirs), *_cells(one.ours), _plain(one.gap), str(WHY[one.why]),
        )  # fmt: skip


def _home(one: Compared, compared: Parallel) -> tuple[str, str]:
    if isinstance(one.key.home, int):
        return compared.homes[one.key.home]
    return one.key.home, ""


def _sum(one: Sum | None) -> str:
    if one is None:
        return _("rien")
    return _("%(amount)s pour %(quantity)s") % {
        "quantity": number_text(one.quantity),
        "amount": euros_text(one.amount),
    }


def _cells(one: Sum | None) -> tuple[str, str]:
    return ("", "") if one is None else (number_text(one.quantity), _plain(one.amount))


def _plain(amount: Any) -> str:
    """ "12,50", as a spreadsheet counts."""
    return f"{amount:.2f}".replace(".", ",")
