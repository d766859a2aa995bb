"""Two homes of which nobody hears: one to confirm on « Foyers sans nouvelles », one that may still answer."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Final, NamedTuple

from marelle.accounts.models import User
from marelle.core.clock import instant_at, months_after
from marelle.demo.accounts import SILENT, STAFF, DemoAccount
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.families.models import Family, Guardianship, Member, Person, Residence
from marelle.flows.home.dormant import ANSWER, DELAY, dormants_told
from marelle.places.delays import months_kept


class Sleeper(NamedTuple):
    """A home of one adult and one child: its account, and how long ago it was told."""

    account: DemoAccount
    child: str
    phone: str
    told: timedelta


HOMES: Final = (
    Sleeper(DemoAccount("sorel", "Irène Sorel", ""), "Gaspard", "06 39 98 10 31", ANSWER + timedelta(days=9)),
    Sleeper(SILENT, "Lison", "06 39 98 10 32", timedelta(days=6)),
)

LAST_CAME: Final = timedelta(days=12)
"""Before the delay after which a home is told."""

OPENED: Final = timedelta(days=5 * 365)
BORN: Final = timedelta(days=13 * 365)


def let_homes_be(places: Places, year: SchoolYear) -> None:
    """They came when their child was smaller; nothing was heard of them since, but that they were told."""
    password = User.objects.get(identifier=STAFF[0].identifier).password
    for home in HOMES:
        _write(home, places, year, password)
    for home in HOMES:
        dormants_told(now=instant_at(year.today - home.told, time(9, 30)))


def _write(home: Sleeper, places: Places, year: SchoolYear, password: str) -> None:
    told_on = year.today - home.told
    came = instant_at(months_after(told_on, -months_kept()[DELAY]) - LAST_CAME, time(20, 15))
    first_name, name = home.account.display_name.split()
    opened = year.today - OPENED
    family = Family.objects.create(
        number=f"F{Family.objects.count() + 1:05}", name=name, created_at=instant_at(opened, time(10))
    )
    account = User.objects.create(
        identifier=home.account.identifier,
        display_name=home.account.display_name,
        email=f"{home.account.identifier}@example.org",
        password=password,
        is_demo=True,
        created_at=instant_at(opened, time(10)),
        last_login=came,
    )
    adult = Person.objects.create(
        first_name=first_name, last_name=name, email=account.email, phone=home.phone, account=account
    )
    born = year.today - BORN - home.told
    child = Person.objects.create(first_name=home.child, last_name=name, birth_date=born)
    for person, kind in ((adult, Member.Kind.ADULT), (child, Member.Kind.CHILD)):
        Member.objects.create(family=family, person=person, kind=kind, since=opened)
    Guardianship.objects.create(adult=adult, child=child, link=Guardianship.Link.GUARDIAN, since=born)
    commune = places.communes["Arelle"]
    Residence.objects.create(
        family=family,
        street="3 rue du Lavoir",
        postal_code=commune.postal_code,
        city=commune.name,
        commune=commune,
        since=opened,
        source="facture d’électricité",
    )
