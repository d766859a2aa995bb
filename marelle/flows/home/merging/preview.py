"""What an agent reads before two files become one, and what must not have changed until it says yes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from django.db.models import Max, Q

from marelle.bookings.bounds import Passed
from marelle.bookings.closing.doubles import doubles
from marelle.bookings.closing.joined import bounds_passed
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.enrolments.models import Enrolment
from marelle.families.fields import On, fields_on
from marelle.families.file.reading import value_now
from marelle.families.file.values import Value
from marelle.families.models import Family, FormerFile, Member, Person
from marelle.families.restrictions import kept_apart
from marelle.families.scope import keeps_files
from marelle.flows.actor.acting import acting_agents, own_homes
from marelle.flows.home.erasure import erasure_waiting
from marelle.flows.home.held import held_of
from marelle.flows.home.merging.matching import Difference, Side, Someone, differences, likely_pairs
from marelle.flows.home.merging.refusals import AlreadyMerged, MergeRefused
from marelle.flows.home.merging.rows import Moves, clashes
from marelle.flows.home.personal_rows import Part, counts_of
from marelle.journal.models import Entry

HOME_NAME: Final = "home.name"

WRITES: Final = (
    "file.",
    "residence.",
    "quotient.",
    "income.",
    "schooling.",
    "family.created",
    "health.",
    "pickup_contact.",
)
"""How the verbs of acts begin that say something of a file: whose last one is later is the newer file."""


@dataclass(frozen=True, slots=True)
class FileSide:
    """One of the two files; `people` are its members, now or before."""

    family: Family
    people: tuple[Someone, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """`pairs` are ids of people of the file left by whom they are in the file kept."""

    kept: FileSide
    left: FileSide
    pairs: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Preview(Sides):
    """`parts` count what goes from the file left. `passed` is how much may be booked, where the one home has
    more than either had. `shared` are children who live in both homes: what was said of their weeks is over.
    """

    differences: tuple[Difference, ...]
    parts: tuple[Part, ...]
    bookings_ended: int
    enrolments_joined: int
    passed: tuple[Passed, ...]
    shared: tuple[str, ...]
    fingerprint: str

    @property
    def moves(self) -> Moves:
        return Moves((self.left.family.pk, self.kept.family.pk), self.pairs)


def merge_sides(*, actor: Actor, kept_id: int, left_id: int, now: datetime) -> Sides:
    """Who is in each file, and who seems to be the same. Raises as `merge_preview`."""
    kept, left = files_to_merge(actor, kept_id, left_id, now)
    there, here = FileSide(kept, _people(kept)), FileSide(left, _people(left))
    return Sides(there, here, likely_pairs(there.people, here.people))


def merge_preview(
    *, actor: Actor, kept_id: int, left_id: int, pairs: Mapping[int, int] | None = None, now: datetime
) -> Preview:
    """What merging `left_id` into `kept_id` would do; `pairs` are the likely ones unless given.

    A number of queries that does not depend on what the files hold, but for the values of each pair. Raises
    `NotYours` for who keeps no files or a family that is not there, `MergeRefused`, `AlreadyMerged`.
    """
    kept, left = files_to_merge(actor, kept_id, left_id, now)
    return preview_of(kept, left, pairs, now)


def files_to_merge(actor: Actor, kept_id: int, left_id: int, now: datetime) -> tuple[Family, Family]:
    """The two files, where nothing about them or the actor stands in the way. Raises as `merge_preview`."""
    if not keeps_files(actor):
        raise NotYours
    if kept_id == left_id:
        raise MergeRefused("same_file")
    families = Family.objects.filter(erased_at=None).in_bulk([kept_id, left_id])
    if len(families) < 2:
        raise _gone(kept_id, left_id)
    if own_homes(actor, local(now).date()).filter(family__in=families).exists():
        raise MergeRefused("own_file")
    if agents := acting_agents(families, now=now):
        raise MergeRefused("acting", agents=agents)
    if any(erasure_waiting(pk) for pk in families):
        raise MergeRefused("erasure_waiting")
    if kept_apart(kept_id, left_id, day=local(now).date()):
        raise MergeRefused("kept_apart")
    return families[kept_id], families[left_id]


def preview_of(kept: Family, left: Family, pairs: Mapping[int, int] | None, now: datetime) -> Preview:
    """The same for files that the caller has checked, or locked. Raises `MergeRefused`, "wrong_pairs"."""
    day = local(now).date()
    there, here = FileSide(kept, _people(kept)), FileSide(left, _people(left))
    pairs = likely_pairs(there.people, here.people) if pairs is None else dict(pairs)
    _check_pairs(there, here, pairs)
    moves = Moves((left.pk, kept.pk), pairs)
    found = differences(_values(there, here, pairs, now), newer=_newer(kept, left))
    shared = {one.id for one in there.people} & {one.id for one in here.people}
    people = {one.id for one in here.people} - shared
    ended = {one.ended_id for one in doubles(pairs, day=day)}
    return Preview(
        kept=there,
        left=here,
        pairs=pairs,
        differences=found,
        parts=counts_of(left.pk, people),
        bookings_ended=len(ended),
        enrolments_joined=len(clashes(Enrolment, moves)),
        passed=bounds_passed(kept.pk, left.pk, pairs, ended=ended, day=day),
        shared=tuple(one.first_name for one in here.people if one.is_child and one.id in shared),
        fingerprint=_fingerprint(there, here, pairs),
    )


def _gone(kept_id: int, left_id: int) -> Exception:
    done = FormerFile.objects.filter(
        Q(old_id=left_id, family_id=kept_id) | Q(old_id=kept_id, family_id=left_id)
    ).first()
    return AlreadyMerged(done.family_id) if done is not None else NotYours()


def _people(family: Family) -> tuple[Someone, ...]:
    """Each once, as it was last; adults first, then by age."""
    rows = family.members.select_related("person").order_by("since", "pk")
    last = {row.person_id: row for row in rows}
    found = [
        Someone(
            row.person_id,
            row.person.first_name,
            row.person.last_name,
            row.person.birth_date or row.person.expected_on,
            row.kind == Member.Kind.CHILD,
        )
        for row in last.values()
    ]
    return tuple(sorted(found, key=lambda one: (one.is_child, str(one.born or ""), one.id)))


def _check_pairs(kept: FileSide, left: FileSide, pairs: Mapping[int, int]) -> None:
    there, here = ({one.id: one for one in side.people} for side in (kept, left))
    shared = there.keys() & here.keys()
    right = all(
        old in here and new in there and here[old].is_child is there[new].is_child
        for old, new in pairs.items()
    )
    twice = len(set(pairs.values())) < len(pairs)
    if not right or twice or shared & {*pairs, *pairs.values()}:
        raise MergeRefused("wrong_pairs")


def _values(
    kept: FileSide, left: FileSide, pairs: Mapping[int, int], now: datetime
) -> Iterator[tuple[str, int | None, Value, Value]]:
    day = local(now).date()
    yield HOME_NAME, None, {"value": kept.family.name}, {"value": left.family.name}
    for field in fields_on(On.HOME):
        yield (
            field.code,
            None,
            value_now(field, kept.family, None, day=day),
            value_now(field, left.family, None, day=day),
        )
    rows = Person.objects.in_bulk({*pairs, *pairs.values()})
    children = {one.id for one in left.people if one.is_child}
    for old, new in pairs.items():
        for field in fields_on(On.CHILD if old in children else On.ADULT):
            if field.column:  # what lives in dated rows moves with them
                yield (
                    field.code,
                    old,
                    value_now(field, kept.family, rows[new], day=day),
                    value_now(field, left.family, rows[old], day=day),
                )


def _newer(kept: Family, left: Family) -> Side:
    begins = Q()
    for verb in WRITES:
        begins |= Q(verb__startswith=verb)
    last = dict(
        Entry.objects.filter(begins, family_id__in=(kept.pk, left.pk))
        .order_by()
        .values("family_id")
        .annotate(last=Max("at"))
        .values_list("family_id", "last")
    )
    kept_at, left_at = (last.get(family.pk, family.created_at) for family in (kept, left))
    return "left" if left_at > kept_at else "kept"


def _fingerprint(kept: FileSide, left: FileSide, pairs: Mapping[int, int]) -> str:
    homes = (kept.family.pk, left.family.pk)
    people = {one.id for side in (kept, left) for one in side.people}
    seen = (homes, sorted(pairs.items()), held_of(homes, people))
    return sha256(repr(seen).encode()).hexdigest()
