"""« Comptabilité » in French: tables whose figures lead to their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.agents.bills.accounting_asked import query_of, query_of_code, query_of_structure
from marelle.billing.accounting.accounts import AccountAt
from marelle.billing.accounting.detail import Chosen, Figure, Told
from marelle.billing.accounting.rules import Code, CodeSum, Entry, Figures, Happened
from marelle.billing.accounting.totals import Totals, by_structure
from marelle.billing.models import InvoiceLine, Payer
from marelle.core import workbook
from marelle.core.french import day_plain, euros_text, month_text, number_text
from marelle.core.money import ZERO
from marelle.families.models import Family

COLUMNS: Final[Mapping[Figure, tuple[str | Promise, str]]] = {
    Figure.BILLED: (gettext_lazy("Facturé"), "billed"),
    Figure.CREDITED: (gettext_lazy("Avoirs"), "credited"),
    Figure.CANCELLED: (gettext_lazy("Annulé"), "cancelled"),
    Figure.PAID: (gettext_lazy("Payé"), "paid"),
    Figure.LEFT: (gettext_lazy("Reste à payer"), "left"),
    Figure.OVER: (gettext_lazy("Trop perçu"), "over"),
}
TITLES: Final[Mapping[Figure, str | Promise]] = {
    Figure.BILLED: gettext_lazy("Factures"),
    Figure.CREDITED: gettext_lazy("Avoirs"),
    Figure.CANCELLED: gettext_lazy("Factures annulées"),
    Figure.PAID: gettext_lazy("Paiements"),
    Figure.LEFT: gettext_lazy("Restes à payer"),
    Figure.OVER: gettext_lazy("Trop-perçus"),
    Figure.LINES: gettext_lazy("Lignes de factures et d’avoirs"),
}
HAPPENED: Final[Mapping[Happened, str | Promise]] = {
    Happened.BILLED: gettext_lazy("Facture %(number)s"),
    Happened.CREDITED: gettext_lazy("Avoir %(number)s"),
    Happened.CANCELLED: gettext_lazy("Facture %(number)s annulée"),
    Happened.PAID: gettext_lazy("Paiement de la facture %(number)s"),
}
TAKEN_BACK: Final = gettext_lazy("Paiement repris sur la facture %(number)s")


@dataclass(frozen=True, slots=True)
class Cell:
    """`url`: where its rows are; "" for what is of none."""

    heading: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    head: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def _table(head: str, rows: Sequence[Row]) -> Table:
    return Table(head, tuple(one.heading for one in rows[0].cells) if rows else (), tuple(rows))


class Sums:
    """The tables of an exercise. A column in which nothing ever stands is left out."""

    def __init__(self, totals: Totals, rows_url: str) -> None:
        self.totals, self.rows_url = totals, rows_url
        whole = totals.whole
        self.shown = [
            one
            for one in COLUMNS
            if one not in (Figure.CANCELLED, Figure.OVER) or getattr(whole, COLUMNS[one][1])
        ]

    @property
    def facts(self) -> list[tuple[str, str]]:
        whole = self.totals.whole
        count, waiting = self.totals.waiting
        before = self.totals.of_before
        found = [(_("Factures"), number_text(whole.count))]
        found += [
            (str(name), euros_text(getattr(whole, field)))
            for figure, (name, field) in COLUMNS.items()
            if figure in self.shown
        ]
        if count:
            told = {"n": count, "amount": euros_text(waiting)}
            found.append((_("Attend sous le seuil, sans facture"), _("%(amount)s, en %(n)d fois") % told))
        if before.paid:
            found.append((_("Payé dans l’année, d’exercices antérieurs"), euros_text(before.paid)))
        if before.credited:
            found.append((_("Avoirs de l’année, d’exercices antérieurs"), euros_text(before.credited)))
        return found

    @property
    def months(self) -> Table:
        rows = [
            Row(_month(month), self._cells(figures, billed=month))
            for month, figures in self.totals.months.items()
        ]
        return _table(_("Mois facturé"), [*rows, Row(_("Total"), self._cells(self.totals.whole), True)])

    @property
    def flows(self) -> Table:
        """As time went: the last balance is what is left less what was paid beyond."""
        end = _("Reste à la fin du mois")
        rows = [
            Row(
                _month(flow.first),
                (
                    *self._cells(flow.figures, within=flow.first, but=(Figure.LEFT, Figure.OVER)),
                    Cell(end, euros_text(flow.balance)),
                ),
            )
            for flow in self.totals.flows
        ]
        whole = self.totals.whole
        total = (*self._cells(whole, but=(Figure.LEFT, Figure.OVER)), Cell(end, euros_text(whole.balance)))
        return _table(_("Mois"), [*rows, Row(_("Total"), total, True)])

    def _cells(
        self,
        figures: Figures,
        *,
        billed: date | None = None,
        within: date | None = None,
        but: Iterable[Figure] = (),
    ) -> tuple[Cell, ...]:
        return tuple(
            self._cell(
                str(COLUMNS[one][0]), getattr(figures, COLUMNS[one][1]),
                query_of(one, billed=billed, within=within),
            )
            for one in self.shown
            if one not in set(but)
        )  # fmt: skip

    def _cell(self, heading: str, amount: Decimal, query: str = "") -> Cell:
        return Cell(heading, euros_text(amount), self.rows_url + query if amount and query else "")

    @property
    def structures(self) -> Table:
        rows = [
            Row(name or _("Commun"), self._asked(one, query_of_structure(one.code.structure_id)))
            for name, one in by_structure(self.totals.codes).items()
        ]
        return _table(_("Structure"), [*rows, *self._rest(), Row(_("Total"), self._asked(self._all), True)])

    @property
    def codes(self) -> Table:
        rows = [
            Row(
                f"{one.structure or _('Commun')} · {one.code.activity}",
                (*self._named(one.code), *self._asked(one, query_of_code(one.code))),
            )
            for one in self.totals.codes
        ]
        nothing = self._named(Code())
        rest = [Row(row.label, (*nothing, *row.cells)) for row in self._rest()]
        return _table(
            _("Activité"), [*rows, *rest, Row(_("Total"), (*nothing, *self._asked(self._all)), True)]
        )

    @property
    def _all(self) -> CodeSum:
        whole = self.totals.whole
        return CodeSum(Code(), "", whole.billed, whole.credited, whole.cancelled)

    def _rest(self) -> list[Row]:
        """What no line says."""
        rest = self.totals.unlined
        if not rest:
            return []
        return [Row(_("Sans ligne"), self._asked(CodeSum(Code(), "", rest, ZERO, ZERO)))]

    def _named(self, code: Code) -> tuple[Cell, ...]:
        used = {name for one in self.totals.codes for name, value in _code_told(one.code) if value}
        return tuple(Cell(name, value or "—") for name, value in _code_told(code) if name in used)

    def _asked(self, one: CodeSum, query: str = "") -> tuple[Cell, ...]:
        sums = {
            Figure.BILLED: one.billed,
            Figure.CREDITED: one.credited,
            Figure.CANCELLED: one.cancelled,
        }
        cells = [Cell(str(COLUMNS[name][0]), euros_text(sums[name])) for name in sums if name in self.shown]
        return (*cells, self._cell(_("Net"), one.asked, query))


def _code_told(code: Code) -> tuple[tuple[str, str], ...]:
    return ((_("Compte"), code.account), (_("Budget"), code.budget), (_("Régie"), code.regie))


def _month(month: date) -> str:
    return str(capfirst(month_text(month)))


@dataclass(frozen=True, slots=True)
class Line:
    url: str
    title: str
    detail: str
    amount: str = ""
    state: str = ""
    tone: str = "plain"


def exercise_line(authority_id: int, year: int, closed: Collection[int]) -> Line:
    return Line(
        reverse("agents_bills:exercise", args=[authority_id, year]),
        _("Exercice %(year)d") % {"year": year},
        "",
        state=_("clos") if year in closed else _("ouvert"),
    )


def detail_title(chosen: Chosen) -> str:
    """ "Paiements en novembre 2026", "Restes à payer, factures d’octobre 2026"."""
    title = str(TITLES[chosen.figure])
    if chosen.within:
        return _("%(what)s, en %(month)s") % {"what": title, "month": month_text(chosen.within)}
    if chosen.billed:
        return _("%(what)s, mois facturé\u00a0: %(month)s") % {
            "what": title,
            "month": month_text(chosen.billed),
        }
    return title


def told_lines(rows: Sequence[Told]) -> list[Line]:
    """Each leads to the account of who owes it; two queries."""
    homes = Family.objects.in_bulk({row.family_id for row in rows})
    payers = Payer.objects.in_bulk({row.payer_id for row in rows if row.payer_id})
    return [
        Line(
            account_url(row.family_id, row.payer_id),
            f"{row.label} · {who_text(homes[row.family_id], payers.get(row.payer_id or 0))}",
            day_plain(row.on),
            euros_text(row.amount),
        )
        for row in rows
    ]


def line_lines(rows: Iterable[InvoiceLine]) -> list[Line]:
    return [
        Line(
            account_url(row.invoice.family_id, row.invoice.payer_id),
            f"{row.invoice.number} · {who_text(row.invoice.family, row.invoice.payer)}",
            " · ".join(filter(None, (str(row.child or ""), row.activity, row.label))),
            euros_text(row.amount),
        )
        for row in rows
    ]


def who_text(home: Family, payer: Payer | None) -> str:
    if payer is None:
        return _("famille %(name)s") % {"name": home.name}
    return _("%(payer)s, pour la famille %(name)s") % {"payer": payer, "name": home.name}


def account_url(family_id: int, payer_id: int | None) -> str:
    if payer_id is None:
        return reverse("agents_bills:account", args=[family_id])
    return reverse("agents_bills:payer_account", args=[payer_id])


@dataclass(frozen=True, slots=True)
class EntryRow:
    day: str
    what: str
    amount: str
    balance: str


@dataclass(frozen=True, slots=True)
class AccountCard:
    title: str
    facts: list[tuple[str, str]]
    rows: tuple[EntryRow, ...]


def account_card(found: AccountAt) -> AccountCard:
    account = found.account
    on = {"day": day_plain(account.until)}
    facts = [
        (_("Solde au 1er janvier %(year)d") % {"year": account.since.year}, balance_text(account.opening)),
        (_("Solde au %(day)s") % on, balance_text(account.closing)),
    ]
    if found.waiting:
        facts.append((_("Attend sous le seuil, sans facture"), euros_text(found.waiting)))
    return AccountCard(found.authority.name, facts, tuple(map(_entry, account.entries)))


def account_rows(found: Iterable[AccountAt]) -> Iterator[Sequence[workbook.Cell]]:
    """The same for a spreadsheet, with its headings: what is owed adds to the balance, what is paid takes
    from it."""
    yield (_("Collectivité"), _("Jour"), _("Ce qui s’est passé"), _("Montant"), _("Solde"))
    for one in found:
        account, name = one.account, one.authority.name
        opened = _("Solde au 1er janvier %(year)d") % {"year": account.since.year}
        yield (name, account.since, opened, None, account.opening)
        for entry in account.entries:
            yield (name, entry.event.on, _happened(entry), entry.event.owed, entry.balance)
        closed = _("Solde au %(day)s") % {"day": day_plain(account.until)}
        yield (name, account.until, closed, None, account.closing)
        if one.waiting:
            yield (name, account.until, _("Attend sous le seuil, sans facture"), one.waiting, None)


def balance_text(amount: Decimal) -> str:
    """ "12,50 € à payer", "4,00 € de trop perçu", "rien à payer"."""
    if not amount:
        return _("rien à payer")
    told = {"amount": euros_text(abs(amount))}
    return _("%(amount)s à payer") % told if amount > 0 else _("%(amount)s de trop perçu") % told


def _entry(one: Entry) -> EntryRow:
    event = one.event
    return EntryRow(day_plain(event.on), _happened(one), euros_text(event.owed), euros_text(one.balance))


def _happened(one: Entry) -> str:
    event = one.event
    said = TAKEN_BACK if event.what is Happened.PAID and event.amount < 0 else HAPPENED[event.what]
    return str(said) % {"number": event.label}


def hidden_text(count: int) -> str:
    """Rows of homes that are close to who reads."""
    if not count:
        return ""
    return ngettext(
        "%(n)d ligne est d’un foyer qui vous est proche\u00a0: un collègue la lit.",
        "%(n)d lignes sont de foyers qui vous sont proches\u00a0: un collègue les lit.",
        count,
    ) % {"n": count}
