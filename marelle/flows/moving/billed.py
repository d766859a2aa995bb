"""Which months of the days that are brought are billed here: those of another software never are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from marelle.activities.models import Activity
from marelle.billing.runs.services import terms_held
from marelle.billing.terms import terms_of
from marelle.flows.moving.plans import Summed


def months_billed_here(sums: Iterable[Summed], day: date) -> tuple[date, ...]:
    """The months gone by, or begun on `day`, that the authority of an activity bills here: what is brought of
    their days counts in its bills."""
    wanted = {(one.about.id, one.month) for one in sums if one.month is not None and one.month <= day}
    rows = Activity.objects.filter(pk__in={pk for pk, _month in wanted if pk is not None})
    authorities = dict(rows.values_list("pk", "structure__authority_id"))
    terms = {pk: terms_held(pk) for pk in sorted(set(authorities.values()))}
    found = {
        month
        for pk, month in wanted
        if month is not None and pk in authorities and terms_of(month, terms[authorities[pk]]).made_here
    }
    return tuple(sorted(found))
