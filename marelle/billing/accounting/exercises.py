"""Which bills are of which exercise."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from marelle.billing.models import BillingRun, Invoice, InvoiceQuerySet
from marelle.billing.terms import LAST_OF_EXERCISE, exercise_of


def in_exercise(exercise: int) -> Q:
    """Invoices of the exercise: as its run says, and of what came by a file, as `terms.exercise_of` does."""
    first, next_first = date(exercise, 1, 1), date(exercise + 1, 1, 1)
    own = Q(month__gte=first, month__lt=next_first, issued_on__lte=date(exercise + 1, *LAST_OF_EXERCISE))
    sent_late = Q(month__lt=first, issued_on__gte=first, issued_on__lt=next_first) & (
        Q(month__lt=date(exercise - 1, 1, 1)) | Q(issued_on__gt=date(exercise, *LAST_OF_EXERCISE))
    )
    return Q(run__exercise=exercise) | Q(Q(run=None), own | sent_late)


def bills_of(authority_id: int, exercise: int) -> InvoiceQuerySet:
    """Bills alone: a credit note is of the exercise of the bill that it takes from."""
    rows = Invoice.objects.filter(in_exercise(exercise), authority_id=authority_id)
    return rows.exclude(kind=Invoice.Kind.CREDIT)


def exercises_of(authority_id: int) -> list[int]:
    """Those that have bills, the newest first; two queries."""
    made = BillingRun.objects.filter(authority_id=authority_id, invoices__isnull=False)
    found = set(made.order_by().values_list("exercise", flat=True).distinct())
    by_file = Invoice.objects.filter(authority_id=authority_id, run=None).order_by()
    found |= {
        exercise_of(month, issued_on)
        for month, issued_on in by_file.values_list("month", "issued_on").distinct()
    }
    return sorted(found, reverse=True)
