"""Tables of bills: those that come by files and those that are made here, and the runs that make them."""

from marelle.billing.models.addressees import Addressee
from marelle.billing.models.invoices import ImportRun, Invoice, InvoiceLine, InvoiceQuerySet, Treasury
from marelle.billing.models.payers import Coverage, Payer
from marelle.billing.models.runs import (
    AssessedChild,
    AssessedMonth,
    Assessment,
    BillingRun,
    BillingTerms,
    InvoiceCounter,
    RunDoubt,
    RunTotal,
    Share,
)

__all__ = [
    "Addressee",
    "AssessedChild",
    "AssessedMonth",
    "Assessment",
    "BillingRun",
    "BillingTerms",
    "Coverage",
    "ImportRun",
    "Invoice",
    "InvoiceCounter",
    "InvoiceLine",
    "InvoiceQuerySet",
    "Payer",
    "RunDoubt",
    "RunTotal",
    "Share",
    "Treasury",
]
