"""The papers that enrolments need and that are missing: who lacks them, what that closes, and reminding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from marelle.core.actor import Actor
from marelle.core.batches import in_batches
from marelle.core.clock import local
from marelle.core.prepared import prepared, rounded
from marelle.core.refusals import Recounted
from marelle.core.rows import columns
from marelle.enrolments.facts import Guards
from marelle.enrolments.models import Enrolment
from marelle.families.models import Family, Guardianship, Member, Person
from marelle.families.selectors import current, rights, still_there
from marelle.flows.papers.asked import live
from marelle.papers.guards import (
    SENT,
    MissingPaper,
    Sent,
    adults_without,
    asked_by_activities,
    counting,
    outer,
    owners,
)
from marelle.papers.mails import tell_asked
from marelle.papers.models import Paper, PaperAsked, PaperReminded, PaperReminder, PaperType
from marelle.papers.rules import GIVEN, About, Effect, Given, PaperState, Status, status
from marelle.papers.scope import kept_structures
from marelle.papers.services import reminded_lately, reminder_send
from marelle.places.models import Structure

BATCH: Final = 50
"""Homes reminded in one transaction."""

AT_ONCE: Final = 500
"""Homes reminded in one round of the worker, so that its other work does not wait."""

OF: Final = ("family", "self")
"""What is locked: the home before its row, as by whoever writes about it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A structure, or one of its activities."""

    structure_id: int
    activity_id: int | None = None


@dataclass(slots=True)
class Lacking:
    """A paper that a home lacks: of `person`, None for the home's own.

    `effects` are what it closes in the activities that ask for it; `asked_at` is when a mail asked for it.
    """

    kind: PaperType
    person: Person | None
    status: Status
    asked_at: datetime | None
    effects: list[tuple[Effect, date | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ToRemind:
    """The homes that a reminder would reach: `new`, and `lately` those reminded a short while ago."""

    new: tuple[int, ...]
    lately: tuple[int, ...]

    def chosen(self, *, insist: bool) -> tuple[int, ...]:
        return self.new + self.lately if insist else self.new


def accepted(day: date) -> QuerySet[Enrolment]:
    return live(day).filter(state=Enrolment.State.ACCEPTED)


def places(actor: Actor, *, day: date) -> dict[Place, str]:
    """The name of each structure whose missing papers the actor follows, then of its activities that are not
    over; one query."""
    found: dict[Place, str] = {}
    for one in _places(actor, day):
        found.setdefault(Place(one.structure_id), one.structure)
        if one.activity_id is not None:
            found[Place(one.structure_id, one.activity_id)] = f"{one.structure} · {one.activity}"
    return found


class _Named(NamedTuple):
    structure_id: int
    structure: str
    activity_id: int | None
    activity: str | None


NAMED = columns(_Named, structure_id="pk", structure="name", activity_id="kept__pk", activity="kept__name")


@prepared
def _places(actor: Actor, day: date) -> QuerySet[Structure, _Named]:
    """Each structure with each of its activities that are not over, or with None."""
    kept = FilteredRelation("activities", condition=Q(activities__last_day__gte=day))
    rows = (
        kept_structures(actor).annotate(kept=kept).order_by("order", "name", "pk", "kept__name", "kept__pk")
    )
    return NAMED.of(rows)


def homes_lacking(actor: Actor, place: Place, *, day: date) -> list[int]:
    """Ids of the homes with something missing there, by name, none out of reach; one query."""
    return _homes_lacking(actor, place.structure_id, place.activity_id, day)


@prepared
def _homes_lacking(
    actor: Actor, structure_id: int, activity_id: int | None, day: date
) -> QuerySet[Family, int]:
    kept = kept_structures(actor).filter(pk=structure_id)
    rows = _enrolments(structure_id, activity_id, day)
    lacking = rows.filter(Exists(missing_types(day)), activity__structure__in=kept)
    homes = Family.objects.filter(still_there(day), pk__in=lacking.order_by().values("family_id"))
    return homes.order_by("name", "pk").values_list("pk", flat=True)


def homes_named(homes: Collection[int]) -> list[Any]:
    """These homes by name, each with `reminded_at`; one query."""
    latest = PaperReminded.objects.filter(family_id=OuterRef("pk")).order_by("-asked_at").values("asked_at")
    rows = Family.objects.filter(pk__in=homes).annotate(reminded_at=Subquery(latest[:1]))
    return list(rows.order_by("name", "pk"))


def lacking_of(place: Place, homes: Collection[int], *, day: date) -> dict[int, list[Lacking]]:
    """What each of these homes lacks there; seven queries at most, whatever their number."""
    homes = rounded(homes)
    rows = list(_enrolled_of(place.structure_id, place.activity_id, homes, day))
    said = {(one.home, one.kind, one.person): one.at for one in _asked_of(homes)}
    found: dict[int, dict[tuple[int, int | None], Lacking]] = defaultdict(dict)
    for row, one in _missing(rows, day):
        if not one.kind.mandatory:
            continue
        lacking = found[row.home].setdefault(
            (one.kind.pk, one.owner),
            Lacking(one.kind, None, one.status, said.get((row.home, one.kind.pk, one.owner))),
        )
        if (one.effect, one.since) not in lacking.effects:
            lacking.effects.append((one.effect, one.since))
    _name_owners(found)
    return {home: list(them.values()) for home, them in found.items()}


@dataclass(frozen=True, slots=True)
class RequestLacks:
    """Titles of the papers that a request lacks: `all` that have some effect, of which `blocking` are those
    without which its activity takes no request."""

    all: tuple[str, ...]
    blocking: tuple[str, ...]


def requests_lack(enrolment_ids: Collection[int], *, day: date) -> dict[int, RequestLacks]:
    """What each of these enrolments lacks on `day`, by id; five queries at most, whatever their number."""
    if not enrolment_ids:
        return {}
    rows = {one.enrolment_id: one.row for one in _asking(enrolment_ids)}
    by_row: dict[Row, list[MissingPaper]] = defaultdict(list)
    for row, one in _missing(list(dict.fromkeys(rows.values())), day):
        by_row[row].append(
            MissingPaper(
                type_id=one.kind.pk,
                title=one.kind.title,
                effect=one.effect,
                bookings_from=one.since,
                state=one.status.standing,
                person_id=one.owner,
                mandatory=one.kind.mandatory,
            )
        )
    found = {}
    for pk, row in rows.items():
        missing = tuple(paper for paper in by_row.get(row, ()) if paper.effect is not Effect.NOTHING)
        if missing:
            titles = tuple(dict.fromkeys(paper.title for paper in missing))
            found[pk] = RequestLacks(
                titles, Guards(missing={row.activity: missing}).papers_that_block(row.activity)
            )
    return found


class Row(NamedTuple):
    """Somebody of a home in an activity, by their ids."""

    home: int
    person: int
    activity: int


class _Asking(NamedTuple):
    enrolment_id: int
    row: Row


ROW = columns(Row, home="family_id", person="person_id", activity="activity_id")
ASKING = columns(_Asking, enrolment_id="pk", row=ROW)


def _asking(enrolment_ids: Collection[int]) -> QuerySet[Enrolment, _Asking]:
    return ASKING.of(Enrolment.objects.filter(pk__in=enrolment_ids))


@dataclass(frozen=True, slots=True)
class _Missing:
    """A paper that an activity asks for and that does not count as given; `owner` is None for the home's."""

    kind: PaperType
    owner: int | None
    effect: Effect
    since: date | None
    status: Status


def _missing(rows: Collection[Row], day: date) -> Iterator[tuple[Row, _Missing]]:
    """What is missing to enrol each of these people in that activity from that home; four queries at most."""
    asked = asked_by_activities({row.activity for row in rows})
    if not asked:
        return
    homes = rounded({row.home for row in rows})
    adults = _answering(homes, {row.person for row in rows}, day)
    people = {row.person for row in rows} | {one for them in adults.values() for one in them}
    papers = _given(homes, people)
    for row in rows:
        for kind, effect, since in asked.get(row.activity, ()):
            for owner in owners(kind, row.person, adults.get((row.home, row.person), ())):
                standing = status(_of_home(papers.get((kind.pk, owner), ()), row.home, owner), day)
                if standing.standing not in GIVEN:
                    yield row, _Missing(kind, owner, effect, since, standing)


def _name_owners(found: Mapping[int, Mapping[tuple[int, int | None], Lacking]]) -> None:
    """Whose each paper is; one query."""
    owners_found = {owner for them in found.values() for _kind, owner in them if owner is not None}
    named = Person.objects.in_bulk(owners_found)
    for them in found.values():
        for (_kind, owner), lacking in them.items():
            lacking.person = named[owner] if owner is not None else None


@prepared
def _enrolled_of(
    structure_id: int, activity_id: int | None, homes: Collection[int], day: date
) -> QuerySet[Enrolment, Row]:
    rows = _enrolments(structure_id, activity_id, day).filter(family_id__in=homes)
    return ROW.of(rows.order_by("family_id", "person__first_name", "person_id", "activity_id"))


class _Asked(NamedTuple):
    home: int
    kind: int
    person: int | None
    at: datetime


ASKED = columns(_Asked, home="family_id", kind="paper_type_id", person="person_id", at="asked_at")


def _asked_of(homes: Collection[int]) -> QuerySet[PaperAsked, _Asked]:
    return ASKED.of(PaperAsked.objects.filter(family_id__in=homes))


def to_remind(actor: Actor, place: Place, *, chosen: Collection[int] | None, now: datetime) -> ToRemind:
    """Of the homes `chosen`, or of all (None), those that lack something there; two queries."""
    homes = homes_lacking(actor, place, day=local(now).date())
    lately = set(reminded_lately(now).values_list("family_id", flat=True))
    wanted = set(homes if chosen is None else chosen)
    ids = [pk for pk in homes if pk in wanted]
    return ToRemind(tuple(pk for pk in ids if pk not in lately), tuple(pk for pk in ids if pk in lately))


def remind(
    *,
    actor: Actor,
    place: Place,
    chosen: Collection[int] | None,
    insist: bool,
    expected: int,
    now: datetime,
) -> PaperReminder:
    """Send one reminder to each home that lacks something, `expected` of them as the agent read.

    Raises as `reminder_send`, or `Recounted`.
    """
    homes = to_remind(actor, place, chosen=chosen, now=now).chosen(insist=insist)
    if homes and len(homes) != expected:
        raise Recounted(len(homes))
    return reminder_send(
        actor=actor,
        structure_id=place.structure_id,
        activity_id=place.activity_id,
        homes=homes,
        insist=insist,
        now=now,
    )


def reminder_of(actor: Actor, reminder_id: int) -> PaperReminder | None:
    """One of the structures that the actor follows."""
    rows = PaperReminder.objects.filter(structure__in=kept_structures(actor), pk=reminder_id)
    return rows.select_related("structure", "activity").first()


def reminder_counts(reminder: PaperReminder) -> tuple[int, int]:
    """How many homes were told, and how many had nothing more to send; one query."""
    done = Q(reminded__told_at__isnull=False)
    return (
        PaperReminder.objects.filter(pk=reminder.pk)
        .annotate(
            told=Count("reminded", filter=done & Q(reminded__papers__gt=0)),
            settled=Count("reminded", filter=done & Q(reminded__papers=0)),
        )
        .values_list("told", "settled")
        .get()
    )


def reminded_of(reminder: PaperReminder) -> QuerySet[PaperReminded]:
    """Its homes, by name."""
    return reminder.reminded.select_related("family").order_by("family__name", "pk")


def papers_reminded(*, now: datetime) -> int:
    """Write the reminders that agents asked for; for the worker. Returns how many homes were looked at."""
    waiting = PaperReminded.objects.filter(told_at=None).select_related("reminder", "family").order_by("pk")
    return in_batches(waiting, lambda rows: _remind(rows, now), of=OF, size=BATCH, at_most=AT_ONCE)


def missing_types(day: date, *, unasked: bool = False) -> QuerySet[PaperType]:
    """The mandatory types that an enrolment needs and that are missing; to be used in a query on enrolments.

    With `unasked`, those alone that were never asked for by mail.
    """
    kind, home, person = outer("pk"), outer("family_id", 2), outer("person_id", 2)
    of_home = Q(~Exists(counting(day, kind=kind, family_id=home, person=None)))
    of_child = Q(~Exists(counting(day, kind=kind, person_id=person)))
    adults = adults_without(day, kind="pk")
    if unasked:
        said = PaperAsked.objects.filter(paper_type_id=kind, family_id=home)
        of_home &= Q(~Exists(said.filter(person=None)))
        of_child &= Q(~Exists(said.filter(person_id=person)))
        adults = adults.filter(
            ~Exists(PaperAsked.objects.filter(paper_type_id=outer("pk", 2), person_id=OuterRef("person_id")))
        )
    return PaperType.objects.filter(
        Q(needs__activity_id=OuterRef("activity_id"))
        | Q(asked_of_all=True, authority_id=OuterRef("activity__structure__authority_id")),
        Q(of_home, about=About.FAMILY)
        | Q(of_child, about=About.CHILD)
        | Q(Exists(adults), about=About.ADULT),
        active=True,
        mandatory=True,
    )


def _enrolments(structure_id: int, activity_id: int | None, day: date) -> QuerySet[Enrolment]:
    rows = accepted(day).filter(activity__structure_id=structure_id)
    return rows if activity_id is None else rows.filter(activity_id=activity_id)


def _answering(
    homes: Collection[int], children: Collection[int], day: date
) -> Mapping[tuple[int, int], list[int]]:
    """The adults of each home who have authority over each child, by (home, child)."""
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for one in _adults_of(homes, rounded(children), day):
        found[one.home, one.child].append(one.adult)
    return found


class _Answering(NamedTuple):
    home: int
    child: int
    adult: int


ANSWERING = columns(_Answering, home="adult__memberships__family_id", child="child_id", adult="adult_id")


@prepared
def _adults_of(
    homes: Collection[int], children: Collection[int], day: date
) -> QuerySet[Guardianship, _Answering]:
    pairs = rights(day).filter(
        current(day, "adult__memberships__"),
        child_id__in=children,
        has_authority=True,
        adult__memberships__kind=Member.Kind.ADULT,
        adult__memberships__family_id__in=homes,
    )
    return ANSWERING.of(pairs.order_by("adult_id"))


def _given(homes: Collection[int], people: Collection[int]) -> Mapping[tuple[int, int | None], list[Sent]]:
    """What was sent by these homes or for these people, by type and person."""
    found: dict[tuple[int, int | None], list[Sent]] = defaultdict(list)
    for one in _papers(homes, people):
        found[one.kind, one.person].append(one)
    return found


def _papers(homes: Collection[int], people: Collection[int]) -> QuerySet[Paper, Sent]:
    rows = Paper.objects.filter(
        Q(person_id__in=people) | Q(family_id__in=homes, person=None),
        state__in=(PaperState.RECEIVED, PaperState.ACCEPTED, PaperState.REFUSED),
    )
    return SENT.of(rows)


def _of_home(papers: Collection[Sent], home: int, owner: int | None) -> list[Given]:
    """As a home sees them: of a person, every home's count; of the home, its own alone."""
    return [one.seen_by(home) for one in papers if owner is not None or one.home == home]


def _remind(rows: list[PaperReminded], now: datetime) -> None:
    day = local(now).date()
    for reminder, group in groupby(rows, key=attrgetter("reminder")):
        asked = list(group)
        place = Place(reminder.structure_id, reminder.activity_id)
        found = lacking_of(place, [row.family_id for row in asked], day=day)
        for row in asked:
            lacking = found.get(row.family_id, [])
            if lacking:
                _tell(row, lacking, now)
            row.told_at, row.papers = now, len(lacking)
        PaperReminded.objects.bulk_update(asked, ["told_at", "papers"])


def _tell(row: PaperReminded, lacking: list[Lacking], now: datetime) -> None:
    """One mail; what it names is from then on asked for, so that the portal does not ask again by itself."""
    PaperAsked.objects.bulk_create(
        [
            PaperAsked(paper_type=one.kind, family_id=row.family_id, person=one.person, asked_at=now)
            for one in lacking
            if one.asked_at is None
        ],
        ignore_conflicts=True,
    )
    kinds = list({one.kind.pk: one.kind for one in lacking}.values())
    tell_asked(
        family_id=row.family_id,
        kinds=kinds,
        structures=[row.reminder.structure_id],
        reminder=True,
        now=now,
    )
