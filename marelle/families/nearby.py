"""Where a home lives, as far as it tells what is near it."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db.models import BigIntegerField, F, QuerySet, Value
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth, ExtractYear

from marelle.core.listed import Listed, integers
from marelle.core.prepared import prepared
from marelle.families.models import Residence
from marelle.places.rules import Lived

DAYS: Final = 100_000_000
"""More than any day, written as 20261231: a commune and the day since are listed as one number."""


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


def lived_by(family_id: int | None) -> QuerySet[Residence, str]:
    """Where the home has lived, lives and will, as one text, to be used within a query: one row, or none.
    `lived` reads the text."""
    since = ExtractYear("since") * 10_000 + ExtractMonth("since") * 100 + ExtractDay("since")
    where = Coalesce(F("commune_id"), Value(0), output_field=BigIntegerField()) * DAYS + since
    homes = Residence.objects.filter(family=family_id).order_by().values("family_id")
    return homes.annotate(lived=Listed(where)).values_list("lived", flat=True)


def lived(text: str | None) -> tuple[Lived, ...]:
    """The communes of a home by their days, for `commune_on`; none of a home without an address."""
    return tuple(_lived(*divmod(number, DAYS)) for number in integers(text))


def _lived(commune_id: int, since: int) -> Lived:
    year, day = divmod(since, 10_000)
    return Lived(date(year, *divmod(day, 100)), commune_id or None)


def communes_lived(family_id: int | None) -> tuple[Lived, ...]:
    """The same of one home, read now; one query."""
    return lived(next(iter(_communes_lived(family_id)), None))


@prepared
def _communes_lived(family_id: int | None) -> QuerySet[Residence, str]:
    return lived_by(family_id)
