"""Other files that may be of one home: a child of the same name and birth, an adult's mail or phone."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.db.models.functions import Lower

from marelle.core.tabular import plain
from marelle.families.models import Family, Member
from marelle.families.selectors import current
from marelle.families.telephones import has_own_phone, own_phones

MOST = 10
"""Files shown: more would be a mail of the service, given for everybody."""


def likely_files(family: Family, *, day: date) -> tuple[Family, ...]:
    """Files that share a person's name and birth, a mail or a phone with this one; three queries.

    Not those that share a child itself: parents apart are in two files, and rightly so.
    """
    people = [row.person for row in family.members.filter(current(day)).select_related("person")]
    names = {(plain(one.first_name), one.birth_date) for one in people if one.birth_date is not None}
    same = Q(person__birth_date__in={born for _name, born in names})
    if mails := {one.email.lower() for one in people if one.email}:
        same |= Q(mail__in=mails)
    phones = {phone for one in people for phone in own_phones(one)}
    same |= has_own_phone("person", phones)
    rows = (
        Member.objects.annotate(mail=Lower("person__email"))
        .filter(same, current(day))
        .exclude(family=family)
        .exclude(person__in=[one.pk for one in people])
        .select_related("family", "person")
        .order_by("family__name", "pk")
    )
    found: dict[int, Family] = {}
    for row in rows:
        one = row.person
        reached = one.email.lower() in mails if one.email else False
        reached = reached or not phones.isdisjoint(own_phones(one))
        if reached or (plain(one.first_name), one.birth_date) in names:
            found.setdefault(row.family_id, row.family)
    return tuple(found.values())[:MOST]
