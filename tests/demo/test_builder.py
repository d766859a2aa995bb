"""The demo world holds what the rules of the portal hold, whatever the day it is built for."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, time

import pytest
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from marelle.activities.generation import half_hours
from marelle.activities.models import Activity, Gauge, Opening, Quota
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING, LIVE, BookingState
from marelle.cases.models import Case
from marelle.core.clock import instant_at, local
from marelle.definitions.dumping import definitions_text
from marelle.definitions.held import definitions_held
from marelle.definitions.services import definitions_compared
from marelle.demo.builder import NotOurs, build, is_fresh, territory_size, wipe
from marelle.demo.dormant import HOMES
from marelle.demo.models import World
from marelle.enrolments.models import Enrolment, GroupChoice
from marelle.families.models import Family
from marelle.families.rules import fits_age
from marelle.files.rules import Tie
from marelle.files.store import store_tie, store_turn
from marelle.papers.models import Paper
from marelle.papers.rules import Validity, expiry
from marelle.places.models import Structure
from marelle.pricing.models import ResourceBound, Tariff, TariffSet
from marelle.pricing.selectors import tariff_books
from marelle.relay.models import Visit

TODAY = date(2026, 11, 30)

pytestmark = pytest.mark.django_db


def held() -> QuerySet[Booking]:
    return Booking.objects.filter(state__in=HOLDING).order_by()


def quotas_of() -> dict[int, list[Quota]]:
    quotas = {quota.pk: quota for quota in Quota.objects.select_related("gauge")}
    found: dict[int, list[Quota]] = defaultdict(list)
    for opening_id, quota_id in Opening.quotas.through.objects.values_list("opening_id", "quota_id"):
        found[opening_id].append(quotas[quota_id])
    return found


def assert_counters_equal_bookings() -> None:
    quotas, taken = quotas_of(), Counter[int]()
    alike = held().values_list("opening_id", "starts_at", "ends_at").annotate(children=Count("pk"))
    for opening_id, starts_at, ends_at, children in alike:
        parts = set(half_hours(local(starts_at).time(), local(ends_at).time()))
        for quota in quotas[opening_id]:
            if quota.gauge.unit == Gauge.Unit.DAY or quota.part in parts:
                taken[quota.pk] += children
    for visit in Visit.objects.filter(cancelled_at=None):
        for quota in visit.opening.quotas.all():
            taken[quota.pk] += visit.seats
    assert taken
    assert dict(Quota.objects.filter(taken__gt=0).values_list("pk", "taken")) == dict(taken)
    assert not Quota.objects.filter(taken__gt=F("capacity")).exists()


def assert_nobody_is_in_two_places() -> None:
    elsewhere = held().filter(
        child=OuterRef("child"),
        pk__gt=OuterRef("pk"),
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
    )
    assert not held().filter(Exists(elsewhere)).exists()


def assert_bookings_fit_enrolments() -> None:
    chosen = GroupChoice.objects.filter(enrolment=OuterRef("enrolment")).order_by("-since").values("group")
    fitting = Booking.objects.annotate(chosen=Subquery(chosen[:1])).filter(
        Q(opening__group=None) | Q(opening__group=F("chosen")),
        Q(opening__state=Opening.State.OPEN) | ~Q(state__in=LIVE),
        enrolment__state=Enrolment.State.ACCEPTED,
        enrolment__person=F("child"),
        enrolment__family=F("family"),
        enrolment__activity=F("opening__activity"),
        enrolment__starts_on__lte=F("day"),
        enrolment__ends_on__gte=F("day"),
        opening__starts_at__lte=F("starts_at"),
        starts_at__lt=F("ends_at"),
        ends_at__lte=F("opening__ends_at"),
    )
    assert fitting.count() == Booking.objects.count() > 0
    ages = Booking.objects.order_by().values_list(
        "child__birth_date",
        "enrolment__activity__min_age_months",
        "enrolment__activity__max_age_months",
        "enrolment__starts_on",
    )
    assert [one for one in ages.distinct() if not fits_age(*one)] == []


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


def assert_its_definitions_are_a_file_that_changes_nothing(today: date) -> None:
    text = definitions_text(definitions_held().entries)
    assert text.count("\n") > 1_000
    found, _held = definitions_compared(text, now=instant_at(today, time(12)))
    assert (found.changes, found.left) == ((), ())


def assert_the_world_keeps_the_rules(today: date) -> None:
    assert Family.objects.filter(number__startswith="F").count() == 60 + len(HOMES)
    assert_counters_equal_bookings()
    assert_nobody_is_in_two_places()
    assert_bookings_fit_enrolments()
    assert_whole_bundles()
    assert_papers_count_as_long_as_their_types_say()
    assert_its_definitions_are_a_file_that_changes_nothing(today)
    assert Booking.objects.filter(day__gt=today, state=BookingState.BOOKED).exists()
    assert Case.objects.open().filter(kind="enrolment").count() >= 1
    requests = Case.objects.open().filter(kind="enrolment")
    assert set(requests.values_list("subject_id", flat=True)) == set(
        Enrolment.objects.filter(state=Enrolment.State.REQUESTED).values_list("pk", flat=True)
    )


@pytest.mark.prove
@pytest.mark.parametrize("today", [date(2026, 9, 1), date(2028, 2, 29)])
def test_the_world_keeps_the_rules_on_any_day(today: date) -> None:
    """On another, each time the suite runs: see `test_world.py`."""
    build(today=today)
    assert_the_world_keeps_the_rules(today)


def test_a_database_of_somebody_else_is_never_wiped() -> None:
    Family.objects.create(number="1", name="Vraie", created_at="2026-01-01T00:00Z")
    with pytest.raises(NotOurs):
        wipe()
    assert Family.objects.exists()


@pytest.mark.once
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
    assert_each_structure_has_the_tariffs_of_its_copy()
    assert_counters_equal_bookings()
    assert_nobody_is_in_two_places()
    assert_bookings_fit_enrolments()
    after = Family.objects.create(number="next", name="Suivante", created_at="2026-01-01T00:00Z")
    assert Family.objects.filter(pk__lt=after.pk).count() == 160


def assert_each_structure_has_the_tariffs_of_its_copy() -> None:
    led = TariffSet.objects.order_by("pk").values_list("pk", "slots__activity").distinct()
    of_activity = Counter(activity_id for _set, activity_id in led)
    sets: dict[tuple[str, date], list[int]] = defaultdict(list)
    for activity in Activity.objects.order_by("pk"):
        sets[activity.name, activity.first_day].append(of_activity[activity.pk])
    assert {len(set(counts)) for counts in sets.values()} == {1}
    assert sum(max(counts) > 0 for counts in sets.values()) == 9
    assert sum(len(book.tariffs) for book in tariff_books().values()) == Tariff.objects.count()
    assert ResourceBound.objects.count() == 1


def test_a_number_of_families_that_no_territory_makes_is_refused() -> None:
    assert (territory_size(60), territory_size(200), territory_size(10_000)) == (60, 50, 50)
    with pytest.raises(ValueError, match="61 families"):
        build(today=TODAY, families=61)


@pytest.mark.parametrize(("built", "fresh"), [(TODAY, True), (date(2026, 11, 29), False)])
def test_a_world_is_kept_for_its_week(built: date, fresh: bool) -> None:
    World.objects.create(day=built, seed=1, families=1)
    assert is_fresh(TODAY) is fresh


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("files_folder")
def test_reset_builds_the_same_world_again() -> None:
    def story() -> list[tuple[object, ...]]:
        return list(
            Booking.objects.order_by("pk").values_list(
                "child__first_name", "opening__day", "state", "created_at"
            )
        )

    build(today=TODAY, families=20)
    first = story()
    store_turn(now=timezone.now())
    wipe()
    assert store_tie() is Tie.OURS, "the folder stays the demo's"
    assert not Family.objects.exists()
    build(today=TODAY, families=20)
    assert story() == first
