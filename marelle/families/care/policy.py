"""What a home may do with each part of a health sheet, as the authority's table of fields says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db.models import Count, IntegerField, Subquery, Value

from marelle.families.fields import On, Policy, fields_on, policy_for
from marelle.families.models import FieldPolicy

PAI: Final = "health.pai"
VACCINATIONS: Final = "health.vaccinations"

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "health.allergies": ("allergies", "is_severe"),
    PAI: ("pai", "pai_until", "pai_meal"),
    "health.treatments": ("treatments",),
    "health.remarks": ("remarks",),
    "health.doctor": ("doctor_name", "doctor_phone"),
    VACCINATIONS: (),
}
"""Columns of the sheet that each field of the table stands for."""


def health_policies(*, by_agent: bool) -> dict[str, Policy]:
    """The rule of each field of health, by code; one query."""
    chosen = dict(FieldPolicy.objects.filter(code__startswith="health.").values_list("code", "policy"))
    return {field.code: policy_for(field, chosen, by_agent=by_agent) for field in fields_on(On.HEALTH)}


def health_shut(*, by_agent: bool) -> Subquery:
    """Inside a query: on how many fields of health nobody of a home, or no agent for it, may write."""
    shut = (Policy.HIDDEN,) if by_agent else (Policy.HIDDEN, Policy.READ_ONLY)
    rows = FieldPolicy.objects.filter(code__in=COLUMNS, policy__in=[policy.value for policy in shut])
    counted = rows.order_by().annotate(all=Value(1)).values("all").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())


def columns_under(policies: Mapping[str, Policy], *kept: Policy) -> frozenset[str]:
    """Columns of the sheet whose rule is one of `kept`."""
    return frozenset(
        column for code, columns in COLUMNS.items() if policies[code] in kept for column in columns
    )
