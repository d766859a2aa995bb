"""How the lines of a bill made here were counted: the steps kept when it was previewed, found again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from marelle.activities.models import Slot
from marelle.billing.bill_lines import BillLine, bill_lines, owed_by
from marelle.billing.due import Charge, Correction, Covered, Item, renamed
from marelle.billing.models import Coverage, Invoice, InvoiceLine, Share
from marelle.billing.runs.children import children_of
from marelle.billing.runs.services import terms_held
from marelle.billing.stored import items_read
from marelle.billing.terms import terms_of
from marelle.core.sealed import CannotOpen, opened
from marelle.pricing.lines import Line
from marelle.pricing.selectors import book_of
from marelle.pricing.tariffs import TariffBook


@dataclass(frozen=True, slots=True)
class BillExplained:
    """`lines`: by the order that they have on the bill. `reasons`: of each coverage, the decision."""

    lines: Mapping[int, BillLine]
    book: TariffBook
    slots: Mapping[int, str]
    reasons: Mapping[int, str]


def bill_explained(invoice: Invoice, lines: Collection[InvoiceLine]) -> BillExplained | None:
    """None for a bill that came by a file, for one of which another home is asked a part (how its price was
    found tells what that one earns), and where no key opens what was kept."""
    if invoice.run is None or invoice.payer_id is not None:
        return None
    shares = list(Share.objects.filter(invoice=invoice).select_related("assessment__run").order_by("pk"))
    if not shares or any(share.payer_home_id is not None for share in shares):
        return None
    try:
        found = [line for share in shares for line in _lines(share)]
    except CannotOpen:
        return None
    if [line.amount for line in found] != [line.amount for line in lines]:
        return None
    numbered = {row.order: line for row, line in zip(lines, found, strict=True)}
    used = {slot for line in found for one in lines_of(line.item) for slot in one.slots}
    slots = Slot.objects.filter(pk__in=used).order_by("order", "pk")
    parts = {line.item.part.coverage_id for line in found if isinstance(line.item, Covered)}
    return BillExplained(
        numbered,
        book_of(invoice.authority_id),
        dict(slots.values_list("pk", "name")),
        dict(Coverage.objects.filter(pk__in=parts).values_list("pk", "reason")) if parts else {},
    )


def lines_of(item: Item | Covered) -> tuple[Line, ...]:
    """Those that it tells of."""
    if isinstance(item, Correction):
        return (*item.before, *item.after)
    return (item.line if isinstance(item, Charge) else item.charge.line,)


def _lines(share: Share) -> tuple[BillLine, ...]:
    """As they were put together when it was previewed."""
    assessment = share.assessment
    if assessment.items is None:
        return ()
    children = children_of([assessment.pk]).get(assessment.pk, {})
    items = [renamed(item, children) for item in items_read(opened(assessment.items))]
    run = assessment.run
    if terms_of(run.month, terms_held(run.authority_id)).by_regie:
        items = [item for item in items if item.ledger.regie == share.regie]
    return bill_lines(owed_by(items, None))
