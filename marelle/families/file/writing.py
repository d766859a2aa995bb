"""Writing a value of the file, whoever decided it: the one place that knows where each field lives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from marelle.core.sealed import CannotOpen
from marelle.families.fields import FileField, Kind
from marelle.families.file.values import UNREADABLE
from marelle.families.finding.index import families_index, person_index
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, Told
from marelle.families.incomes.writing import income_put, income_row
from marelle.families.models import Family, Income, Person, Residence, Schooling
from marelle.places.models import Commune
from marelle.places.rules import school_year_of


def value_write(
    field: FileField,
    family: Family,
    person: Person | None,
    value: Mapping[str, str],
    *,
    source: str,
    day: date,
    proved: bool = False,
) -> None:
    """Store a value that `values.checked` gave. `source` says on what a dated row rests, `proved` whether
    that is a proof. Raises CannotOpen, CannotSeal."""
    match field.kind:
        case Kind.ADDRESS:
            residence_put(family, value, since=date.fromisoformat(value["since"]), source=source)
        case Kind.INCOME:
            status = IncomeStatus.PROVED if proved else IncomeStatus.DECLARED
            income_put(
                family.pk,
                IncomeKind.QUOTIENT,
                Told(status, amount_of(value)),
                since=date.fromisoformat(value["since"]),
                source=source,
            )
        case Kind.SCHOOL if person is not None:
            schooling_put(person.pk, value, school_year=school_year_of(day))
        case _:
            _column_write(field, family if person is None else person, value["value"])
            if person is None:
                families_index([family.pk], day=day)
            else:
                person_index(person.pk, day=day)


DATED: Final = (Kind.ADDRESS, Kind.INCOME, Kind.SCHOOL)
"""Kinds whose values live in rows, one a day or one a school year."""

KEYS: Final = ("id", "family_id", "child_id", "since", "school_year")
"""Columns by which such a row is found; the others are what it holds."""


def dated_row(
    field: FileField, family: Family, person: Person | None, *, since: date | None, day: date
) -> Residence | Income | Schooling | None:
    """The row over which a value that counts from `since`, or for the school year of `day`, is written."""
    match field.kind:
        case Kind.ADDRESS if since is not None:
            return Residence.objects.filter(family=family, since=since).first()
        case Kind.INCOME if since is not None:
            return income_row(family.pk, IncomeKind.QUOTIENT, since)
        case Kind.SCHOOL if person is not None:
            return Schooling.objects.filter(child=person, school_year=school_year_of(day)).first()
        case _:
            return None


def columns_of(row: Residence | Income | Schooling | None) -> dict[str, Any] | None:
    """All that a dated row holds; None without a row."""
    if row is None:
        return None
    held = {one.attname: getattr(row, one.attname) for one in row._meta.fields if one.attname not in KEYS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in held.items()}


def residence_put(
    family: Family,
    value: Mapping[str, str],
    *,
    since: date,
    source: str,
    commune_id: int | None = None,
) -> Residence:
    """Where the home lives from `since`; the same day given again replaces what was said.

    Without a `commune_id` the commune is that of the same name and postal code, if the portal knows it.
    """
    row, _ = Residence.objects.update_or_create(
        family=family,
        since=since,
        defaults={
            "street": value["street"],
            "postal_code": value["postal_code"],
            "city": value["city"],
            "commune_id": commune_id or commune_named(value["city"], value["postal_code"]),
            "source": source,
        },
    )
    return row


def commune_named(city: str, postal_code: str) -> int | None:
    """The commune that makes a home a resident: names are compared as people write them."""
    for pk, name in Commune.objects.filter(postal_code=postal_code).values_list("pk", "name"):
        if _plain(name) == _plain(city):
            return int(pk)
    return None


def residences_attach(commune: Commune) -> int:
    """Give a commune the addresses of its name and postal code that have none: written before the portal
    knew it. Returns how many."""
    rows = Residence.objects.filter(commune=None, postal_code=commune.postal_code)
    name = _plain(commune.name)
    ids = [pk for pk, city in rows.values_list("pk", "city") if _plain(city) == name]
    return Residence.objects.filter(pk__in=ids, commune=None).update(commune=commune)


def amount_of(value: Mapping[str, str]) -> Decimal:
    """Raises CannotOpen for one that was read without its key."""
    if value["amount"] == UNREADABLE:
        raise CannotOpen
    return Decimal(value["amount"])


def schooling_put(child_id: int, value: Mapping[str, str], *, school_year: int) -> Schooling:
    row, _ = Schooling.objects.update_or_create(
        child_id=child_id,
        school_year=school_year,
        defaults={
            "school_id": int(value["school"]),
            "level": value["level"],
            "teacher": value.get("teacher", ""),
            "corrected": True,
            "until": None,
        },
    )
    return row


def _column_write(field: FileField, row: Family | Person, text: str) -> None:
    written = [field.column]
    if field.kind in (Kind.BIRTH, Kind.TERM):
        setattr(row, field.column, date.fromisoformat(text) if text else None)
    else:
        setattr(row, field.column, text)
    if field.kind is Kind.BIRTH and text and isinstance(row, Person) and row.expected_on is not None:
        row.expected_on = None
        written.append("expected_on")
    row.save(update_fields=written)


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("-", " ").replace("’", "'").split())
