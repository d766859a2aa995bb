"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.billing.models import (
    Addressee,
    AssessedChild,
    AssessedMonth,
    Assessment,
    Coverage,
    Invoice,
    InvoiceLine,
    RunDoubt,
    Share,
)
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
            "corrects",
            "reason",
            "credited",
        ),
        unexported={
            "a file, handed over itself": ("pdf",),
            "how it was read from a file of invoices": ("pdf_source", "fingerprint", "imported_in"),
            "how the office bills": ("run", "regie"),
            "an office, or somebody else who pays": ("payer",),
        },
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
    PersonalData(
        model=Addressee,
        path="invoice__family",
        export=(
            "invoice",
            "kind",
            "civility",
            "first_name",
            "last_name",
            "more",
            "street",
            "postal_code",
            "city",
            "country",
            "siret",
            "birth_date",
            "reference",
        ),
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
    PersonalData(
        model=InvoiceLine,
        path="invoice__family",
        export=("invoice", "child", "activity", "label", "quantity", "unit_price", "amount", "days", "food"),
        unexported={
            "the order of the lines": ("order",),
            "how the office keeps its accounts": ("of_activity", "account", "budget", "vat"),
        },
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
    PersonalData(
        model=Assessment,
        path="family",
        export=("total",),
        unexported={
            "how the office bills": ("run", "place", "state", "digest", "corrects"),
            "told line by line with each bill": ("items",),
        },
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
    PersonalData(
        model=AssessedChild,
        path="assessment__family",
        export=("assessment", "child"),
        unexported={"how the office bills": ("number",)},
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
    PersonalData(
        model=AssessedMonth,
        path="assessment__family",
        export=("assessment", "month", "amount"),
        unexported={"how the office bills": ("digest", "scope")},
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
    PersonalData(
        model=Share,
        path="assessment__family",
        export=("assessment", "total", "invoice"),
        unexported={
            "how the office bills": ("regie", "state", "goes_with"),
            "an office, or somebody else who pays": ("payer", "payer_home"),
            "those of the bill, handed over with it": ("lines",),
        },
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
    PersonalData(
        model=Coverage,
        path="family",
        export=(
            "authority",
            "payer",
            "child",
            "activities",
            "since",
            "until",
            "way",
            "figure",
            "most",
            "reason",
        ),
        unexported={
            "another home": ("payer_home",),
            "how the office keeps its files": ("noted_at", "noted_by", "withdrawn_at"),
        },
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
    PersonalData(
        model=RunDoubt,
        path="assessment__family",
        export=(),
        unexported={
            "what the office is to look at before it bills": (
                "run",
                "child",
                "structure",
                "code",
                "day",
                "number",
            )
        },
        merge=Merge.MOVE,
        erase=Erase.KEEP,
        keep=TEN_YEARS,
    ),
)
