"""Builds the demo world, or many copies of it for benchmarks."""

from __future__ import annotations

from datetime import date, time, timedelta
from random import Random

from django.core.management import call_command
from django.db import transaction

from marelle.accounts.models import User
from marelle.core.clock import instant_at
from marelle.demo.apart import set_homes_apart
from marelle.demo.asked import ask_for_bookings
from marelle.demo.billed import bill_here, months_made_here
from marelle.demo.bookings import Filling
from marelle.demo.care import write_care
from marelle.demo.definitions import write_definitions
from marelle.demo.desk import work_at_the_desk
from marelle.demo.dormant import let_homes_be
from marelle.demo.enrolments import follow_up, write_last_year
from marelle.demo.exchanges import exchange_messages, keep_replies, publish_news
from marelle.demo.files import write_files
from marelle.demo.invoices import bill
from marelle.demo.models import World
from marelle.demo.mornings import come_in_the_mornings
from marelle.demo.openings import write_openings
from marelle.demo.outbox import show_every_mail
from marelle.demo.papers import write_papers
from marelle.demo.people import homes
from marelle.demo.people_rows import (
    hashed_password,
    write_enrolments,
    write_guests,
    write_people,
    write_staff,
)
from marelle.demo.places import Places
from marelle.demo.relay import write_relay
from marelle.demo.reminded import remind
from marelle.demo.replicate import replicate
from marelle.demo.requests import ask, visit
from marelle.demo.restricted import keep_a_home_away
from marelle.demo.stays import stays
from marelle.demo.taken import note_traits, take_products
from marelle.demo.wished import wish_for_places
from marelle.demo.year import SchoolYear
from marelle.demo.youth import open_to_a_youth
from marelle.families.finding.index import index_rebuild
from marelle.families.models import Family
from marelle.files.apart import alone
from marelle.files.models import Store

SEED = 2026
FAMILIES = 60
TERRITORY = range(FAMILIES, 39, -1)
"""Families of one territory: a bigger world is made of several that are alike."""


class NotOurs(Exception):
    """The database holds families or accounts that the demo did not build: it touches nothing."""


def is_fresh(today: date) -> bool:
    """Whether a world built this week is there: then what people did in it is kept."""
    monday = today - timedelta(days=today.weekday())
    return World.objects.filter(day__gte=monday, day__lte=today).exists()


def wipe() -> None:
    """Empty the database of a world that the demo built; raises `NotOurs` for any other."""
    if not World.objects.exists() and (Family.objects.exists() or User.objects.exists()):
        raise NotOurs
    if World.objects.exists():
        store = list(Store.objects.all())
        call_command("flush", interactive=False, verbosity=0)
        Store.objects.bulk_create(store)


def build(*, today: date, families: int = FAMILIES, seed: int = SEED) -> World:
    """Build the world of `families` homes as of `today` in an empty database, all or nothing.

    One of several territories is for the bench: its children are everywhere, all the week long, and its
    structures have the places for it. A thousand homes then hold some 50,000 bookings a month.

    Raises ValueError for a number of families that no number of like territories makes.
    """
    size = territory_size(families)
    with transaction.atomic(), alone():
        row = World.objects.create(day=today, seed=seed, families=families)
        places = _build_territory(SchoolYear(today), size, Random(seed), full=families > size)
        if families > size:
            replicate(families // size)
        else:
            set_homes_apart(places, SchoolYear(today))
            keep_a_home_away(places, SchoolYear(today))
            open_to_a_youth(places, SchoolYear(today))
            come_in_the_mornings(places, SchoolYear(today))
            ask_for_bookings(places, SchoolYear(today))
            wish_for_places(places, SchoolYear(today), Random(SEED))
            bill_here(places, SchoolYear(today), Random(SEED))
            remind(places, SchoolYear(today))
            let_homes_be(places, SchoolYear(today))
        follow_up(SchoolYear(today))
        index_rebuild(day=today)
        if families <= size:
            work_at_the_desk(places, SchoolYear(today))
        show_every_mail(instant_at(today, time(6)))
    return row


def territory_size(families: int) -> int:
    if families <= FAMILIES:
        return families
    for size in TERRITORY:
        if families % size == 0:
            return size
    raise ValueError(f"{families} families are not a whole number of territories of 40 to 60.")


def _build_territory(year: SchoolYear, families: int, random: Random, *, full: bool) -> Places:
    people_plan = homes(year.today, families, random)
    password = hashed_password()
    plan, places = write_definitions(year, roomy=full)
    write_staff(places, year, password)
    write_guests(password)
    people = write_people(people_plan, places, year, password, random)
    stayed = stays(plan, people_plan, year.today, random, full=full)
    joined = write_enrolments(stayed, plan, people, places, year, random)
    write_last_year(people, places, year)
    openings = write_openings(plan, places, year)
    filling = Filling(plan, year, openings, joined, random)
    filling.fill()
    openings.write_quotas()
    filling.write()
    bill(people, places, year, Random(SEED), but=() if full else months_made_here(year))
    ask(stayed, plan, people, places, year, random)
    exchange_messages(places, year)
    keep_replies(places, year)
    publish_news(places, year)
    write_papers(places, year, random)
    visit(year, random)
    write_care(people_plan, people, places, year, random)
    write_files(people, year, Random(SEED))
    write_relay(year)
    take_products(places, year)
    note_traits(places, year)
    return places
