"""Which acts are on the bills of an authority: what they are about says so, whoever did them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.db.models import Q

from marelle.billing.models import (
    BillingRun,
    BillingTerms,
    Contest,
    Coverage,
    Deferral,
    ExerciseClosing,
    ImportRun,
    Invoice,
    Mandate,
    Payer,
    PayerAccess,
    Reminder,
    ReminderRun,
    ReminderStep,
    StrayPayment,
    Treasury,
    TresorExport,
    TresorTerms,
)
from marelle.core.actor import Actor
from marelle.places.scope import in_office

SUBJECTS: Final[Mapping[str, tuple[type[models.Model], str]]] = {
    "billing_run": (BillingRun, "authority__"),
    "billing_terms": (BillingTerms, "authority__"),
    "contest": (Contest, "line__invoice__authority__"),
    "coverage": (Coverage, "authority__"),
    "deferral": (Deferral, "authority__"),
    "exercise": (ExerciseClosing, "authority__"),
    "import": (ImportRun, "authority__"),
    "invoice": (Invoice, "authority__"),
    "mandate": (Mandate, "authority__"),
    "payer": (Payer, "authority__"),
    "payer_access": (PayerAccess, "payer__authority__"),
    "reminder": (Reminder, "run__authority__"),
    "reminder_run": (ReminderRun, "authority__"),
    "reminder_step": (ReminderStep, "authority__"),
    "stray_payment": (StrayPayment, "authority__"),
    "treasury": (Treasury, "authority__"),
    "tresor_export": (TresorExport, "authority__"),
    "tresor_terms": (TresorTerms, "authority__"),
}
"""By kind of subject: the row, and the way from it to its authority."""


def on_bills(actor: Actor, authority_id: int | None = None) -> Q:
    """Of the authorities whose office the actor is, or of that one of them."""
    found = Q(pk__in=[])
    for kind, (model, way) in SUBJECTS.items():
        rows = model._default_manager.filter(in_office(actor, way))
        if authority_id is not None:
            rows = rows.filter(**{f"{way}pk": authority_id})
        found |= Q(subject_kind=kind, subject_id__in=rows.order_by().values("pk"))
    return found
