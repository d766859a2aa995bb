"""What the speed table is made of, measured in one process on the database of its settings.

Each figure is a median over several homes and rounds; the processor time of a page, of the least of each
home's rounds, so that what else runs on the machine weighs little. Statements that only open or end a
transaction are not counted. Requests go through Django's test client, so through every middleware; a POST is
timed without the page that follows it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, F, OuterRef, Subquery
from django.test import Client
from django.utils import timezone

from marelle.accounts.models import User
from marelle.activities.kinds import ActivityKind
from marelle.activities.models import GaugeLevel, Opening, Quota
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING, BookingState
from marelle.demo.bench_bills import BillFigures, bill_figures
from marelle.demo.bench_clock import Clock, Spent, timed
from marelle.demo.bench_closing import ClosingFigures, closing_figures
from marelle.demo.bench_import import ImportFigures, import_figures
from marelle.demo.bench_pages import PageFigures, addresses
from marelle.demo.bench_queries import counting
from marelle.demo.bench_search import address as search_address
from marelle.demo.bench_search import office, typed
from marelle.demo.bench_staff import ROLES, staff, unseen
from marelle.demo.bench_staff import addresses as staff_addresses
from marelle.demo.bench_trial import TrialFigures, trial_figures
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member
from marelle.portal.access.stand_ins import client_of

HOMES = 7
ROUNDS = 5
CELLS = 20
MONTHS_TO_WRITE = (2, 3, 4)
AT_SCHOOL = (ActivityKind.CANTEEN, ActivityKind.AFTER_SCHOOL)
KINDS = (*AT_SCHOOL, ActivityKind.WEDNESDAY)

CELL = re.compile(r'<td class="c ([^"]*)"><label><input type=checkbox name=c value="([^"]+)"([^>]*)>')
HIDDEN = re.compile(r'<input type="?hidden"? name="?(\w+)"? value="([^"]*)">')


class BenchError(Exception):
    """A page did not answer as the measure needs."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Times in milliseconds, sizes in bytes. Processor time is that of this process: with PostgreSQL, without
    what the database server spends."""

    planning_ms: float
    planning_cpu_ms: float
    planning_queries: int
    planning_bytes: int
    dashboard_ms: float
    dashboard_cpu_ms: float
    dashboard_queries: int
    save_ms: float
    save_cpu_ms: float
    save_queries: int
    free_ms: float
    free_queries: int
    served_ms: float
    served_queries: int
    searches: dict[str, float]
    search_queries: int
    imported: ImportFigures
    closing: ClosingFigures
    trial: TrialFigures
    bills: BillFigures
    month_bookings: int
    pages: dict[str, PageFigures]
    staff_pages: dict[str, PageFigures]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Home:
    """An account of the demo and one of its children at school; 0 for an agent."""

    user: User
    child_id: int

    def client(self) -> Client:
        return client_of(self.user)

    def planning(self, month: date) -> str:
        return f"/reservations/?enfant={self.child_id}&date={month.isoformat()}&vue=mois&activite=toutes"


def measure(today: date, *, filled: bool = True) -> Measures:
    """All the figures. The month read is the next one; the month written is one that few have booked yet.

    `filled`: what the agents' side shows has been written; its pages are not measured without.
    """
    homes = sample(HOMES)
    next_month = month_after(today, 1)
    planning = [_page(home, home.planning(next_month)) for home in homes]
    dashboard = [_page(home, "/tableau-de-bord/") for home in homes]
    saves = [_save_and_free(home, today) for home in homes]
    searches = _searches(homes)
    roles = ROLES if filled else ()
    staff_pages = [(Home(staff(role), 0), staff_addresses(role, today)) for role in roles]
    if filled and (missing := unseen(label for _agent, found in staff_pages for label in found)):
        raise BenchError(f"Nobody opens {', '.join(missing)}")
    return Measures(
        planning_ms=median(time.ms for times, _queries, _size in planning for time in times),
        planning_cpu_ms=median(min(time.cpu_ms for time in times) for times, _queries, _size in planning),
        planning_queries=max(queries for _times, queries, _size in planning),
        planning_bytes=max(size for _times, _queries, size in planning),
        dashboard_ms=median(time.ms for times, _queries, _size in dashboard for time in times),
        dashboard_cpu_ms=median(min(time.cpu_ms for time in times) for times, _queries, _size in dashboard),
        dashboard_queries=max(queries for _times, queries, _size in dashboard),
        save_ms=median(save.ms for save, _free, _served in saves),
        save_cpu_ms=median(save.cpu_ms for save, _free, _served in saves),
        save_queries=max(save.queries for save, _free, _served in saves),
        free_ms=median(free.ms for _save, free, _served in saves),
        free_queries=max(free.queries for _save, free, _served in saves),
        served_ms=median(served.ms for _save, _free, served in saves),
        served_queries=max(served.queries for _save, _free, served in saves),
        searches={label: median(times) for label, (times, _queries) in searches.items()},
        search_queries=max(queries for _times, queries in searches.values()),
        imported=import_figures(),
        closing=closing_figures(today),
        trial=trial_figures(today),
        bills=bill_figures(today),
        month_bookings=_bookings_of(next_month),
        pages=_pages([(home, addresses(home)) for home in homes]),
        staff_pages=_pages(staff_pages),
    )


def _bookings_of(month: date) -> int:
    """Bookings that hold a place in the month."""
    return Booking.objects.filter(state__in=HOLDING, day__gte=month, day__lt=month_after(month, 1)).count()


def _searches(homes: Sequence[Home]) -> dict[str, tuple[list[float], int]]:
    """Milliseconds of each search by the office, and the most queries, by what is typed."""
    agent = Home(office(), 0)
    found = {}
    for label, queries in typed(homes).items():
        pages = [_page(agent, search_address(query)) for query in queries]
        times = [time.ms for spent, _count, _size in pages for time in spent]
        found[label] = (times, max(count for _spent, count, _size in pages))
    return found


def _pages(asked: Sequence[tuple[Home, dict[str, str]]]) -> dict[str, PageFigures]:
    """Every page asked for by an account, by what it is called."""
    spent: dict[str, list[tuple[list[Spent], int, int]]] = {}
    for home, pages in asked:
        for label, url in pages.items():
            spent.setdefault(label, []).append(_page(home, url))
    return {
        label: PageFigures(
            ms=median(time.ms for times, _queries, _size in found for time in times),
            cpu_ms=median(min(time.cpu_ms for time in times) for times, _queries, _size in found),
            queries=max(queries for _times, queries, _size in found),
            size=max(size for _times, _queries, size in found),
        )
        for label, found in spent.items()
    }


def sample(count: int) -> list[Home]:
    """Homes spread over the whole table, with a child who eats at school, stays after it and comes on
    Wednesdays: some two hundred cells a month.

    None who books by the hour: the posts below carry checkboxes alone.
    """
    found = (
        Enrolment.objects.filter(
            state=Enrolment.State.ACCEPTED,
            activity__kind__in=KINDS,
            family__members__kind=Member.Kind.ADULT,
            family__members__person__account__isnull=False,
        )
        .exclude(person__enrolments__activity__slots__by_hour=True)
        .values_list("person_id", "family__members__person__account")
        .annotate(activities=Count("activity__kind", distinct=True))
        .filter(activities=len(KINDS))
        .order_by("family__members__person__account")
    )
    accounts = {account: child for child, account, _n in found}
    users = sorted(accounts)
    step = max(1, len(users) // count)
    chosen = User.objects.in_bulk(users[::step][:count])
    return [Home(user, accounts[pk]) for pk, user in chosen.items()]


def _page(home: Home, url: str) -> tuple[list[Spent], int, int]:
    client = home.client()
    _ask(client, url)
    with counting() as seen:
        body = _ask(client, url)
    return _times(client, url), len(seen), len(body)


def page_spent(home: Home, url: str) -> list[Spent]:
    """A page's rounds, after one that warms the process."""
    client = home.client()
    _ask(client, url)
    return _times(client, url)


def _times(client: Client, url: str) -> list[Spent]:
    return [timed(lambda: _ask(client, url)) for _round in range(ROUNDS)]


def _ask(client: Client, url: str) -> bytes:
    response = client.get(url)
    if response.status_code != 200:
        raise BenchError(f"{url} answers {response.status_code}")
    return response.content


def _save_and_free(home: Home, today: date) -> tuple[Spent, Spent, Spent]:
    """Book twenty free cells, give them back, book them again, give them back while others wait for each."""
    client = home.client()
    url, keys = month_to_write(client, home, today)
    saved = post(client, url, add=keys)
    _expect(keys, CELLS)
    freed = post(client, url, remove=keys)
    _expect(keys, 0)
    post(client, url, add=keys)
    waiting = _make_others_wait(keys)
    served = post(client, url, remove=keys)
    _expect(keys, 0)
    _forget(waiting, keys)
    return saved, freed, served


def month_to_write(client: Client, home: Home, today: date) -> tuple[str, list[str]]:
    """The first month with twenty free cells, from the second on: few have booked that far."""
    for ahead in MONTHS_TO_WRITE:
        url = home.planning(month_after(today, ahead))
        keys = _free_keys(_ask(client, url).decode())[:CELLS]
        if len(keys) == CELLS:
            return url, keys
    raise BenchError(f"No month of child {home.child_id} has {CELLS} free cells.")


def post(client: Client, url: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Spent:
    page = _ask(client, url).decode()
    ticked = {key for _css, key, attributes in CELL.findall(page) if "checked" in attributes}
    fields: dict[str, Any] = {name: html.unescape(value) for name, value in HIDDEN.findall(page)}
    fields["c"] = sorted((ticked | set(add)) - set(remove))
    with counting() as seen:
        clock = Clock()
        response = client.post(url, fields)
        spent = clock.spent()
    if response.status_code not in {200, 302, 303}:
        raise BenchError(f"POST {url} answers {response.status_code}")
    return replace(spent, queries=len(seen))


def _free_keys(page: str) -> list[str]:
    """Free cells at school, where no slot asks for another or excludes it."""
    cells = CELL.findall(page)
    keys = [
        key
        for css, key, attributes in cells
        if "checked" not in attributes and "disabled" not in attributes and "full" not in css
    ]
    at_school = Opening.objects.filter(pk__in=_openings(keys), activity__kind__in=AT_SCHOOL)
    ids = set(at_school.values_list("pk", flat=True))
    return [key for key, opening_id in zip(keys, _openings(keys), strict=True) if opening_id in ids]


def _openings(keys: Sequence[str]) -> list[int]:
    return [int(key.split(".")[1]) for key in keys]


def _expect(keys: Sequence[str], booked: int) -> None:
    child = int(keys[0].split(".")[0])
    found = Booking.objects.filter(
        child_id=child, opening_id__in=_openings(keys), state=BookingState.BOOKED
    ).count()
    if found != booked:
        raise BenchError(f"{found} bookings where {booked} were expected")


def _make_others_wait(keys: Sequence[str]) -> list[int]:
    """Fill each opening to its last place and put a child of the same activity on its waiting list."""
    child, ids = int(keys[0].split(".")[0]), _openings(keys)
    Quota.objects.filter(openings__in=ids).update(capacity=F("taken"))
    waiting: list[Booking] = []
    for opening in Opening.objects.filter(pk__in=ids):
        other = (
            Enrolment.objects.filter(activity_id=opening.activity_id, state=Enrolment.State.ACCEPTED)
            .filter(starts_on__lte=opening.day)
            .exclude(person_id=child)
            .exclude(person__bookings__day=opening.day)
            .order_by("pk")
            .first()
        )
        if other is not None:
            waiting.append(_waiting(opening, other, timezone.now()))
    return [row.pk for row in Booking.objects.bulk_create(waiting)]


def _waiting(opening: Opening, enrolment: Enrolment, now: datetime) -> Booking:
    return Booking(
        opening=opening,
        child_id=enrolment.person_id,
        family_id=enrolment.family_id,
        enrolment=enrolment,
        day=opening.day,
        starts_at=opening.starts_at,
        ends_at=opening.ends_at,
        state=BookingState.WAITING,
        queued_at=now,
        created_at=now,
        created_by="bench",
    )


def _forget(waiting: Sequence[int], keys: Sequence[str]) -> None:
    """Take the others away and give the openings their room again."""
    ids = _openings(keys)
    served = Booking.objects.filter(pk__in=waiting, state=BookingState.BOOKED)
    for opening_id in served.values_list("opening_id", flat=True):
        Quota.objects.filter(openings=opening_id).update(taken=F("taken") - 1)
    Booking.objects.filter(pk__in=waiting).delete()
    level = GaugeLevel.objects.filter(gauge=OuterRef("gauge")).order_by("-since")
    Quota.objects.filter(openings__in=ids).update(capacity=Subquery(level.values("capacity")[:1]))


def month_after(today: date, months: int) -> date:
    first = today.replace(day=1)
    for _month in range(months):
        first = (first + timedelta(days=32)).replace(day=1)
    return first
