"""What others hold secret changes no byte of what a visitor reads: pages, files, feeds, copies and mails.

Two worlds with the same rows, where all that is not the visitor's to read is written otherwise. Of who serves
a home, it is what another authority has of it, in a third world not there at all.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from html import unescape
from io import BytesIO
from typing import Final, cast
from zipfile import ZipFile

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Max, Model, QuerySet
from django.http import HttpResponse

from marelle.accounts.models import User
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.saving.telling import SAVED
from marelle.campaigns.models import Wish
from marelle.core.personal import PersonalData, declared
from marelle.core.sealed import seal
from marelle.core.subject import Subject
from marelle.enrolments.models import CallNote, Enrolment
from marelle.families.models import (
    Consent,
    Family,
    Guardianship,
    Person,
    ProposedIncome,
    Restriction,
)
from marelle.files.apart import alone
from marelle.flows.actor.actors import actor_for
from marelle.flows.actor.feed import feed_token
from marelle.flows.home.personal_rows import of_own_home, rows_of
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.models import Message
from marelle.messaging.models import Thread
from marelle.relay.models import CareRequest
from tests.care import contact, sheets_say
from tests.full_house import FullHouse, leads_to_authority
from tests.opened import OPEN
from tests.rewriting import Reads, Rows, rewrite, rewrite_accounts, rewritten_columns, rows_read
from tests.roles.sent import POSTED, QUERY, filled
from tests.roles.table import ADDRESSES
from tests.roles.world import NOW
from tests.scenario import Plain, session_of
from tests.test_outsiders import links_of, reached, starts_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

VIEWERS: Final = (
    "other_home",
    "animator",
    "office",
    "anonymous",
    "payer",
    "teen",
    "childminder",
    *(
        pytest.param(role, marks=pytest.mark.prove)  # as the other home, the office, and who works here
        for role in ("parent", "other_parent", "director", "other_office", "other_director", "other_animator")
    ),
)

KNOWN: Final[dict[str, set[type[Model]]]] = {
    "office": {Enrolment, Booking, Thread, Entry},  # it may act for any home, whose page says where it goes
    "director": set(),
}
"""Of who serves the home, whose secrets are another authority's: the tables whose rows it may know of."""
OF_ALL: Final = ("/agents/effacements/", "/tirages/")
"""An erasure is of the whole file: who decides on it reads how many rows go, whosever they are. A draw is of
all who asked, by tickets that name nobody."""
READS_ACCOUNTS: Final = ("other_office", *KNOWN)
"""Who reads the accounts of a home with its file."""

RANDOM: Final = (
    re.compile(rb"[jkqwxz]{32,64}"),  # tokens of forms: see `tests/conftest.py`
    re.compile(rb'name="form" value="[0-9a-f-]{36}"'),
    re.compile(rb"&quot;(?:keyPrefix|nonce|salt|signature)&quot;: &quot;[^&]*&quot;"),  # asked of robots
    re.compile(rb'name="robot_token" value="[^"]*"'),
    re.compile(rb"&quot;challenge&quot;: &quot;[^&]*&quot;"),  # asked of a passkey
    re.compile(b"combien font [^?]*\\?"),
    re.compile(rb'<p class="door-code">[^<]*'),
)
ELSEWHERE: Final = "/demo/"
"""The demo's box of mails, which a portal of a real authority has not."""

REFUSED: Final = 405
"""A method that no page answers to, whatever the rows and whoever asks: not asked for again."""
FORBIDDEN: Final = 403
"""Who has no business on that side has none by any method: `tests/test_roles.py` holds it."""
no_page: Final[set[tuple[str, str]]] = set()
"""Methods and addresses that were refused so."""


@dataclass(frozen=True, slots=True)
class Seen:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    mails: tuple[tuple[str, ...], ...] = ()
    reads: Reads = field(default_factory=Reads, compare=False)

    @property
    def leads_to(self) -> list[str]:
        location = dict(self.headers).get("Location", "")
        return links_of(self.status, location, unescape(self.body.decode(errors="replace")))


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    data: dict[str, object] = field(default_factory=dict, compare=False)


class Viewer:
    def __init__(self, world: FullHouse, role: str) -> None:
        self.world, self.role = world, role
        self.user = world.users[role]
        person = Person.objects.filter(account=self.user).first() if self.user else None
        homes = Family.objects.filter(members__person=person) if person else Family.objects.none()
        self.families = set(homes.values_list("pk", flat=True))
        self.people = set(
            Person.objects.filter(memberships__family__in=self.families).values_list("pk", flat=True)
        )
        self.client = Plain()
        self.session = session_of(self.user) if self.user else None

    def secret(self, declaration: PersonalData) -> Rows:
        """The rows that are not of the viewer's home, nor of its people, or that point at another's.

        Of who works for the first authority, those of the third.
        """
        rows: Rows = declaration.model._base_manager.all()
        if self.role in KNOWN:
            return rows.filter(pk__in=[row.pk for row in self.world.elsewhere.rows(declaration.model)])
        for family in self.families:
            own = rows_of(declaration, family_id=family, people=self.people)
            user = self.user.pk if self.user else None
            own = of_own_home(own, declaration, family_id=family, known=self.people, user_id=user)
            rows = rows.exclude(pk__in=own.values("pk"))
        # An exchange with somebody from outside is of no home.
        return rows if declaration.model is Thread else rows.exclude(**{declaration.path or "pk": None})

    def expected(self) -> QuerySet[Person]:
        """The children of the structures where the viewer has a post."""
        stays = Enrolment.objects.filter(activity__structure__posts__user=self.user)
        return Person.objects.filter(pk__in=stays.values("person"))

    def open(self) -> set[tuple[str, int, str]]:
        """Label, row and column of what the viewer may read though it is not its own."""
        acts = Entry.objects.filter(actor_user_id=self.user.pk) if self.user else ()
        found = {("journal.Entry", act.pk, "subject_label") for act in acts}
        for one in OPEN.get(self.role, ()):
            rows = one.rows(self)
            label = rows.model._meta.label
            found |= {(label, row.pk, name) for row in rows for name in one.columns.split()}
        return found

    def walk(self) -> dict[Asked, Seen]:
        """What every address answers: those of the table of routes, and those that links lead to."""
        pages = reached(lambda path: self.asks(Asked("GET", path)), *starts_of(self.role), alike=1)
        found = {Asked("GET", path): seen for path, seen in pages if not path.startswith(ELSEWHERE)}
        rows = [{}, self.world.own[self.role]] if self.role in self.world.own else [{}]
        for own in rows:
            for address in ADDRESSES:
                path = filled(address + QUERY.get(address, ""), self.world.values(address) | own)
                if path.startswith(ELSEWHERE):
                    continue
                for asked in (Asked("GET", path), Asked("POST", path, POSTED.get(address, {}))):
                    if (asked.method, address) in no_page:
                        continue
                    found[asked] = found.get(asked) or self.asks(asked)
                    if found[asked].status == REFUSED:
                        no_page.add((asked.method, address))
                    if found[asked].status == FORBIDDEN:
                        break
        if self.user is not None:
            feed = Asked("GET", f"/calendrier/{feed_token(self.user)}.ics")
            found[feed] = self.asks(feed)
        return found

    def asks(self, asked: Asked) -> Seen:
        with transaction.atomic():
            last = Message.objects.aggregate(last=Max("pk"))["last"] or 0
            reads = Reads()
            with connection.execute_wrapper(reads):
                answer = self._sends(asked)
            body = answer.getvalue()
            mails = (
                Message.objects.filter(pk__gt=last, family_id__in=self.families)
                if asked.method != "GET"
                else ()
            )
            told = tuple((mail.to, mail.subject, mail.text, mail.html) for mail in mails)
            transaction.set_rollback(True)
        return Seen(answer.status_code, _headers(answer), _masked(body), told, reads)

    def _sends(self, asked: Asked) -> HttpResponse:
        cache.clear()
        client = self.client
        client.cookies.clear()
        if self.session:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        answer = client.get(asked.path) if asked.method == "GET" else client.post(asked.path, asked.data)
        return cast("HttpResponse", answer)


class KeptAway(Viewer):
    """The other home of the child, from which a judge keeps it away: what is the child's is another's too."""

    def __init__(self, world: FullHouse) -> None:
        super().__init__(world, "other_home")
        self.people -= {world.child_asked.pk}

    def open(self) -> set[tuple[str, int, str]]:
        return set()


def _headers(answer: HttpResponse) -> tuple[tuple[str, str], ...]:
    """But the length of the body, in which what is random has not always as many bytes."""
    return tuple(sorted(pair for pair in answer.headers.items() if pair[0] != "Content-Length"))


def _masked(body: bytes) -> bytes:
    if body.startswith(b"PK"):
        archive = ZipFile(BytesIO(body))
        body = b"\n".join(name.encode() + archive.read(name) for name in archive.namelist())
    for random in RANDOM:
        body = random.sub(b"*", body)
    return body


@pytest.fixture(autouse=True)
def _prepared_as_built() -> None:
    """Held by all other tests (`tests/conftest.py`); it cost this one a tenth of its time."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[FullHouse]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        full = FullHouse()
        full.more_homes(1)
        full.searchable()
        _derogations_written(full)
        _filled(full)
        full.served_elsewhere()
        yield full
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def _derogations_written(world: FullHouse) -> None:
    """Acts that passed a limit, with the reason why."""
    cell = {"day": "2026-12-02", "slot": "Matin", "activity": "Mercredis", "result": "booked"}
    for verb, data in (
        ("enrolment.created_by_structure", {"derogation": "Dossier social"}),
        (SAVED, {"cells": [cell | {"derogation": "Suivi médical"}]}),
    ):
        record(
            actor=actor_for(world.users["office"]),
            verb=verb,
            subject=Subject("person", world.child_asked.pk, "Zoé Durand"),
            family_id=world.durand.family.pk,
            data=data,
            now=NOW,
        )


def _filled(world: FullHouse) -> None:
    """What `FullHouse` leaves empty."""
    Attendance.objects.update(arrived_at=NOW, left_at=NOW + timedelta(hours=1))
    Booking.objects.update(changed_at=NOW)
    CallNote.objects.update(again_on=NOW.date())
    Consent.objects.update(from_hour=time(16, 30))
    sheets_say(pai_until=date(2027, 6, 30))
    ProposedIncome.objects.update(
        seen=seal("500.00"),
        seen_since=date(2026, 1, 1),
        former_amount=seal("500.00"),
        former_status=seal("proved"),
        former_until=NOW.date(),
        written_since=NOW.date(),
    )
    Thread.objects.update(staff_wrote_at=NOW)
    Thread.objects.create(
        structure=world.the_structure,
        subject="Une place en mars ?",
        name="Alex Morel",
        email="alex@ailleurs.example",
        opened_at=NOW,
        last_at=NOW,
        family_wrote_at=NOW,
    )
    Restriction.objects.create(
        child=world.child_asked,
        adult=Restriction.objects.earliest("pk").adult,
        since=date(2026, 1, 5),
        until=date(2026, 2, 5),
        reason="Juge",
        written_at=NOW,
        written_by="Line",
        confirmed_at=NOW,
        confirmed_by="Line",
        lifted_by="Line",
    )
    Restriction.objects.filter(until=None).update(refused_at=NOW, refused_by="Line")
    born = CareRequest.objects.latest("pk").pk
    CareRequest.objects.filter(pk=born).update(birth_date=date(2026, 5, 4), expected_on=None)


@pytest.mark.parametrize("role", VIEWERS)
def test_what_others_hold_changes_nothing_of_what_is_read(world: FullHouse, role: str) -> None:
    viewer = Viewer(world, role)
    before = viewer.walk()
    assert [asked for asked, seen in before.items() if seen.status >= 500] == []
    differ = _differences(before, _answers(viewer, before, lambda: _otherwise(viewer)))
    if role in KNOWN:
        of_one = {asked: seen for asked, seen in before.items() if not asked.path.startswith(OF_ALL)}
        differ += _differences(of_one, _answers(viewer, of_one, lambda: _gone(viewer, KNOWN[role])))
    assert not differ, "\n".join(differ)


STANDS: Final = {Family, Guardianship, Person, Restriction, Wish}
"""What is left of a child and of its other home, so that the rows of who is kept away lead somewhere, and the
tickets of a draw."""

OF_A_CHILD: Final = ("<id:child_id>", "<id:person_id>")
STAFF_SIDE: Final = ("/agents/", "/administration/")


def test_who_a_judge_keeps_away_learns_nothing_of_the_child(world: FullHouse) -> None:
    """Nor of the home that is protected: its rows are written otherwise, then are not there at all."""
    with transaction.atomic():
        _kept_away(world)
        viewer = KeptAway(world)
        before = viewer.walk()
        assert [asked for asked, seen in before.items() if seen.status >= 500] == []
        differ = _differences(before, _answers(viewer, before, lambda: _otherwise(viewer)))
        differ += _differences(before, _answers(viewer, before, lambda: _gone(viewer, STANDS)))
        opened = _opened_of_the_child(viewer)
        transaction.set_rollback(True)
    assert not differ, "\n".join(differ)
    assert not opened


def _kept_away(world: FullHouse) -> None:
    """The other home has rows of its own about the child, from before."""
    home, child = world.other_home, world.child_asked
    dancing = world.activity("Danse", structure=world.structure("Salle des fêtes"))
    world.rule(dancing)
    world.enrolment(child, dancing, home)
    slot = world.slot(dancing, "Matin", "09:00", "12:00", weekdays=[3])
    for day in (NOW.date() + timedelta(days=1), date(2026, 12, 3)):
        world.booking(child, world.opening(slot, day))
    contact(home, child, "Odile Petit")
    Restriction.objects.create(
        child=child, adult=home.adult, since=NOW.date(), reason="Juge", written_at=NOW, written_by="Line"
    )


def _opened_of_the_child(viewer: Viewer) -> list[str]:
    """Addresses that name the child and answer something else than that it does not exist."""
    named = [one for one in ADDRESSES if any(part in one for part in OF_A_CHILD)]
    paths = {filled(one + QUERY.get(one, ""), viewer.world.values(one)) for one in named}
    ours = [path for path in sorted(paths) if not path.startswith(STAFF_SIDE)]
    asked = [Asked(method, path) for path in ours for method in ("GET", "POST")]
    return [
        f"{one.method} {one.path} {seen.status}"
        for one in asked
        if (seen := viewer.asks(one)).status not in {404, REFUSED}
    ]


def _differences(before: dict[Asked, Seen], after: dict[Asked, Seen]) -> list[str]:
    return [
        f"{asked.method} {asked.path}: {_first(before[asked], seen)}"
        for asked, seen in after.items()
        if seen != before[asked]
    ]


def _answers(viewer: Viewer, before: dict[Asked, Seen], change: Callable[[], object]) -> dict[Asked, Seen]:
    """What is answered once the rows have changed, where the answer reads a row that did.

    What is read by statements that find the same rows is the same: it is not asked for again. Where the
    answer also wrote, it is.
    """
    statements = {one for seen in before.values() for one in seen.reads.statements}
    with transaction.atomic():
        found = rows_read(statements)
        change()
        moved = {one for one, rows in rows_read(statements).items() if rows != found[one]}
        after = {
            asked: viewer.asks(asked)
            for asked, seen in before.items()
            if seen.reads.wrote or not moved.isdisjoint(seen.reads.statements)
        }
        transaction.set_rollback(True)
    return after


def _gone(viewer: Viewer, but: Collection[type[Model]]) -> None:
    """What the viewer may not read is not there, `but` the tables of which it is known that it is."""
    for declaration in declared():
        if declaration.model not in but:
            rows = viewer.secret(declaration)
            rows._raw_delete(rows.db)


def test_each_table_of_an_authority_has_rows_of_the_third(world: FullHouse) -> None:
    """Or nothing would be proved of it: a new one needs a row in `FullHouse`."""
    held = {type(row) for row in world.elsewhere.made.values()}
    tables = {one.model for one in declared() if leads_to_authority(one.model)}
    assert tables | {Entry} <= held


def _otherwise(viewer: Viewer) -> set[str]:
    if viewer.role not in READS_ACCOUNTS:
        rewrite_accounts(User.objects.filter(person__isnull=False).exclude(person__in=viewer.people))
    return rewrite(viewer.secret, viewer.open())


PUBLISHED: Final = {
    f"papers.Publication.{name}"
    for name in ("must_accept", "published_by", "published_on", "title", "version")
}
"""What is for all to read, and about nobody."""


def test_each_personal_column_is_written_otherwise(world: FullHouse) -> None:
    """Or nothing would be proved of it: a new one needs a value in `FullHouse`."""
    columns = {
        f"{one.model._meta.label}.{column.name}" for one in declared() for column in rewritten_columns(one)
    }
    with transaction.atomic():
        changed = _otherwise(Viewer(world, "anonymous"))
        transaction.set_rollback(True)
    assert sorted(columns - changed) == sorted(PUBLISHED)


@pytest.mark.parametrize(
    ("secrets_of", "path"),
    [
        ("other_home", "/famille/foyer/"),
        ("other_home", "/famille/"),
        ("other_home", "/factures/"),
        ("other_home", "/historique/"),
        ("other_home", "/contact/echanges/"),
        ("office", "/factures/"),
    ],
)
def test_who_may_read_it_sees_another_world(world: FullHouse, secrets_of: str, path: str) -> None:
    """Or the walk above would compare a world with itself."""
    parent, asked = Viewer(world, "parent"), Asked("GET", path)
    before = parent.asks(asked)
    changed = Viewer(world, secrets_of)
    (after,) = _answers(parent, {asked: before}, lambda: _otherwise(changed)).values()
    assert before.status == after.status == 200
    assert before.body != after.body


def _first(one: Seen, other: Seen) -> str:
    """The first place where they differ."""
    if one.status != other.status:
        return f"{one.status}, then {other.status}"
    for left, right in ((one.body, other.body), (_bytes(one.mails), _bytes(other.mails))):
        pairs = enumerate(zip(left, right, strict=False))
        at = next((place for place, (a, b) in pairs if a != b), min(len(left), len(right)))
        if left != right:
            return f"{_around(left, at)!r}, then {_around(right, at)!r}"
    return str(set(one.headers) ^ set(other.headers))


def _bytes(mails: tuple[tuple[str, ...], ...]) -> bytes:
    return "\n".join(text for mail in mails for text in mail).encode()


def _around(body: bytes, place: int) -> str:
    return body[max(0, place - 60) : place + 60].decode(errors="replace")
