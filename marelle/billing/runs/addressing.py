"""Who bills are addressed to, as the files of the homes say on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from marelle.billing.addressed import Addressed, HomeAdult, who_answers
from marelle.billing.models import Addressee, Invoice
from marelle.core.rows import columns
from marelle.families.models import Family, Guardianship, Member, Residence
from marelle.families.selectors import current


def addressees_write(pairs: Iterable[tuple[Invoice, Addressed]]) -> None:
    """Freeze on each bill whom it is addressed to. In the transaction that writes the bill."""
    Addressee.objects.bulk_create(Addressee(invoice=invoice, **asdict(text)) for invoice, text in pairs)


def homes_addressed(family_ids: Collection[int], day: date) -> dict[int, Addressed]:
    """Of each of these homes, as its file says on `day`; three queries."""
    adults: dict[int, list[HomeAdult]] = defaultdict(list)
    for row in _adults(family_ids, day):
        adults[row.family_id].append(row.adult)
    homes = Family.objects.filter(pk__in=family_ids).values_list("pk", "number", "name")
    lived = _lived(family_ids, day)
    return {
        pk: _addressed(who_answers(adults[pk], day), lived.get(pk), number=number, name=name)
        for pk, number, name in homes
    }


def _addressed(adult: HomeAdult | None, residence: Residence | None, *, number: str, name: str) -> Addressed:
    """Of a home of children alone, the name of its file."""
    return Addressed(
        last_name=adult.last_name if adult else name,
        first_name=adult.first_name if adult else "",
        civility=adult.civility if adult else "",
        birth_date=adult.birth_date if adult else None,
        street=residence.street if residence else "",
        postal_code=residence.postal_code if residence else "",
        city=residence.city if residence else "",
        reference=number,
    )


class _Adult(NamedTuple):
    family_id: int
    adult: HomeAdult


_ADULT = columns(
    _Adult,
    "family_id",
    adult=columns(
        HomeAdult,
        "until",
        "answers",
        first_name="person__first_name",
        last_name="person__last_name",
        birth_date="person__birth_date",
        civility="person__civility",
    ),
)


def _adults(family_ids: Collection[int], day: date) -> Iterable[_Adult]:
    """Those who have come by `day`, in the order of their file."""
    answers = Guardianship.objects.filter(
        current(day),
        adult_id=OuterRef("person_id"),
        has_authority=True,
        child__memberships__family_id=OuterRef("family_id"),
    )
    rows = Member.objects.filter(family__in=family_ids, kind=Member.Kind.ADULT, since__lte=day)
    return _ADULT.of(rows.annotate(answers=Exists(answers)).order_by("pk"))


def _lived(family_ids: Collection[int], day: date) -> dict[int, Residence]:
    """Where each lives on `day`; else at the first address known."""
    found: dict[int, Residence] = {}
    for row in Residence.objects.filter(family__in=family_ids).order_by("since", "pk"):
        if row.since <= day or row.family_id not in found:
            found[row.family_id] = row
    return found
