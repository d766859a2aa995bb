"""« Combien de temps »: each delay that the page promises is one that the worker follows, and only those."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db.models import Model, QuerySet

from marelle.activities.models import StaffMember
from marelle.core.actor import SYSTEM
from marelle.core.clock import PARIS
from marelle.core.personal import declared
from marelle.core.subject import Subject
from marelle.families.models import Family, HealthSheet
from marelle.flows.models import Dormant
from marelle.flows.upkeep.journal_purge import months_before
from marelle.flows.upkeep.tidying import tidied
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.models import Message
from marelle.mail.samples import samples
from marelle.mail.services import queue
from marelle.messaging.models import Thread
from marelle.papers.models import Paper
from marelle.places.delays import DELAYS
from marelle.places.models import Delay
from marelle.portal.legal import words
from tests.care import sheet
from tests.papers.world import Desk

pytestmark = pytest.mark.django_db

NOW = datetime(2028, 11, 25, 12, tzinfo=PARIS)
DAY = timedelta(days=1)


@pytest.fixture
def world(time_machine) -> Desk:
    time_machine.move_to(NOW, tick=False)
    return Desk()


def entry(verb: str) -> Callable[[Desk, datetime], QuerySet[Model]]:
    def write(_world: Desk, at: datetime) -> QuerySet[Model]:
        row = record(actor=SYSTEM, verb=verb, subject=Subject("account", 1), now=at)
        return Entry.objects.filter(pk=row.pk)

    return write


def health(world: Desk, at: datetime) -> QuerySet[Model]:
    child = world.child(world.durand, "Léo")
    sheet(child, updated_at=at - 900 * DAY)
    first, last = (at - 300 * DAY).date(), at.date()
    world.enrolment(child, world.wednesdays, world.durand, state="ended", starts_on=first, ends_on=last)
    return HealthSheet.objects.filter(child=child)


def refused(world: Desk, at: datetime) -> QuerySet[Model]:
    kind = world.paper_type(f"Refusé {at}")
    row = world.paper(kind, world.durand, world.zoe, "refused", sent_at=at - 100 * DAY, decided_at=at)
    return Paper.objects.filter(pk=row.pk)


def outside(world: Desk, at: datetime) -> QuerySet[Model]:
    first = at - 100 * DAY
    row = Thread.objects.create(
        structure=world.the_structure, email="a@x.example", subject="A", opened_at=first, last_at=at
    )
    return Thread.objects.filter(pk=row.pk)


def mail(_world: Desk, at: datetime) -> QuerySet[Model]:
    kind = "accounts/email_changed"
    row = queue(kind=kind, to="camille@x.example", context=samples()[kind].context, now=at)
    return Message.objects.filter(pk=row.pk)


def worker(world: Desk, at: datetime) -> QuerySet[Model]:
    row = world.worker("Léa", days=(date(2020, 9, 1), at.date()))
    return StaffMember.objects.filter(pk=row.pk)


def dormant(world: Desk, at: datetime) -> QuerySet[Model]:
    home = world.home(f"Silencieux {at:%d%m%Y}", "Camille").family
    Family.objects.filter(pk=home.pk).update(created_at=at)
    Entry.objects.filter(family_id=home.pk).delete()
    Dormant.objects.create(family=home, told_at=NOW - 90 * DAY, confirmed_at=NOW - DAY)
    return Family.objects.filter(pk=home.pk, erased_at=None)


WRITTEN = {
    "connections": entry("connection.opened"),
    "acts": entry("enrolment.accepted"),
    "dormant": dormant,
    "health": health,
    "papers": refused,
    "outsiders": outside,
    "mails": mail,
    "staff": worker,
}
"""By delay, what begins it at an instant."""


@pytest.mark.parametrize("code", sorted(DELAYS))
def test_what_the_page_gives_a_delay_to_is_purged_by_the_worker_after_it(world: Desk, code: str) -> None:
    Delay.objects.create(code=code, months=DELAYS[code].most)
    start = months_before(NOW, DELAYS[code].most)
    over, in_time = WRITTEN[code](world, start - 2 * DAY), WRITTEN[code](world, start + 2 * DAY)
    tidied(now=NOW)
    assert not over.exists()
    assert in_time.exists()


def test_the_page_gives_a_delay_to_what_is_purged_and_to_nothing_else() -> None:
    assert set(words.KEPT_FOR) == set(DELAYS)
    pairs = dict(words.kept().pairs)
    timed = {name for name, told in pairs.items() if told.partition(" ")[0].isdigit()}
    assert timed - {str(name) for name in words.KEPT_FOR.values()} == {str(words.KEPT_OF_APP["billing"])}
    assert pairs[str(words.KEPT_OF_APP["billing"])] == "10 ans au moins, parce que la loi l’impose"


def test_what_no_purge_takes_stays_with_the_file_and_is_said_so(client, world: Desk) -> None:
    told = words.kept()
    assert str(words.KEPT_OF_APP["messaging"]) in told.with_file
    assert str(words.KEPT_OF_APP["families"]) in told.with_file
    page = client.get("/donnees-personnelles/").content.decode()
    assert f"<li>{words.KEPT_OF_APP['messaging']}</li>" in page
    names = {*dict(told.pairs), *told.with_file}
    for one in declared():
        meta = one.model._meta
        known = words.KEPT_OF_MODEL.get(meta.label) or words.KEPT_OF_APP[meta.app_label]
        assert str(known) in names, meta.label
