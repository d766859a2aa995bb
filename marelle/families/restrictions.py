"""A judge's restriction on one child: who writes it, who confirms it, how it ends.

Two agents are needed each time, of neither home. It holds as soon as one has written it, since a child may
be in danger meanwhile, and goes on holding until a second one has refused it or agreed to its last day: no
silence lifts it. What it hides is `selectors.kept_away`'s to say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import people_locked
from marelle.families.models import Member, Person, Restriction
from marelle.families.models.restrictions import LABEL
from marelle.families.refusals import NotAllowed, RestrictionRefused
from marelle.families.scope import is_own_file, own_files
from marelle.families.selectors import current, kept_away, rights
from marelle.families.services import KEEPERS
from marelle.files.services import CheckedFile, file_store
from marelle.journal.services import record
from marelle.mail.models import Message
from marelle.mail.services import NOT_BEGUN, revoke

WRITTEN: Final = "restriction.written"
CONFIRMED: Final = "restriction.confirmed"
REFUSED: Final = "restriction.refused"
END_PROPOSED: Final = "restriction.end_proposed"
END_AGREED: Final = "restriction.end_agreed"
END_DROPPED: Final = "restriction.end_dropped"


@dataclass(frozen=True, slots=True)
class Judgment:
    """What an agent writes from a judgment. `until` of None: no end is known."""

    since: date
    until: date | None
    reason: str
    proof: CheckedFile | None = None


def restrictable(child_id: int, *, day: date) -> tuple[Person, ...]:
    """Adults whom a judge may keep away from a child: its guardians, and who lives with it; one query."""
    homes = Member.objects.filter(current(day), person_id=child_id, kind=Member.Kind.CHILD)
    lives = Q(
        current(day, "memberships__"),
        memberships__kind=Member.Kind.ADULT,
        memberships__family_id__in=homes.values("family_id"),
    )
    guards = Q(current(day, "wards__"), wards__child_id=child_id)
    return tuple(Person.objects.filter(lives | guards).distinct().order_by("last_name", "first_name", "pk"))


def restrictions_read(actor: Actor, *, day: date) -> QuerySet[Restriction]:
    """Those that the actor keeps, of neither its own child nor its own home: what waits first, then the
    latest."""
    if not _keeps(actor):
        return Restriction.objects.none()
    own = Member.objects.filter(family_id__in=own_files(actor, day)).values("person_id")
    rows = Restriction.objects.exclude(child_id__in=own).exclude(adult_id__in=own)
    return rows.select_related("child", "adult", "proof")


def restrictions_of_home(family_id: int, *, day: date) -> tuple[Restriction, ...]:
    """Those that hold, or will, of a child of the home or of one of its adults; one query."""
    people = Member.objects.filter(current(day), family_id=family_id)
    rows = Restriction.objects.standing().filter(
        Q(until=None) | Q(until__gte=day),
        Q(child_id__in=people.values("person_id")) | Q(adult_id__in=people.values("person_id")),
    )
    return tuple(rows.select_related("child", "adult").order_by("child_id", "since", "pk"))


def kept_apart(first_id: int, second_id: int, *, day: date) -> bool:
    """Whether a judge keeps an adult of one of two homes away from a child of the other; one query."""
    there = Member.objects.filter(current(day))
    of = {pk: there.filter(family_id=pk).values("person_id") for pk in (first_id, second_id)}
    across = Q(adult_id__in=of[first_id], child_id__in=of[second_id]) | Q(
        adult_id__in=of[second_id], child_id__in=of[first_id]
    )
    return Restriction.objects.standing().filter(across, Q(until=None) | Q(until__gte=day)).exists()


def restrictions_of_child(child_id: int, *, day: date) -> tuple[Restriction, ...]:
    """Those in force of a child, for who hands it over; one query."""
    return tuple(Restriction.objects.in_force(day).filter(child_id=child_id).select_related("adult"))


@transaction.atomic
def restriction_write(
    *,
    actor: Actor,
    child_id: int,
    adult_ids: Collection[int],
    judgment: Judgment,
    now: datetime,
) -> tuple[Restriction, ...]:
    """Keep adults away from a child, at once and until a second agent says otherwise.

    An adult who shares its home with another who sees the child is refused: they have one file, which nothing
    can hide from one of them. Raises NotAllowed, NotYours, RestrictionRefused.
    """
    day = local(now).date()
    if not people_locked([child_id]):
        raise NotYours
    known = {adult.pk: adult for adult in restrictable(child_id, day=day)}
    if not adult_ids or not set(adult_ids) <= set(known):
        raise NotYours
    _check_theirs(actor, child_id, adult_ids, day)
    if judgment.until is not None and judgment.until < judgment.since:
        raise RestrictionRefused("dates")
    for adult_id in adult_ids:
        if _overlapping(child_id, adult_id, judgment).exists():
            raise RestrictionRefused("already", name=str(known[adult_id]))
        beside = _beside(child_id, adult_id, day).exclude(pk__in=adult_ids).first()
        if beside is not None:
            raise RestrictionRefused("one_file", name=str(known[adult_id]), other=str(beside))
    proof = None
    if judgment.proof is not None:
        proof = file_store(actor=actor, upload=judgment.proof, now=now)
    rows = tuple(
        Restriction.objects.create(
            child_id=child_id,
            adult_id=adult_id,
            since=judgment.since,
            until=judgment.until,
            reason=judgment.reason,
            proof=proof,
            written_at=now,
            written_by=actor.label[:LABEL],
            writer_id=actor.user_id,
        )
        for adult_id in sorted(adult_ids)
    )
    for row in rows:
        _note(actor, WRITTEN, row, now)
    mails_withheld(now=now)
    return rows


@transaction.atomic
def restriction_confirm(*, actor: Actor, restriction_id: int, now: datetime) -> Restriction:
    """Say, as a second agent, that the judgment says so. Raises NotAllowed, NotYours, RestrictionRefused."""
    row = _to_answer(actor, restriction_id, now)
    row.confirmed_at, row.confirmed_by = now, actor.label[:LABEL]
    row.save(update_fields=["confirmed_at", "confirmed_by"])
    _note(actor, CONFIRMED, row, now)
    return row


@transaction.atomic
def restriction_refuse(*, actor: Actor, restriction_id: int, now: datetime) -> Restriction:
    """Say, as a second agent, that it was written by mistake: it keeps nobody away any more. Raises as
    `restriction_confirm`."""
    row = _to_answer(actor, restriction_id, now)
    row.refused_at, row.refused_by = now, actor.label[:LABEL]
    row.save(update_fields=["refused_at", "refused_by"])
    _note(actor, REFUSED, row, now)
    return row


@transaction.atomic
def restriction_end_propose(
    *, actor: Actor, restriction_id: int, last_day: date, now: datetime
) -> Restriction:
    """Ask that it ends after a day: nothing changes before a second agent agrees. Raises as
    `restriction_confirm`."""
    row = _locked(actor, restriction_id, now)
    today = local(now).date()
    if row.confirmed_at is None:
        raise RestrictionRefused("unconfirmed")
    if row.last_day is not None:
        raise RestrictionRefused("end_waits")
    if last_day < max(row.since, today) or (row.until is not None and last_day > row.until):
        raise RestrictionRefused("last_day")
    row.last_day, row.lifted_by, row.lifter_id = last_day, actor.label[:LABEL], actor.user_id
    row.save(update_fields=["last_day", "lifted_by", "lifter"])
    _note(actor, END_PROPOSED, row, now)
    return row


@transaction.atomic
def restriction_end_answer(*, actor: Actor, restriction_id: int, agreed: bool, now: datetime) -> Restriction:
    """As a second agent, agree to the last day that is proposed, or leave things as they are. Who proposed it
    may take it back. Raises as `restriction_confirm`."""
    row = _locked(actor, restriction_id, now)
    if row.last_day is None:
        raise RestrictionRefused("answered")
    if agreed and row.lifter_id is not None and row.lifter_id == actor.user_id:
        raise RestrictionRefused("same")
    if agreed:
        row.until = row.last_day
    row.last_day = None
    row.save(update_fields=["until", "last_day"])
    _note(actor, END_AGREED if agreed else END_DROPPED, row, now)
    return row


def mails_withheld(*, now: datetime) -> int:
    """Take back mails and letters that have not left, and tell a home of a child from which a judge keeps it
    away today: those written before the restriction began. Returns how many; two queries at most."""
    day = local(now).date()
    away = Member.objects.filter(
        current(day), Q(kept_away(day, "person_id", home="family_id")), kind=Member.Kind.CHILD
    )
    pairs = set(away.order_by().values_list("family_id", "person_id"))
    if not pairs:
        return 0
    waiting = Message.objects.filter(
        family_id__in={family_id for family_id, _child in pairs},
        state__in=NOT_BEGUN,
    )
    rows = waiting.order_by().values_list("pk", "family_id", "about")
    told = [pk for pk, home, about in rows if any((home, child) in pairs for child in about)]
    return revoke(ids=told) if told else 0


def may_answer(row: Restriction, actor: Actor) -> bool:
    """Whether the actor is another agent than the one who wrote it."""
    return row.writer_id is None or row.writer_id != actor.user_id


def may_agree(row: Restriction, actor: Actor) -> bool:
    """Whether the actor is another agent than the one who proposed its last day."""
    return row.lifter_id is None or row.lifter_id != actor.user_id


def _keeps(actor: Actor) -> bool:
    return any(power.role in KEEPERS for power in actor.powers)


def _check_theirs(actor: Actor, child_id: int, adult_ids: Collection[int], day: date) -> None:
    """Neither the actor's own child, nor one of its homes, nor itself."""
    if not _keeps(actor):
        raise NotAllowed("keeps_no_files")
    homes = Member.objects.filter(current(day), person_id__in=[child_id, *adult_ids])
    for family_id in set(homes.values_list("family_id", flat=True)):
        if is_own_file(actor, family_id=family_id, person_id=child_id, day=day):
            raise NotAllowed("own_file")
    if actor.person_id in adult_ids:
        raise NotAllowed("own_file")


def _to_answer(actor: Actor, restriction_id: int, now: datetime) -> Restriction:
    row = _locked(actor, restriction_id, now)
    if row.confirmed_at is not None or row.refused_at is not None:
        raise RestrictionRefused("answered")
    if not may_answer(row, actor):
        raise RestrictionRefused("same")
    return row


def _locked(actor: Actor, restriction_id: int, now: datetime) -> Restriction:
    day = local(now).date()
    found = restrictions_read(actor, day=day).filter(pk=restriction_id).first()
    if found is None:
        raise NotYours
    people_locked([found.child_id])
    row = Restriction.objects.select_for_update(no_key=True).get(pk=restriction_id)
    _check_theirs(actor, row.child_id, [row.adult_id], day)
    if row.refused_at is not None or (row.until is not None and row.until < day):
        raise RestrictionRefused("over")
    return row


def _overlapping(child_id: int, adult_id: int, judgment: Judgment) -> QuerySet[Restriction]:
    rows = Restriction.objects.standing().filter(child_id=child_id, adult_id=adult_id)
    rows = rows.filter(Q(until=None) | Q(until__gte=judgment.since))
    return rows if judgment.until is None else rows.filter(since__lte=judgment.until)


def _beside(child_id: int, adult_id: int, day: date) -> QuerySet[Person]:
    """Who lives in the same home as an adult and may see the child."""
    homes = Member.objects.filter(current(day), person_id=adult_id, kind=Member.Kind.ADULT)
    there = Member.objects.filter(
        current(day), family_id__in=homes.values("family_id"), kind=Member.Kind.ADULT
    ).exclude(person_id=adult_id)
    seeing = rights(day).filter(child_id=child_id, may_see=True, adult_id__in=there.values("person_id"))
    return Person.objects.filter(pk__in=seeing.values("adult_id")).order_by("pk")


def _note(actor: Actor, verb: str, row: Restriction, now: datetime) -> None:
    """Of no home, and without a name: neither of them reads it in its history."""
    record(actor=actor, verb=verb, subject=Subject("restriction", row.pk, ""), now=now)
