"""Tables of bills: those that come by files, those made here, the runs, what leaves, what is paid, what
is reminded."""

from marelle.billing.models.addressees import Addressee
from marelle.billing.models.closings import ExerciseClosing, LeftToRecover
from marelle.billing.models.contests import Contest
from marelle.billing.models.invoices import ImportRun, Invoice, InvoiceLine, InvoiceQuerySet, Treasury
from marelle.billing.models.mandates import AnnouncedDebit, Mandate, MandateQuerySet
from marelle.billing.models.payers import Coverage, Payer, PayerAccess
from marelle.billing.models.payments import Payment
from marelle.billing.models.reminders import Deferral, Reminder, ReminderBill, ReminderRun, ReminderStep
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
from marelle.billing.models.strays import StrayPayment
from marelle.billing.models.trails import ImportTrail
from marelle.billing.models.tresor import ExportedBill, TresorCounter, TresorExport, TresorTerms

__all__ = [
    "Addressee",
    "AnnouncedDebit",
    "AssessedChild",
    "AssessedMonth",
    "Assessment",
    "BillingRun",
    "BillingTerms",
    "Contest",
    "Coverage",
    "Deferral",
    "ExerciseClosing",
    "ExportedBill",
    "ImportRun",
    "ImportTrail",
    "Invoice",
    "InvoiceCounter",
    "InvoiceLine",
    "InvoiceQuerySet",
    "LeftToRecover",
    "Mandate",
    "MandateQuerySet",
    "Payer",
    "PayerAccess",
    "Payment",
    "Reminder",
    "ReminderBill",
    "ReminderRun",
    "ReminderStep",
    "RunDoubt",
    "RunTotal",
    "Share",
    "StrayPayment",
    "Treasury",
    "TresorCounter",
    "TresorExport",
    "TresorTerms",
]
