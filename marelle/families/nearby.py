"""Where a home lives, as far as it tells what is near it."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet, Subquery

from marelle.core.prepared import prepared
from marelle.families.models import Residence
from marelle.places.models import Authority


def commune_of(family_id: int | None, day: date) -> QuerySet[Residence, int | None]:
    """Key of the commune where the home lives on `day`, to be used within a query: one row, or none."""
    lived_in = Residence.objects.filter(family=family_id, since__lte=day).order_by("-since", "-pk")
    return lived_in.values_list("commune_id", flat=True)[:1]


def commune_id_of(family_id: int | None, day: date) -> int | None:
    """The same, read now; one query."""
    return next(iter(_commune_id(family_id, day)), None)


@prepared
def _commune_id(family_id: int | None, day: date) -> QuerySet[Residence, int | None]:
    return commune_of(family_id, day)


def home_authorities(family_id: int, day: date) -> QuerySet[Authority]:
    """The authorities of that commune; none for a home of no known commune."""
    return Authority.objects.filter(communes=Subquery(commune_of(family_id, day))).order_by()
