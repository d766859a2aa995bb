"""What nobody needs any more goes after the delay that the authority chose; nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from marelle.cases.models import Case, CaseNote
from marelle.core.actor import Actor, Role
from marelle.core.clock import PARIS
from marelle.files.fields import checked
from marelle.files.models import StoredFile
from marelle.files.services import file_make
from marelle.flows.actor.actors import actor_for
from marelle.flows.upkeep.leftovers_purge import papers_purged, strangers_purged, workers_purged
from marelle.flows.upkeep.tidying import tidied
from marelle.journal.models import Entry
from marelle.messaging.models import Thread
from marelle.papers.models import Paper, PaperPage
from marelle.papers.services import paper_accept, paper_send, paper_undo, papers_purge, purging
from marelle.places.models import Delay
from marelle.relay.models import CareContact, CareRequest
from marelle.relay.services import care_ask
from tests.papers.files import picture
from tests.papers.world import Desk
from tests.relay.test_services import ASKED

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=PARIS)
OLD = datetime(2025, 11, 24, 12, tzinfo=PARIS)
RECENT = datetime(2025, 11, 26, 12, tzinfo=PARIS)


def leftovers_purged(*, now: datetime) -> int:
    return papers_purged(now=now) + strangers_purged(now=now) + workers_purged(now=now)


@pytest.fixture
def world(time_machine) -> Desk:
    time_machine.move_to(NOW, tick=False)
    desk = Desk()
    desk.enrolment(desk.zoe, desk.wednesdays, desk.durand)
    return desk


def paper(world: Desk, state: str, *, sent: datetime = OLD, about=None, **fields) -> Paper:
    row = Paper.objects.create(
        paper_type=world.kind, family=world.durand.family, person=about, state=state, sent_at=sent, **fields
    )
    stored = file_make(
        actor=world.durand.actor,
        content=b"%PDF-1.7",
        name="a.pdf",
        pages=1,
        family_id=world.durand.family.pk,
        now=sent,
    )
    PaperPage.objects.create(paper=row, file=stored)
    return row


def test_papers_that_count_no_more_go_with_their_files_and_the_others_stay(world):
    """Of a home that is enrolled: what it owes, gave and gives is left alone."""
    world.kind = world.paper_type(about="child")
    kept = [
        paper(world, "accepted", about=world.zoe),
        paper(world, "refused", decided_at=RECENT, about=world.zoe),
        paper(world, "accepted", expires_on=date(2025, 11, 26)),
    ]
    world.kind = world.paper_type("Vaccins", about="child")
    kept.append(paper(world, "received"))
    for state, fields in (
        ("refused", {"decided_at": OLD}),
        ("accepted", {"decided_at": OLD, "expires_on": date(2025, 11, 24)}),
        ("withdrawn", {}),
    ):
        paper(world, state, about=world.zoe, **fields)
    assert leftovers_purged(now=NOW) == 3
    told = Entry.objects.filter(verb="paper.purged", actor_label="Marelle", family_id=world.durand.family.pk)
    assert [entry.subject_label for entry in told] == ["Vaccins · Zoé Durand"] * 3
    assert set(Paper.objects.values_list("pk", flat=True)) == {row.pk for row in kept}
    assert StoredFile.objects.count() == len(kept)
    assert leftovers_purged(now=NOW) == 0


@pytest.mark.parametrize("of_home", [True, False])
def test_a_replaced_paper_goes_once_what_replaced_it_is_old(world, of_home):
    world.kind = world.paper_type(about="family" if of_home else "child")
    about = None if of_home else world.zoe
    former = paper(world, "replaced", sent=OLD - timedelta(days=400), about=about)
    other = paper(world, "accepted", sent=OLD, about=world.zoe if of_home else None)
    assert papers_purge(before=OLD + timedelta(days=1), now=NOW) == 0
    newer = paper(world, "accepted", sent=OLD, about=about)
    assert papers_purge(before=OLD, now=NOW) == 0
    assert papers_purge(before=OLD + timedelta(days=1), now=NOW) == 1
    assert set(Paper.objects.values_list("pk", flat=True)) == {other.pk, newer.pk}
    assert former.pk not in {other.pk, newer.pk}


@pytest.mark.parametrize("former", ["accepted", "refused"])
def test_what_an_undo_gives_back_is_not_purged_meanwhile(world, former):
    """Both were sent long ago; the check of the second is a few seconds old."""
    world.kind = world.paper_type(about="child", validity="none")
    first = paper(world, former, sent=OLD - timedelta(days=400), decided_at=OLD, about=world.zoe)
    world.kind.refresh_from_db()
    office = actor_for(world.staff("guichet", Role.OFFICE))
    decided = NOW - timedelta(seconds=20)
    second = sent(world, OLD)
    paper_accept(
        actor=office, paper_id=second.pk, seen=pages(second), expires_on=None, structures=[], now=decided
    )
    assert leftovers_purged(now=NOW) == 0
    paper_undo(actor=office, paper_id=second.pk, structures=[], decided_at=decided, now=NOW)
    first.refresh_from_db()
    assert (first.state, first.pages.count()) == (former, 1)


def test_a_replaced_paper_is_kept_from_the_decision_that_replaced_it(world):
    world.kind = world.paper_type(about="child")
    former = paper(world, "replaced", sent=OLD - timedelta(days=400), decided_at=OLD, about=world.zoe)
    paper(world, "accepted", sent=OLD, decided_at=RECENT, about=world.zoe)
    assert papers_purge(before=RECENT, now=NOW) == 0
    assert papers_purge(before=RECENT + timedelta(days=1), now=NOW) == 1
    assert not Paper.objects.filter(pk=former.pk).exists()


def sent(world: Desk, at: datetime) -> Paper:
    return paper_send(
        actor=world.durand.actor,
        type_id=world.kind.pk,
        person_id=world.zoe.pk,
        uploads=[checked(picture("a.jpg"))],
        structures=[],
        now=at,
    )


def pages(row: Paper) -> list[int]:
    return list(row.pages.values_list("pk", flat=True))


def test_papers_go_by_batches(world, monkeypatch):
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    world.kind = world.paper_type()
    for _number in range(3):
        paper(world, "refused", decided_at=OLD)
    assert [papers_purge(before=RECENT, now=NOW) for _round in range(3)] == [2, 1, 0]


def thread(world: Desk, at: datetime, **of) -> Thread:
    return Thread.objects.create(
        structure=world.the_structure, subject="Une place", opened_at=at, last_at=at, **of
    )


def test_what_came_from_who_has_no_file_goes_and_what_is_of_a_home_stays(world):
    world.structure("Relais petite enfance", kind="relay")
    thread(world, OLD, email="lucie@x.example")
    kept_threads = {
        thread(world, RECENT, email="lucie@x.example").pk,
        thread(world, OLD, family=world.durand.family).pk,
    }
    nobody = Actor(user_id=None, label="")
    demands = [
        care_ask(actor=nobody, demand=replace(ASKED, email=f"n{number}@x.example"), now=NOW)
        for number in range(3)
    ]
    own = care_ask(actor=world.durand.actor, demand=ASKED, now=NOW)
    over, late, _open = demands
    case = Case.objects.get(kind="care", subject_id=over.pk)
    CaseNote.objects.create(case=case, at=OLD, by="Line", text="Rappeler Lucie.")
    closed = {"state": "closed", "closed_at": OLD}
    CareRequest.objects.filter(pk__in=(over.pk, own.pk)).update(**closed)
    CareRequest.objects.filter(pk=late.pk).update(**{**closed, "closed_at": RECENT})
    CareContact.objects.create(request=over, on=OLD.date(), means="phone", noted_at=OLD)
    assert leftovers_purged(now=NOW) == 2
    assert set(Thread.objects.values_list("pk", flat=True)) == kept_threads
    assert set(CareRequest.objects.values_list("pk", flat=True)) == {late.pk, _open.pk, own.pk}
    assert not CareContact.objects.exists()
    purged = Entry.objects.filter(verb__in=("message.purged", "care.purged"), actor_label="Marelle")
    assert set(purged.values_list("verb", "subject_label", "family_id")) == {
        ("message.purged", world.the_structure.name, None),
        ("care.purged", "Relais petite enfance", None),
    }
    assert [entry.data for entry in purged] == [{}, {}]
    case.refresh_from_db()
    assert (case.label, case.opened_by) == ("", "")
    assert not CaseNote.objects.exists()
    assert all(Case.objects.filter(kind="care").exclude(pk=case.pk).values_list("label", flat=True))


def test_the_delays_are_those_that_the_authority_chose_and_the_worker_follows_them(world):
    world.kind = world.paper_type()
    paper(world, "refused", decided_at=RECENT)
    thread(world, RECENT, email="lucie@x.example")
    Delay.objects.create(code="papers", months=24)
    Delay.objects.create(code="outsiders", months=24)
    assert leftovers_purged(now=NOW) == 0
    Delay.objects.update(months=11)
    assert tidied(now=NOW) >= 2
    assert not Paper.objects.exists()
    assert not Thread.objects.exists()
