"""Giving who leaves a home a file of its own, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from marelle.accounts.models import User
from marelle.accounts.services import account_sign_out
from marelle.billing.mandates.services import mandates_of_leavers_end
from marelle.bookings.models import Booking, BookingRequest
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.enrolments.models import EndRequest, Enrolment, GroupChoice
from marelle.families.fields import BY_CODE
from marelle.families.file.changes import change_replace
from marelle.families.file.writing import residence_put, value_write
from marelle.families.finding.index import families_index
from marelle.families.locks import files_locked
from marelle.families.models import (
    ChangeRequest,
    Consent,
    CustodyPeriod,
    Family,
    Member,
    Person,
    PickupContact,
    PickupPermission,
)
from marelle.families.services import families_numbered
from marelle.families.telling import service_contacts, tell_home
from marelle.flows.home.separating.fates import CASES, FATES, Fate, rows_leaving, rows_move
from marelle.flows.home.separating.plan import ALWAYS, Pattern, Plan, Where
from marelle.flows.home.separating.preview import (
    Moving,
    Preview,
    household_of,
    moved_bookings,
    separation_preview,
    threads_begun_by,
)
from marelle.flows.home.separating.refusals import AlreadySeparated, SeparationRefused
from marelle.journal.services import record
from marelle.messaging.models import Thread
from marelle.places.rules import DAY

SEPARATED: Final = "family.separated"
BEGUN: Final = "family.begun"


@dataclass(frozen=True, slots=True)
class Separated:
    """The file of who left. `already`: it was there before, as when the same form is sent twice."""

    family_id: int
    already: bool = False


def family_separate(
    *, actor: Actor, family_id: int, plan: Plan, fingerprint: str, now: datetime
) -> Separated:
    """Give who leaves a file of its own as of today: people, enrolments and bookings as the plan says, and
    what is about those who live here no more.

    `fingerprint` is that of the preview read. Sessions of who leaves end; each home's adults are told.
    Raises `NotYours`, `SeparationRefused`.
    """
    try:
        with transaction.atomic():
            return _separate(actor, family_id, plan, fingerprint, now)
    except AlreadySeparated as done:
        return Separated(done.data["family_id"], already=True)


def _separate(actor: Actor, family_id: int, plan: Plan, fingerprint: str, now: datetime) -> Separated:
    household_of(actor=actor, family_id=family_id, now=now)
    files_locked(family_id)
    preview = separation_preview(actor=actor, family_id=family_id, plan=plan, now=now)
    if preview.fingerprint != fingerprint:
        raise SeparationRefused("stale")
    day = local(now).date()
    old, new = preview.household.family, _home(plan, day, now)
    for moving in preview.moving:
        _enrolment(moving, new)
    _rows(actor, preview, new, now)
    _people(preview, new, day)
    mandates_of_leavers_end(actor=actor, family_id=old.pk, people=plan.leaving, now=now)
    families_index([old.pk, new.pk], day=day)
    for user_id in User.objects.filter(person__in=plan.adults).values_list("pk", flat=True):
        account_sign_out(user_id=user_id)
    _tell(actor, preview, new, now)
    return Separated(new.pk)


def _home(plan: Plan, day: date, now: datetime) -> Family:
    (family,) = families_numbered([plan.name], now=now)
    where = {
        "street": plan.address.street,
        "postal_code": plan.address.postal_code,
        "city": plan.address.city,
    }
    residence_put(family, where, since=day, source=plan.address.source)
    return family


def _people(preview: Preview, new: Family, day: date) -> None:
    """Who goes lives here until yesterday, so that on no day somebody is of both homes by mistake."""
    plan = preview.plan
    for member in preview.household.people:
        goes, shared = member.person_id in plan.leaving, member.person_id in plan.shared
        if not (goes or shared):
            continue
        if goes:
            Member.objects.filter(pk=member.pk).update(until=day - DAY)
        there = Member.objects.create(family=new, person=member.person, kind=member.kind, since=day)
        if goes:
            _custody_follows(member, there, day)
        elif (pattern := plan.patterns.get(member.person_id, ALWAYS)) != ALWAYS:
            _custody(there, pattern, day)
            _custody(member, pattern.of_the_other, day)
    for adult_id, reach in plan.adults.items():
        person = Person.objects.get(pk=adult_id)
        for code, value in (("adult.email", reach.email), ("adult.phone", reach.phone)):
            value_write(BY_CODE[code], new, person, {"value": value}, source="", day=day)


def _custody(member: Member, pattern: Pattern, day: date) -> None:
    member.custody.filter(since__gte=day).delete()
    member.custody.filter(until=None).update(until=day - DAY)
    CustodyPeriod.objects.create(member=member, weeks=pattern.weeks, holidays=pattern.holidays, since=day)


def _custody_follows(member: Member, there: Member, day: date) -> None:
    """A child that shares its time with a third home goes on doing so."""
    running = member.custody.filter(until=None).order_by("since").last()
    if running is not None:
        member.custody.filter(until=None).update(until=day - DAY)
        CustodyPeriod.objects.create(member=there, weeks=running.weeks, holidays=running.holidays, since=day)


def _enrolment(moving: Moving, new: Family) -> None:
    row = moving.enrolment
    bookings = Booking.objects.filter(moved_bookings(moving))
    asked = set(
        bookings.filter(state=BookingState.REQUESTED)
        .exclude(request=None)
        .values_list("request_id", flat=True)
    )
    rows_move(BookingRequest.objects.filter(pk__in=asked), new.pk)
    ends = EndRequest.objects.filter(enrolment=row)
    if moving.whole:
        bookings.update(family=new)
        rows_move(Enrolment.objects.filter(pk=row.pk), new.pk)
        _cases_of_ends(ends, new)
        return
    first = Enrolment.objects.create(
        family=new,
        person_id=row.person_id,
        activity_id=row.activity_id,
        state=row.state,
        starts_on=moving.since,
        ends_on=row.ends_on,
        wishes=row.wishes,
        answers=row.answers,
        comment=row.comment,
        derogation=row.derogation,
        passed=row.passed,
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
    )
    bookings.update(family=new, enrolment=first)
    _groups(row, first)
    waiting = ends.filter(state=EndRequest.State.REQUESTED, last_day__gte=moving.since)
    _cases_of_ends(waiting, new)
    waiting.update(enrolment=first)
    row.ends_on = moving.since - DAY
    row.save(update_fields=["ends_on"])


def _groups(old: Enrolment, new: Enrolment) -> None:
    """The group of the day goes on in the other home; those to come go with it."""
    choices = GroupChoice.objects.filter(enrolment=old)
    now_in = choices.filter(since__lte=new.starts_on).order_by("since").last()
    choices.filter(since__gt=new.starts_on).update(enrolment=new)
    if now_in is not None:
        GroupChoice.objects.create(enrolment=new, group_id=now_in.group_id, since=new.starts_on)


def _rows(actor: Actor, preview: Preview, new: Family, now: datetime) -> None:
    old, plan = preview.household.family, preview.plan
    # Somebody's leaving, asked for by the home, has just happened.
    moot = ChangeRequest.objects.filter(
        family=old,
        person__in=plan.leaving,
        kind=ChangeRequest.Kind.REMOVE,
        state=ChangeRequest.State.OPEN,
    )
    for change in moot:
        change_replace(actor=actor, change=change, now=now)
    for model, fate in FATES.items():
        if fate is Fate.WITH_WHO_LEAVES:
            rows_move(rows_leaving(model, old.pk, plan.leaving), new.pk)
    rows_move(Thread.objects.filter(pk__in=threads_begun_by(old.pk, plan.adults)), new.pk)
    PickupContact.objects.filter(family=old, pk__in=plan.contacts).update(family=new)
    given = PickupPermission.objects.filter(family=old, child__in=plan.shared, giver__in=plan.adults)
    given.update(family=new)
    # What the two answered together each of them has answered, until it says otherwise.
    answers = list(Consent.objects.filter(family=old, child__in=plan.shared))
    for answer in answers:
        answer.pk, answer.family = None, new
    Consent.objects.bulk_create(answers)


def _cases_of_ends(ends: QuerySet[EndRequest], new: Family) -> None:
    ids = list(ends.values_list("pk", flat=True))
    Case.objects.filter(subject_kind=CASES[EndRequest], subject_id__in=ids).update(family_id=new.pk)


def _tell(actor: Actor, preview: Preview, new: Family, now: datetime) -> None:
    """Each home's journal and mail say what is its own: never the other's name, number or address."""
    old, plan = preview.household.family, preview.plan
    counts = {
        "enrolments": len(preview.moving),
        "bookings": sum(one.bookings for one in preview.moving),
    }
    for verb, family in ((SEPARATED, old), (BEGUN, new)):
        subject = Subject("family", family.pk, family.name)
        data = {"people": sorted(plan.leaving), "shared": sorted(plan.shared), **counts}
        record(actor=actor, verb=verb, subject=subject, family_id=family.pk, data=data, now=now)
    names = {row.person_id: row.person.first_name for row in preview.household.people}
    context: Mapping[str, object] = {
        "shared": [names[pk] for pk in sorted(plan.shared)],
        **service_contacts(),
    }
    here = {
        "home": "stays",
        "number": old.number,
        "people": [names[pk] for pk in names if pk in plan.leaving],
    }
    children = [pk for pk in names if plan.where(pk) is Where.FOLLOWS]
    there = {"home": "goes", "number": new.number, "people": [names[pk] for pk in children]}
    for family, own in ((old, here), (new, there)):
        tell_home(kind="families/home_separated", context={**context, **own}, family_id=family.pk, now=now)
