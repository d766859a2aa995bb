"""The demo world holds what the rules of the portal hold, whatever the day it is built for."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

import pytest
from django.db.models import Count, F
from django.utils import timezone

from marelle.accounts.models import User
from marelle.activities.generation import half_hours
from marelle.activities.models import Gauge, Opening, Quota
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING, LIVE, BookingState
from marelle.cases.models import Case
from marelle.core.actor import SYSTEM
from marelle.core.clock import local
from marelle.demo.builder import NotOurs, build, is_fresh, territory_size, wipe
from marelle.demo.models import World
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.families.models import Family
from marelle.families.rules import fits_age
from marelle.files.rules import Tie
from marelle.files.store import store_tie, store_turn
from marelle.flows.actor.actors import actor_for
from marelle.flows.papers.asked import asked_of_home
from marelle.journal.models import Entry
from marelle.papers.models import Paper, Publication
from marelle.papers.rules import Standing, Validity, expiry
from marelle.papers.selectors import folders
from marelle.places.models import Structure
from marelle.relay.models import Visit

TODAY = date(2026, 11, 30)

pytestmark = pytest.mark.django_db


def held() -> Iterator[Booking]:
    yield from Booking.objects.filter(state__in=HOLDING).select_related("opening")


def quotas_of() -> dict[int, list[Quota]]:
    quotas = {quota.pk: quota for quota in Quota.objects.select_related("gauge")}
    found: dict[int, list[Quota]] = defaultdict(list)
    for opening_id, quota_id in Opening.quotas.through.objects.values_list("opening_id", "quota_id"):
        found[opening_id].append(quotas[quota_id])
    return found


def assert_counters_equal_bookings() -> None:
    quotas, taken = quotas_of(), Counter[int]()
    for booking in held():
        parts = set(half_hours(local(booking.starts_at).time(), local(booking.ends_at).time()))
        for quota in quotas[booking.opening_id]:
            if quota.gauge.unit == Gauge.Unit.DAY or quota.part in parts:
                taken[quota.pk] += 1
    for visit in Visit.objects.filter(cancelled_at=None):
        for quota in visit.opening.quotas.all():
            taken[quota.pk] += visit.seats
    assert taken
    assert dict(Quota.objects.filter(taken__gt=0).values_list("pk", "taken")) == dict(taken)
    assert not Quota.objects.filter(taken__gt=F("capacity")).exists()


def assert_nobody_is_in_two_places() -> None:
    spans = defaultdict(list)
    for booking in held():
        spans[booking.child_id, booking.day].append((booking.starts_at, booking.ends_at))
    for rows in spans.values():
        rows.sort()
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(rows))


def assert_bookings_fit_enrolments() -> None:
    groups = dict(GroupChoice.objects.values_list("enrolment_id", "group_id"))
    for booking in Booking.objects.select_related("opening", "enrolment", "child", "enrolment__activity"):
        enrolment, opening = booking.enrolment, booking.opening
        assert enrolment.state == Enrolment.State.ACCEPTED
        assert (enrolment.person_id, enrolment.family_id) == (booking.child_id, booking.family_id)
        assert enrolment.activity_id == opening.activity_id
        assert enrolment.starts_on <= booking.day <= enrolment.ends_on
        assert opening.group_id in (None, groups.get(enrolment.pk))
        assert opening.starts_at <= booking.starts_at < booking.ends_at <= opening.ends_at
        assert opening.state == Opening.State.OPEN or booking.state not in LIVE
        activity = enrolment.activity
        assert booking.child.birth_date is not None
        assert fits_age(
            booking.child.birth_date, activity.min_age_months, activity.max_age_months, enrolment.starts_on
        )


def assert_whole_bundles() -> None:
    in_bundles = Booking.objects.filter(state__in=HOLDING, opening__bundle__isnull=False)
    sizes = dict(
        Opening.objects.filter(bundle__isnull=False).values_list("bundle").annotate(n=Count("pk")).order_by()
    )
    counted = Counter(in_bundles.values_list("child_id", "opening__bundle_id"))
    assert all(n == sizes[bundle_id] for (_child, bundle_id), n in counted.items())


def assert_papers_count_as_long_as_their_types_say() -> None:
    accepted = list(Paper.objects.filter(state="accepted").select_related("paper_type"))
    assert len(accepted) > 20
    for paper in accepted:
        kind, decided = paper.paper_type, paper.decided_at
        assert decided is not None
        until = expiry(Validity(kind.validity), kind.validity_months, local(decided).date(), paper.expires_on)
        assert paper.expires_on == until, kind.title


@pytest.mark.once
@pytest.mark.parametrize("today", [date(2026, 9, 1), date(2028, 2, 29)])
def test_the_world_keeps_the_rules_on_any_day(today: date) -> None:
    build(today=today)
    assert Family.objects.filter(number__startswith="F").count() == 60
    assert_counters_equal_bookings()
    assert_nobody_is_in_two_places()
    assert_bookings_fit_enrolments()
    assert_whole_bundles()
    assert_papers_count_as_long_as_their_types_say()
    assert Booking.objects.filter(day__gt=today, state=BookingState.BOOKED).exists()
    assert Case.objects.open().filter(kind="enrolment").count() >= 1
    requests = Case.objects.open().filter(kind="enrolment")
    assert set(requests.values_list("subject_id", flat=True)) == set(
        Enrolment.objects.filter(state=Enrolment.State.REQUESTED).values_list("pk", flat=True)
    )


def test_a_database_of_somebody_else_is_never_wiped() -> None:
    Family.objects.create(number="1", name="Vraie", created_at="2026-01-01T00:00Z")
    with pytest.raises(NotOurs):
        wipe()
    assert Family.objects.exists()


@pytest.mark.usefixtures("files_folder")
def test_many_families_are_copies_that_keep_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four territories of homes; two of them share the structures of one, with the places of both."""
    monkeypatch.setattr("marelle.demo.replicate.SHARING", 2)
    store_turn(now=timezone.now(), adopt=True)
    build(today=TODAY, families=160)
    assert store_tie() is Tie.OURS
    assert Family.objects.count() == 160
    assert Structure.objects.count() == 14
    assert Booking.objects.count() % 4 == 0
    assert_counters_equal_bookings()
    assert_nobody_is_in_two_places()
    assert_bookings_fit_enrolments()
    after = Family.objects.create(number="next", name="Suivante", created_at="2026-01-01T00:00Z")
    assert Family.objects.filter(pk__lt=after.pk).count() == 160


def test_a_number_of_families_that_no_territory_makes_is_refused() -> None:
    assert (territory_size(60), territory_size(200), territory_size(10_000)) == (60, 50, 50)
    with pytest.raises(ValueError, match="61 families"):
        build(today=TODAY, families=61)


@pytest.mark.parametrize(("built", "fresh"), [(TODAY, True), (date(2026, 11, 29), False)])
def test_a_world_is_kept_for_its_week(built: date, fresh: bool) -> None:
    World.objects.create(day=built, seed=1, families=1)
    assert is_fresh(TODAY) is fresh


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("files_folder")
def test_reset_builds_the_same_world_again() -> None:
    def story() -> list[tuple[object, ...]]:
        return list(
            Booking.objects.order_by("pk").values_list(
                "child__first_name", "opening__day", "state", "created_at"
            )
        )

    build(today=TODAY)
    first = story()
    store_turn(now=timezone.now())
    wipe()
    assert store_tie() is Tie.OURS, "the folder stays the demo's"
    assert not Family.objects.exists()
    build(today=TODAY)
    assert story() == first


def test_the_told_homes_show_every_state_of_a_paper() -> None:
    build(today=TODAY, families=40)
    found = set()
    for identifier in ("durand", "martin", "petit"):
        actor = actor_for(User.objects.get(identifier=identifier))
        for folder in folders(actor, asked_of_home(actor, day=TODAY), day=TODAY):
            found |= {one.status.standing for one in folder.requirements if one.asked}
    assert found == set(Standing)
    assert_papers_count_as_long_as_their_types_say()
    assert Publication.objects.count() > 3
    assert not Paper.objects.filter(expires_on__lt=F("sent_at__date")).exists(), "given before it ended"
    assert not Entry.objects.filter(verb__startswith="care.", actor_label=SYSTEM.label).exists()
