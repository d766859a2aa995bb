"""Two files are made one while its family books, and while a colleague makes them one the other way round."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from marelle.bookings.models import Booking
from marelle.core.actor import Role
from marelle.core.refusals import NotYours
from marelle.families.models import Family, FormerFile, Person
from marelle.families.refusals import HomeGone
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.merging.preview import merge_preview
from marelle.flows.home.merging.services import Merged, family_merge
from marelle.messaging import services
from marelle.messaging.models import Thread
from marelle.relay.models import CareRequest
from marelle.relay.services import care_ask, care_file
from tests.races.crowd import NOW, WEDNESDAY, Parent
from tests.races.stopped import held, wait_until_stopped
from tests.races.together import PATIENCE, together, together_or_errors
from tests.races.truth import counters_hold
from tests.relay.test_services import ASKED
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


class Twice(Scenario):
    def __init__(self) -> None:
        super().__init__()
        self.kept, self.left = self.home("Haddad", "Rachid"), self.home("Haddad", "Amina")
        self.activity_of_both = self.activity()
        self.slot(self.activity_of_both, capacity=5)
        self.rule(self.activity_of_both)
        (self.here,) = self.openings(self.activity_of_both, WEDNESDAY)
        self.parents = []
        for home in (self.kept, self.left):
            child = self.child(home, "Inès", last_name="Haddad")
            self.enrolment(child, self.activity_of_both, home)
            self.parents.append(Parent(home, child, home.actor))
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def merges(self, *, kept: Any = None, left: Any = None) -> Callable[[], Merged]:
        """A call that merges what was read before the race."""
        files = {"kept_id": (kept or self.kept).family.pk, "left_id": (left or self.left).family.pk}
        read = merge_preview(actor=self.office, **files, now=NOW)
        return lambda: family_merge(
            actor=self.office, **files, pairs=read.pairs, chosen={}, fingerprint=read.fingerprint, now=NOW
        )


@pytest.mark.parametrize("first", ["parent", "agent"])
def test_both_homes_book_the_child_while_an_agent_makes_them_one(first):
    world = Twice()
    books = [parent.books(world.here) for parent in world.parents]
    calls = [*books, world.merges()] if first == "parent" else [world.merges(), *books]
    together_or_errors(calls)
    counters_hold()
    assert Booking.objects.live().count() <= Family.objects.count()
    assert not Booking.objects.exclude(family__in=Family.objects.all()).exists()


@pytest.mark.postgres
def test_who_was_stopped_at_the_child_books_in_no_file_that_is_gone():
    world = Twice()
    parent = world.parents[1]
    merge, books = world.merges(), parent.books(world.here)
    with held(Person.objects.filter(pk=parent.child.pk)) as let_go:

        def once_both_are_stopped() -> None:
            wait_until_stopped(2)
            let_go()

        done, outcomes = together_or_errors([merge, books], once_started=once_both_are_stopped)
    # Whoever came first: the place is in the file kept, or the parent is told of the merge, or its page was
    # too old.
    counters_hold()
    assert isinstance(outcomes, HomeGone) or not isinstance(outcomes, Exception), outcomes
    assert (Family.objects.count() == 1) is isinstance(done, Merged)
    for booking in Booking.objects.live():
        assert booking.enrolment.family_id == booking.family_id


def test_two_agents_merge_the_same_two_files_each_in_its_own_order():
    world = Twice()
    done = together([world.merges(), world.merges(kept=world.left, left=world.kept)])
    kept = Family.objects.get()
    assert {one.family_id for one in done} == {kept.pk}
    assert sorted(one.already for one in done) == [False, True]
    assert FormerFile.objects.get().family == kept
    assert Person.objects.filter(first_name="Inès").count() == 1


@pytest.mark.postgres
def test_a_demand_filed_while_its_home_goes_into_the_one_it_is_filed_to_is_answered():
    """A colleague has filed it to the first home already: who files it to the second waits for neither."""
    world = Twice()
    relay = world.structure("Relais petite enfance", kind="relay")
    row = care_ask(actor=world.kept.actor, demand=ASKED, now=NOW)
    assert row.structure == relay
    merge, comes, answered = world.merges(), threading.Event(), threading.Event()

    def files() -> CareRequest:
        comes.wait(PATIENCE)
        try:
            return care_file(actor=world.office, request_id=row.pk, family_id=world.left.family.pk, now=NOW)
        finally:
            answered.set()

    with held(Family.objects.filter(pk=world.kept.family.pk)) as let_go:

        def once_the_merge_is_stopped() -> None:
            wait_until_stopped(1)
            comes.set()
            answered.wait(1)
            let_go()

        done, refused = together_or_errors([merge, files], once_started=once_the_merge_is_stopped)
    assert isinstance(done, Merged), done
    assert isinstance(refused, NotYours), refused


def test_a_message_sent_while_its_file_goes_into_another_is_told_so(monkeypatch):
    """The request has read its home; the merge comes before it writes."""
    world = Twice()
    merge, opens = world.merges(), services.thread_open
    monkeypatch.setattr(services, "thread_open", lambda **sent: merge() and opens(**sent))
    client = Client()
    client.force_login(world.left.user)
    typed = {
        "recipient": f"{world.the_structure.pk}-{world.the_structure.contacts.get().pk}",
        "subject": "Bonjour",
        "text": "Merci",
    }
    page = client.post("/contact/ecrire/", typed, follow=True).content.decode()
    assert "Ce dossier vient d’être réuni à un autre" in page
    assert not Thread.objects.exists()
