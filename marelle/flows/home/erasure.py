"""Erasing a home at its request: asked by one of its adults, decided by an agent, carried out in one go.

What becomes of each table is said by the registry of personal data. Accounts are the law's: invoices stay ten
years with the name of who owes them. A child of two homes stays as long as the other home holds it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from graphlib import TopologicalSorter
from typing import Any, Final

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, ForeignKey, Q, QuerySet

from marelle.accounts.oidc.offered import providers
from marelle.accounts.oidc.providers import For
from marelle.accounts.services import account_close, identities_forget
from marelle.billing.mandates.services import mandates_erase
from marelle.billing.models import Assessment, Invoice
from marelle.bookings.models import Booking
from marelle.bookings.states import LIVE
from marelle.cases.models import Case
from marelle.cases.selectors import last_decision
from marelle.cases.services import CaseState, decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.personal import Erase, PersonalData, declared
from marelle.core.prepared import prepared
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services.teens import teen_accesses_close
from marelle.families.finding.index import families_index, unheld_keys
from marelle.families.locks import files_locked, homes_locked, own_home_locked
from marelle.families.models import Family, Guardianship, HealthSheet, Member, Person, Restriction
from marelle.families.refusals import ReasonMissing
from marelle.families.scope import is_own_file, keeps_files
from marelle.families.selectors import current
from marelle.families.telling import addressees, service_contacts, tell_home
from marelle.files.models import StoredFile
from marelle.files.services import files_delete
from marelle.flows.home.checked import ROWS, first_day
from marelle.flows.home.export import may_export
from marelle.flows.home.personal_rows import Part, counts_of, file_fields, rows_of
from marelle.flows.identities.over import arrivals_forget
from marelle.journal.chain import entries_delete
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.services import Draft, queue_many
from marelle.places.models import Post
from marelle.places.selectors import portal_authority_id
from marelle.pricing.homes import home_traits_erase
from marelle.relay.models import Visit

KIND: Final = "erasure"


class Obstacle(StrEnum):
    """Why a home cannot be erased yet."""

    ENROLLED = "enrolled"  # a request or an enrolment that is not over
    BOOKED = "booked"  # a place held, or waited for, from today on
    EXPECTED = "expected"  # seats held at a morning of the relais, from today on
    UNPAID = "unpaid"  # an invoice not paid whole
    JUDGED = "judged"  # a judge keeps one of its adults away from a child: the door has to know its name


class StillNeeded(Refusal):
    """The home is not erased yet; `obstacles` say why."""

    def __init__(self, obstacles: Iterable[Obstacle]) -> None:
        super().__init__("still_needed", obstacles=tuple(obstacles))


class OwnErasure(Refusal):
    """Nobody erases, or keeps, its own home."""

    def __init__(self) -> None:
        super().__init__("own_file")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an agent reads before it decides. `shared` are children who stay for their other home."""

    family: Family
    case: Case
    parts: tuple[Part, ...]
    shared: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    is_own: bool


def erasure_waiting(family_id: int) -> Case | None:
    """The request of the home that waits for its answer; one query."""
    return next(iter(_waiting(family_id)), None)


@prepared
def _waiting(family_id: int) -> QuerySet[Case]:
    return Case.objects.open().filter(kind=KIND, subject_kind="family", subject_id=family_id)


@transaction.atomic
def erasure_ask(*, actor: Actor, now: datetime) -> Case:
    """Ask that all of the home be erased; its adults are told. Raises `AlreadyOpen`, or LookupError."""
    if not may_export(actor):
        raise LookupError("Only for an adult of the home.")
    family = own_home_locked(actor)
    subject = _subject(family)
    case = open_case(
        actor=actor,
        kind=KIND,
        subject=subject,
        family_id=family.pk,
        authority_id=portal_authority_id(),
        now=now,
    )
    record(actor=actor, verb="family.erasure_asked", subject=subject, family_id=family.pk, now=now)
    tell_home(kind="families/erasure_asked", context=service_contacts(), family_id=family.pk, now=now)
    return case


@transaction.atomic
def erasure_withdraw(*, actor: Actor, now: datetime) -> bool:
    """Take the request back. False when none waits any more."""
    if not may_export(actor):
        return False
    family = own_home_locked(actor)
    case = erasure_waiting(family.pk)
    if case is None:
        return False
    decide_case(actor=actor, case_id=case.pk, state=CaseState.WITHDRAWN, now=now)
    subject = _subject(family)
    record(actor=actor, verb="family.erasure_withdrawn", subject=subject, family_id=family.pk, now=now)
    return True


def erasure(actor: Actor, family_id: int, *, now: datetime) -> Erasure | None:
    """The request of a home with what it would do; None when it does not wait, or is not for the actor."""
    day = local(now).date()
    case, family = erasure_waiting(family_id), Family.objects.filter(pk=family_id).first()
    if case is None or family is None or not keeps_files(actor):
        return None
    people = _people(family_id, day)
    return Erasure(
        family=family,
        case=case,
        parts=counts_of(family_id, people),
        shared=tuple(dict.fromkeys(_children_who_stay(family_id, people))),
        obstacles=obstacles_to(family_id, day),
        is_own=is_own_file(actor, family_id=family_id, person_id=None, day=day),
    )


def erasure_answered(actor: Actor, family_id: int) -> Case | None:
    """The last answer to a request of this home, for who keeps the files; None while none was given."""
    if not keeps_files(actor):
        return None
    return last_decision(kind=KIND, subject_kind="family", subject_id=family_id)


@transaction.atomic
def erasure_refuse(*, actor: Actor, family_id: int, reason: str, now: datetime) -> None:
    """Keep the home as it is, and tell it why. Raises `NotYours`, `ReasonMissing`, `OwnErasure`,
    `AlreadyDecided`."""
    homes_locked([family_id])
    case, family = _to_decide(actor, family_id, now)
    if not reason.strip():
        raise ReasonMissing
    decide_case(actor=actor, case_id=case.pk, state=CaseState.REFUSED, reason=reason.strip(), now=now)
    subject = _subject(family)
    record(actor=actor, verb="family.erasure_refused", subject=subject, family_id=family_id, now=now)
    context = {**service_contacts(), "reason": reason.strip()}
    tell_home(kind="families/erasure_refused", context=context, family_id=family_id, now=now)


@transaction.atomic
def erasure_carry_out(*, actor: Actor, family_id: int, now: datetime) -> None:
    """Erase the home. Raises `NotYours`, `OwnErasure`, `StillNeeded`, `AlreadyDecided`.

    The whole file is locked first, children who stay for their other home too: what was written before goes
    with the rest, and who writes later finds the home erased. The mail that tells of it belongs to no home,
    so that it outlives what it tells of.
    """
    day = local(now).date()
    _to_decide(actor, family_id, now)
    files_locked(family_id)
    case, family = _to_decide(actor, family_id, now)
    decide_case(actor=actor, case_id=case.pk, state=CaseState.ACCEPTED, now=now)
    if obstacles := obstacles_to(family_id, day):
        raise StillNeeded(obstacles)
    told = addressees(family_id=family_id, now=now)
    drafts = [Draft(one.email, service_contacts()) for one in told if one.email]
    if drafts:
        queue_many(kind="families/erasure_done", drafts=drafts, now=now)
    home_erase(actor=actor, family=family, now=now)


def home_erase(
    *,
    actor: Actor,
    family: Family,
    checked: bool = False,
    data: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Erase a home whose whole file is locked, in the caller's transaction. `data` is what the journal says.

    `checked`: but for what the CAF may still ask to see (`flows.home.checked`). The home then is one that has
    left, without accounts, and is erased later.
    """
    day, family_id = local(now).date(), family.pk
    people = _people(family_id, day)
    home_traits_erase(family_id)
    mandates_erase(family_id=family_id, by=actor.label, now=now)
    teens = teen_accesses_close(actor=actor, family_id=family_id, now=now)
    _close_accounts(people, teens, now)
    _forget_names(family_id, people)
    owes = _has_accounts(family_id)
    since = first_day(day) if checked else None
    for declaration in _in_order():
        _apply(declaration, family_id, people, keep_name=owes, since=since)
    Guardianship.objects.filter(adult_id__in=people).delete()
    Restriction.objects.filter(adult_id__in=people).delete()
    _delete_files(family_id)
    Family.objects.filter(pk=family_id, left_on=None).update(left_on=day)
    if not checked:
        Family.objects.filter(pk=family_id).update(erased_at=now)
    families_index([family_id], day=day)
    unheld_keys().delete()
    subject = Subject("family", family_id, family.number)
    verb = "family.reduced" if checked else "family.erased"
    record(actor=actor, verb=verb, subject=subject, family_id=family_id, data=data, now=now)


def _has_accounts(family_id: int) -> bool:
    """Whether the law keeps what it was billed, or what was found that it owes."""
    kept = (Invoice.objects.filter(family_id=family_id), Assessment.objects.filter(family_id=family_id))
    return any(rows.exists() for rows in kept)


def _apply(
    declaration: PersonalData,
    family_id: int,
    people: frozenset[int],
    *,
    keep_name: bool,
    since: date | None,
) -> None:
    """`since`: what is `checked` stays, of the rows that may be asked for since that day."""
    rows = rows_of(declaration, family_id=family_id, people=people)
    stays = declaration.checked if since is not None else ()
    if since is not None and stays and declaration.erase is Erase.DELETE:
        if declaration.model not in ROWS:
            return
        rows = rows.exclude(pk__in=rows.filter(ROWS[declaration.model](since)).order_by().values("pk"))
    if declaration.erase is Erase.DELETE and declaration.model is not StoredFile:
        rows.order_by().delete()
    elif declaration.erase is Erase.ANONYMISE:
        values = {name: value for name, value in declaration.anonymise.items() if name not in stays}
        if declaration.model is Family and keep_name:
            values.pop("name", None)
        # By key: an update goes through no join.
        keys = rows.order_by().values_list("pk", flat=True)
        declaration.model._default_manager.filter(pk__in=list(keys)).update(**values)


def _in_order() -> tuple[PersonalData, ...]:
    """A table before those that it points at, so that nothing points at a row that goes; people come last,
    since the others are found through them."""
    found = {declaration.model: declaration for declaration in declared()}
    graph = {
        model: {
            other
            for other in found
            if other is not model
            and any(
                isinstance(field, ForeignKey) and field.related_model is model
                for field in other._meta.get_fields()
            )
        }
        for model in found
    }
    return tuple(found[model] for model in TopologicalSorter(graph).static_order())


def _delete_files(family_id: int) -> None:
    """The files of the home that nothing points at any more: not those of an invoice, nor the plan of care
    of a child who stays for its other home."""
    rows = StoredFile.objects.filter(family_id=family_id)
    for model in apps.get_models():
        for name in file_fields(model):
            held = model._default_manager.exclude(**{name: None}).order_by().values(name)
            rows = rows.exclude(pk__in=held)
    files_delete(ids=list(rows.values_list("pk", flat=True)))


def _forget_names(family_id: int, people: frozenset[int]) -> None:
    """What stays for another home does not say any more who of this one wrote it."""
    names = [str(person) for person in Person.objects.filter(pk__in=people)]
    shared = Member.objects.filter(family_id=family_id).exclude(person_id__in=people)
    HealthSheet.objects.filter(child_id__in=shared.values("person_id"), updated_by__in=names).update(
        updated_by=""
    )
    StoredFile.objects.filter(family_id=family_id).update(stored_by="")
    # Acts of agents that are of no home: what they read of a child, the notes that they keep for each other.
    of_home = Q(subject_kind__in=("family", "note"), subject_id=family_id)
    about = of_home | Q(subject_kind="person", subject_id__in=people)
    Entry.objects.filter(about, family_id=None).update(subject_label="", data={})


def _close_accounts(people: frozenset[int], teens: Collection[int], now: datetime) -> None:
    """Those of the adults, and those of their children, by id. Who also works here keeps its account, and is
    no parent any more: no identity of a parent opens it."""
    issuers = [one.issuer for one in providers(For.FAMILIES)]
    accounts = Person.objects.filter(pk__in=people).exclude(account=None)
    of_adults = accounts.order_by("account_id").values_list("account_id", flat=True)
    for user_id in (*of_adults, *teens):
        if user_id is not None and not Post.objects.filter(user_id=user_id).exists():
            arrivals_forget(user_id=user_id)
            account_close(user_id=user_id)
            own = Q(actor_user_id=user_id) | Q(subject_kind="account", subject_id=user_id)
            entries = Entry.objects.filter(own, family_id=None).order_by()
            entries_delete(entries.values_list("pk", flat=True), now=now)
        elif user_id is not None:
            arrivals_forget(user_id=user_id, issuers=issuers)
            identities_forget(user_id=user_id, issuers=issuers)


def _people(family_id: int, day: date) -> frozenset[int]:
    """Who is erased with the home: those who are, or were, of it, and live in no other."""
    elsewhere = Member.objects.filter(current(day)).exclude(family_id=family_id)
    rows = Member.objects.filter(family_id=family_id).exclude(person_id__in=elsewhere.values("person_id"))
    return frozenset(rows.values_list("person_id", flat=True))


@prepared
def _children_who_stay(family_id: int, people: Collection[int]) -> QuerySet[Member, str]:
    stay = Member.objects.filter(family_id=family_id, kind=Member.Kind.CHILD).exclude(person_id__in=people)
    return stay.values_list("person__first_name", flat=True)


def obstacles_to(family_id: int, day: date) -> tuple[Obstacle, ...]:
    """Why a home cannot be erased on a day."""
    running = (Enrolment.State.REQUESTED, Enrolment.State.ACCEPTED)
    held = [state.value for state in LIVE]
    found = {
        Obstacle.ENROLLED: Enrolment.objects.filter(family_id=family_id, state__in=running, ends_on__gte=day),
        Obstacle.BOOKED: Booking.objects.filter(family_id=family_id, state__in=held, day__gte=day),
        Obstacle.EXPECTED: Visit.objects.filter(
            family_id=family_id, cancelled_at=None, opening__day__gte=day
        ),
        Obstacle.UNPAID: Invoice.objects.unpaid().of_homes().filter(family_id=family_id),
        Obstacle.JUDGED: Restriction.objects.in_force(day).filter(
            adult__in=Member.objects.filter(current(day), family_id=family_id).values("person_id")
        ),
    }
    asked = Family.objects.filter(pk=family_id).values_list(*(Exists(rows) for rows in found.values()))
    return tuple(obstacle for obstacle, is_there in zip(found, asked.get(), strict=True) if is_there)


def _to_decide(actor: Actor, family_id: int, now: datetime) -> tuple[Case, Family]:
    case, family = erasure_waiting(family_id), Family.objects.filter(pk=family_id).first()
    if not keeps_files(actor) or family is None or case is None:
        raise NotYours
    if is_own_file(actor, family_id=family_id, person_id=None, day=local(now).date()):
        raise OwnErasure
    return case, family


def _subject(family: Family) -> Subject:
    return Subject("family", family.pk, family.name)
