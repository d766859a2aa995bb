"""Bills of the tables as the Trésor's pieces want them, a few at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from marelle.billing.addressed import Addressed
from marelle.billing.mandates.announcing import announced_of
from marelle.billing.models import ExportedBill, Invoice, InvoiceLine
from marelle.billing.selectors import addressed_of
from marelle.billing.tresor.making import line_numbers
from marelle.billing.tresor.pieces import Announced, Bill, BillLine, Origin
from marelle.families.fields import Civility
from marelle.families.models import Guardianship, Member

AT_ONCE = 250

Named = tuple[int, str, str]
"""A home, and the first and last name of somebody in it."""


def bills_read(
    invoice_ids: Sequence[int], civilities: Mapping[int, str] | None = None
) -> Iterator[tuple[Invoice, Bill]]:
    """In the order of the ids; six queries for some hundred of them. `civilities`: those that were said when
    a bill left, by its id; None for what is known now."""
    for some in _some(invoice_ids):
        found = Invoice.objects.select_related("addressee", "payer", "family", "corrects").in_bulk(some)
        invoices = [found[pk] for pk in some]
        lines = _lines([*some, *(one.corrects_id for one in invoices if one.corrects_id)])
        origins = _origins(invoices, lines)
        debits = announced_of(invoices)
        known = _civilities(invoices) if civilities is None else {}
        for one in invoices:
            text = addressed_of(one)
            now = text.civility or known.get(_named(one, text), "")
            said = now if civilities is None else civilities[one.pk]
            yield one, _bill(one, replace(text, civility=said), lines, origins, debits.get(one.pk))


def _some(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _bill(
    one: Invoice,
    addressed: Addressed,
    lines: Mapping[int, Sequence[BillLine]],
    origins: Mapping[int, Origin],
    announced: Announced | None,
) -> Bill:
    return Bill(
        id=one.pk,
        number=one.number,
        month=one.month,
        notice_on=one.issued_on,
        total=one.total,
        addressed=addressed,
        lines=lines.get(one.pk, ()),
        is_credit=one.kind == Invoice.Kind.CREDIT,
        is_cancelled=one.cancelled_on is not None,
        has_pdf=one.pdf_id is not None,
        origin=origins.get(one.pk),
        over=one.corrects is not None and one.corrects.credited > one.corrects.total,
        announced=announced,
    )


def _lines(invoice_ids: Iterable[int]) -> dict[int, list[BillLine]]:
    found: dict[int, list[BillLine]] = defaultdict(list)
    rows = InvoiceLine.objects.filter(invoice__in=invoice_ids).order_by("invoice", "order", "pk")
    names = ("invoice_id", "account", "budget", "vat", "amount", "activity")
    for pk, account, budget, vat, amount, activity in rows.values_list(*names):
        found[pk].append(BillLine(account, budget, vat, amount, activity))
    return found


def _origins(invoices: Iterable[Invoice], lines: Mapping[int, Sequence[BillLine]]) -> dict[int, Origin]:
    """By the credit note: the piece that its bill is."""
    corrected = {one.pk: one.corrects_id for one in invoices if one.kind == Invoice.Kind.CREDIT}
    sent = ExportedBill.objects.filter(invoice__in=corrected.values(), live=True).select_related("export")
    pieces = {row.invoice_id: (row.export.exercise, row.piece) for row in sent}
    return {
        pk: Origin(*pieces[bill], line_numbers(lines[bill]))
        for pk, bill in corrected.items()
        if bill in pieces
    }


def _named(one: Invoice, text: Addressed) -> Named:
    return one.family_id, text.first_name, text.last_name


def _civilities(invoices: Iterable[Invoice]) -> dict[Named, str]:
    """Of those whose bill says none: as the file of the home says now, else a mother's or a father's."""
    homes = {one.family_id for one in invoices if _lacks(one)}
    if not homes:
        return {}
    rows = Member.objects.filter(family__in=homes, kind=Member.Kind.ADULT)
    names = ("family_id", "person__first_name", "person__last_name")
    parents = rows.filter(person__wards__link__in=PARENTS).values_list(*names, "person__wards__link")
    said = rows.exclude(person__civility="").values_list(*names, "person__civility")
    found = {
        (home, first, last): str(PARENTS[Guardianship.Link(link)]) for home, first, last, link in parents
    }
    return found | {(home, first, last): civility for home, first, last, civility in said}


def _lacks(one: Invoice) -> bool:
    return one.payer_id is None and not (hasattr(one, "addressee") and one.addressee.civility)


PARENTS = {Guardianship.Link.MOTHER: Civility.MRS, Guardianship.Link.FATHER: Civility.MR}
