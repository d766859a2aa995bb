"""« Présence du jour »: what was booked and what was seen differ, and the home is told the same day.

Some minutes after the call of an opening is closed, so that what waits on another tablet may arrive. A call
known only once its day is over is told then, with its date: late, rather than never. What
comes later still lifts an alert, or adds one; a child is alerted once for an opening, unless it was lifted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from marelle.activities.catalogue import activity_facts
from marelle.activities.kinds import BookingMode
from marelle.activities.models import Activity, Opening
from marelle.attendance.mismatch_mails import tell_mismatches
from marelle.attendance.mismatch_rules import ANSWERED_WITHIN, DELAY, TOLD_WITHIN, may_miss, may_tell
from marelle.attendance.mismatches import Found, mismatches_lift, mismatches_note
from marelle.attendance.models import Call, Mismatch, Tick
from marelle.attendance.projecting import Pair, standings
from marelle.attendance.rules import CALL_KINDS, Alert, Standing, alert_kind
from marelle.attendance.stays import stays_of
from marelle.bookings.models import Attendance, Booking
from marelle.bookings.saving.locks import children_locked
from marelle.bookings.states import HOLDING, BookingState
from marelle.core.clock import local
from marelle.core.rows import columns
from marelle.enrolments.models import Enrolment
from marelle.families.models import Member
from marelle.families.rules import custody_on
from marelle.families.selectors import current, custody_rows, kept_away

WITHOUT_BOOKING: Final = (BookingMode.FREE, BookingMode.ACCOMPANIED)
"""Where one comes without booking: nobody is expected, and nobody is one too many."""
ENROLLED: Final = (Enrolment.State.ACCEPTED, Enrolment.State.ENDED)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A child on an opening, as it may be a mismatch; `family_id` is that of its booking, if any."""

    opening_id: int
    child_id: int
    family_id: int | None = None
    booking_id: int | None = None
    declared: bool = False

    @property
    def pair(self) -> Pair:
        return self.opening_id, self.child_id


def mismatches_tell(*, now: datetime) -> int:
    """Lift what later ticks contradict, then tell the homes of what is new. Returns how many are new.

    A few queries when nothing is; any number of processes tell a child once: they look again under its lock.
    """
    _lift(now)
    openings = _openings_due(now)
    found = _candidates(openings, now) if openings else ()
    if not found:
        return 0
    with transaction.atomic():
        children_locked({one.child_id for one in found})
        known = {one.child_id for one in found}
        fresh = [one for one in _candidates(openings, now) if one.child_id in known]
        news = tuple(_news_by_day(fresh, openings))
        said, lifted = _told_before(news), _lifted_before(news)
        rows = mismatches_note(found=news, now=now)
        tell_mismatches(
            [row for row in rows if (row.opening_id, row.child_id) in lifted or _of_mail(row) not in said],
            now=now,
        )
    return len(rows)


def _openings_due(now: datetime) -> list[Opening]:
    """Openings whose call has been closed for a while: today's, and those of which it was known lately."""
    day = local(now).date()
    handed_in = Tick.objects.filter(
        kind__in=CALL_KINDS,
        received_at__gte=now - DELAY - TOLD_WITHIN,
        day__range=(day - ANSWERED_WITHIN, day - timedelta(days=1)),
    )
    calls = Call.objects.filter(
        Q(opening__day=day) | Q(opening__in=handed_in.values("opening")),
        opening__state=Opening.State.OPEN,
        state=Call.State.CLOSED,
        closed_at__lte=now - DELAY,
    ).exclude(opening__activity__booking_mode__in=WITHOUT_BOOKING)
    told = calls.annotate(
        received_at=Max("opening__ticks__received_at", filter=Q(opening__ticks__kind__in=CALL_KINDS))
    ).select_related("opening__activity")
    return [
        call.opening
        for call in told
        if may_tell(
            day=call.opening.day,
            closed_at=call.closed_at,
            received_at=call.received_at or call.closed_at,
            now=now,
        )
    ]


def _candidates(openings: Collection[Opening], now: datetime) -> list[_Seen]:
    """Booked and not seen there, then there and not booked, of whom nobody was told; two queries, three when
    some are booked for later.

    Somebody of whom a tick waits at the desk is not among them: the structure settles it first. Nor is who
    is with another group of the structure at that time, or booked there: it is expected, and was seen.
    """
    ids = [one.pk for one in openings]
    booked = Booking.objects.filter(
        _untold(), opening_id__in=ids, state=BookingState.BOOKED, family__erased_at=None
    ).filter(~Exists(_at_that_time(Attendance.objects.filter(present=True))))
    there = Attendance.objects.filter(_untold(), opening_id__in=ids, present=True).filter(
        ~Exists(_at_that_time(Booking.objects.filter(state__in=HOLDING)))
    )
    columns = ("opening_id", "child_id", "family_id", "pk", "absence__pk", "starts_at", "day")
    rows = list(booked.order_by("pk").values_list(*columns))
    soon = [
        (pk, child, day)
        for _o, child, _f, pk, _a, begins, day in rows
        if not may_miss(stay_starts_at=begins, now=now)
    ]
    later = _for_later(soon, now) if soon else set()
    expected = [
        _Seen(opening, child, family, pk, declared=absence is not None)
        for opening, child, family, pk, absence, _begins, _day in rows
        if pk not in later
    ]
    came = [_Seen(*pair) for pair in there.order_by("pk").values_list("opening_id", "child_id")]
    return [*expected, *came]


@dataclass(frozen=True, slots=True)
class _Booked:
    """A booking of a day, for the stay that it is of."""

    id: int
    starts_at: datetime
    ends_at: datetime


def _for_later(soon: Collection[tuple[int, int, date]], now: datetime) -> set[int]:
    """Of these bookings with their child and day, those of a stay that has not begun. One query.

    Slots that follow each other are one stay: who did not come in the morning is missing at the meal too.
    """
    children = {child_id for _pk, child_id, _day in soon}
    held = Booking.objects.filter(child_id__in=children, day__in={day for _pk, _child, day in soon})
    days: dict[tuple[int, int], list[_Booked]] = {}
    columns = ("pk", "child_id", "opening__activity__structure_id", "starts_at", "ends_at")
    for pk, child_id, structure_id, starts_at, ends_at in held.filter(state__in=HOLDING).values_list(
        *columns
    ):
        days.setdefault((child_id, structure_id), []).append(_Booked(pk, starts_at, ends_at))
    stays = [stay for booked in days.values() for stay in stays_of(booked)]
    return {
        one.id for stay in stays if not may_miss(stay_starts_at=stay[0].starts_at, now=now) for one in stay
    }


def _untold() -> Q:
    waiting = Tick.objects.to_settle()
    of_no_slot = waiting.filter(
        opening=None,
        child_id=OuterRef("child_id"),
        day=OuterRef("day"),
        structure_id=OuterRef("opening__activity__structure_id"),
    )
    told = _of_child(Mismatch.objects.standing())
    return Q(~Exists(told), ~Exists(_of_child(waiting)), ~Exists(of_no_slot))


def _at_that_time(rows: QuerySet) -> QuerySet:  # type: ignore[type-arg]
    """Those of the child at that structure, on that opening or one that meets it."""
    return rows.filter(
        child_id=OuterRef("child_id"),
        day=OuterRef("day"),
        opening__activity__structure_id=OuterRef("opening__activity__structure_id"),
        opening__starts_at__lt=OuterRef("opening__ends_at"),
        opening__ends_at__gt=OuterRef("opening__starts_at"),
    )


def _of_child(rows: QuerySet) -> QuerySet:  # type: ignore[type-arg]
    return rows.filter(opening_id=OuterRef("opening_id"), child_id=OuterRef("child_id"))


def _news_by_day(found: Sequence[_Seen], openings: Collection[Opening]) -> Iterator[Found]:
    held = {one.pk: one for one in openings}
    for day in sorted({one.day for one in openings}):
        those = [one for one in found if held[one.opening_id].day == day]
        if those:
            yield from _news(those, held, day)


def _news(found: Collection[_Seen], openings: dict[int, Opening], day: date) -> Iterator[Found]:
    """Those that are a mismatch, each with the home to tell; the rule decides from all the ticks."""
    folded = standings({one.pair for one in found})
    homes = _homes_of([one for one in found if one.booking_id is None], openings, day)
    for one in found:
        kind = alert_kind(
            booked=one.booking_id is not None,
            standing=folded.get(one.pair, Standing()),
            declared=one.declared,
        )
        family_id = one.family_id or homes.get(one.pair)
        if kind is not None and family_id is not None:
            yield Found(one.opening_id, one.child_id, family_id, one.booking_id, day, kind)


def _homes_of(came: Sequence[_Seen], openings: dict[int, Opening], day: date) -> dict[Pair, int]:
    """The home that enrolled a child who came without booking; of two, the one whose day it is."""
    if not came:
        return {}
    rows = Enrolment.objects.filter(
        ~kept_away(day, "person_id", home="family_id"),
        person_id__in={one.child_id for one in came},
        activity__structure__in={openings[one.opening_id].activity.structure_id for one in came},
        family__erased_at=None,
        state__in=ENROLLED,
        starts_on__lte=day,
        ends_on__gte=day,
    ).order_by("pk")
    enrolled = list(ENROLLED_IN.of(rows))
    there = _those_days(enrolled, openings[came[0].opening_id].activity, day)
    found: dict[Pair, int] = {}
    for one in came:
        activity = openings[one.opening_id].activity
        mine = [
            (not there.get((row.family_id, row.child_id), True), row.activity_id != activity.pk, rank)
            for rank, row in enumerate(enrolled)
            if row.child_id == one.child_id and row.structure_id == activity.structure_id
        ]
        if mine:
            *_likeliest, rank = min(mine)
            found[one.pair] = enrolled[rank].family_id
    return found


class _EnrolledIn(NamedTuple):
    child_id: int
    family_id: int
    activity_id: int
    structure_id: int


ENROLLED_IN = columns(
    _EnrolledIn,
    "family_id",
    "activity_id",
    child_id="person_id",
    structure_id="activity__structure_id",
)


def _those_days(
    enrolled: Iterable[_EnrolledIn], activity: Activity, day: date
) -> dict[tuple[int, int], bool]:
    """Whether the child is in that home on `day`, for children whom two homes enrolled."""
    homes: dict[int, set[int]] = {}
    for one in enrolled:
        homes.setdefault(one.child_id, set()).add(one.family_id)
    shared = {child_id for child_id, found in homes.items() if len(found) > 1}
    if not shared:
        return {}
    rows = Member.objects.filter(current(day), person_id__in=shared, kind=Member.Kind.CHILD)
    members = {pk: (family_id, child) for pk, family_id, child in rows.values_list("pk", "family", "person")}
    calendar = activity_facts({activity.pk: activity.revision})[activity.pk].calendar
    custody = custody_rows(list(members))
    return {home: custody_on(custody.get(pk, ()), day, calendar) for pk, home in members.items()}


class _Mail(NamedTuple):
    """What one mail is about."""

    family_id: int
    child_id: int
    day: date
    kind: str
    structure_id: int


MAIL = columns(_Mail, "family_id", "child_id", "day", "kind", structure_id="opening__activity__structure_id")


def _told_before(news: Collection[Found]) -> set[_Mail]:
    """Of whom a home had the mail of that day, and something of it stands: its page says the rest."""
    rows = Mismatch.objects.standing().filter(
        day__in={one.day for one in news}, child_id__in={one.child_id for one in news}
    )
    return set(MAIL.of(rows))


def _of_mail(row: Mismatch) -> _Mail:
    return _Mail(row.family_id, row.child_id, row.day, row.kind, row.opening.activity.structure_id)


def _lifted_before(news: Collection[Found]) -> set[Pair]:
    """Of which the last that a home read is that it is lifted."""
    rows = Mismatch.objects.exclude(withdrawn_at=None).filter(
        opening_id__in={one.opening_id for one in news}, child_id__in={one.child_id for one in news}
    )
    return set(rows.values_list("opening_id", "child_id"))


def _lift(now: datetime) -> None:
    """As long as homes read it: a tablet brings ticks of some days back, a director corrects older ones."""
    child_ids = set(_contradicted(now).values_list("child_id", flat=True))
    if not child_ids:
        return
    with transaction.atomic():
        children_locked(child_ids)
        rows = _contradicted(now).filter(child_id__in=child_ids)
        seen = Exists(_at_that_time(Attendance.objects.filter(present=True)))
        mistaken = rows.filter(Q(seen, kind=Alert.ABSENT) | Q(~seen, kind=Alert.UNBOOKED))
        mismatches_lift(
            mistaken=set(mistaken.values_list("pk", flat=True)),
            rows=list(rows.select_related("child", "opening__slot", "opening__activity")),
            now=now,
        )


def _contradicted(now: datetime) -> QuerySet[Mismatch]:
    """What stands and is no longer so, or has its reason; not while two tablets disagree. The booking that an
    answer asks for, or asks to forget, is for who reads that answer."""
    agreed = Attendance.objects.filter(in_conflict=False)
    came = Q(Exists(_at_that_time(agreed.filter(present=True))))
    excused = Q(Exists(_of_child(agreed.exclude(reason=""))))
    may_be_there = Q(Exists(_of_child(Attendance.objects.filter(Q(present=True) | Q(in_conflict=True)))))
    booked = Exists(_of_child(Booking.objects.filter(state__in=HOLDING)))
    missing = Q(kind=Alert.ABSENT) & (came | excused | Q(~booked, answer=""))
    unbooked = Q(kind=Alert.UNBOOKED) & (~may_be_there | Q(booked, answer=""))
    since = local(now).date() - ANSWERED_WITHIN
    return Mismatch.objects.standing().filter(missing | unbooked, settled="", day__gte=since)
