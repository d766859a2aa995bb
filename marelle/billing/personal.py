"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.billing.models import Invoice, InvoiceLine
from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register

TEN_YEARS = Keep(months=120, since=Since.WRITTEN)
"""Accounts and what justifies them are kept for ten years."""

register(
    PersonalData(
        model=Invoice,
        path="family",
        export=(
            "authority",
            "structure",
            "number",
            "month",
            "kind",
            "issued_on",
            "due_on",
            "total",
            "paid",
            "paid_on",
            "cancelled_on",
        ),
        unexported={
            "a file, handed over itself": ("pdf",),
            "how it was read from a file of invoices": ("pdf_source", "fingerprint", "imported_in"),
        },
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
    PersonalData(
        model=InvoiceLine,
        path="invoice__family",
        export=("invoice", "child", "activity", "label", "quantity", "unit_price", "amount"),
        unexported={"the order of the lines": ("order",)},
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
)
