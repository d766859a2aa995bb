"""A youth whose parent opened its planning to it, by an account of its own."""

from __future__ import annotations

from datetime import time

from marelle.accounts.models import User
from marelle.core.actor import Guest
from marelle.core.clock import instant_at
from marelle.demo.accounts import STAFF, YOUTH
from marelle.demo.apart import joined, youths
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import TeenAccess, TeenPermission
from marelle.families.models import Person


def open_to_a_youth(places: Places, year: SchoolYear) -> None:
    """It books the outings of the club itself; whatever else it is enrolled in, it sees."""
    stay = youths(places).first() or joined(places, "sorties").first()
    if stay is None:
        return
    parent = Person.objects.filter(wards__child=stay.person, memberships__family=stay.family).earliest("pk")
    user = User.objects.create(
        identifier=YOUTH.identifier,
        display_name=str(stay.person),
        email=f"{YOUTH.identifier}@college.example",
        password=User.objects.get(identifier=STAFF[0].identifier).password,
        is_demo=True,
        guest=Guest.TEEN.value,
    )
    given = {"given_at": instant_at(year.first_day, time(18)), "given_by": str(parent)}
    access = TeenAccess.objects.create(family=stay.family, child=stay.person, account=user, **given)
    TeenPermission.objects.create(access=access, activity=stay.activity, **given)
