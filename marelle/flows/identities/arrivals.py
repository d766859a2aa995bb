"""First visits: asked by who was recognised and is linked to nobody, answered by who keeps the files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from marelle.accounts.models import Identity
from marelle.accounts.oidc.claims import Told
from marelle.accounts.oidc.offered import provider_name
from marelle.accounts.services import identity_link
from marelle.cases.models import Case
from marelle.cases.selectors import cases_about
from marelle.cases.services import CaseState, case_filed, cases_made_nameless, decide_case, open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import home_locked, people_locked
from marelle.families.models import FormerFile, Member
from marelle.families.refusals import ReasonMissing
from marelle.families.scope import keeps_files
from marelle.families.telling import service_contacts
from marelle.flows.actor.acting import OwnHome, own_homes
from marelle.flows.identities.arriving import Candidate, account_of, adults, candidates, compared
from marelle.flows.identities.over import KIND
from marelle.flows.models import Arrival
from marelle.journal.origin import Origin
from marelle.journal.services import Act, record, record_many
from marelle.mail.services import queue
from marelle.places.models import Post
from marelle.places.selectors import portal_authority_id

PURGED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """What somebody types on its first visit; `has_file` is one of `Arrival.HasFile`."""

    email: str
    phone: str
    has_file: str
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """A candidate as an agent reads it. `is_open`: somebody comes in by its account already; `linked_since`:
    another identity of that provider opens it; `keeps_others`: what else opens it is not taken away with that
    one; `works_here`: its owner alone links it."""

    candidate: Candidate
    is_open: bool
    linked_since: datetime | None
    keeps_others: bool
    works_here: bool


@dataclass(frozen=True, slots=True)
class ArrivalSheet:
    """`by_number`: those of the file that the agent asked for are among the candidates."""

    arrival: Arrival
    case: Case
    known: tuple[Known, ...]
    by_number: bool


def arrival_of(told: Told) -> Arrival | None:
    """The first visit of who was recognised, for its own eyes."""
    return Arrival.objects.filter(issuer=told.issuer, subject=told.subject).first()


@transaction.atomic
def arrival_ask(*, told: Told, letter: Letter, origin: Origin, now: datetime) -> Arrival:
    """Have the office say who somebody is; asked again once it was answered, it waits again. Raises cases'
    `AlreadyOpen`."""
    # Some tell no name.
    name = told.name or provider_name(told.provider)
    who = Actor(user_id=None, label=name[:200])
    row, _is_new = Arrival.objects.update_or_create(
        issuer=told.issuer,
        subject=told.subject,
        defaults={
            "provider": told.provider,
            "given_names": told.given_names,
            "birth_name": told.birth_name,
            "usage_name": told.usage_name,
            "birth_date": told.birth_date,
            "gender": told.gender[:20],
            "birth_place": told.birth_place[:10],
            "birth_country": told.birth_country[:10],
            "email_told": told.email,
            "email": letter.email,
            "phone": letter.phone,
            "has_file": letter.has_file,
            "words": letter.words,
            "asked_at": now,
            "closed_at": None,
        },
    )
    subject = Subject(KIND, row.pk, name)
    open_case(actor=who, kind=KIND, subject=subject, authority_id=portal_authority_id(), now=now)
    record(actor=who, verb="arrival.asked", subject=subject, origin=origin, now=now)
    return row


def arrival(actor: Actor, arrival_id: int) -> Arrival | None:
    """For who keeps the files; None for another, and for one that was linked since."""
    return Arrival.objects.filter(pk=arrival_id).first() if keeps_files(actor) else None


def arrival_sheet(actor: Actor, row: Arrival, *, number: str = "", now: datetime) -> ArrivalSheet:
    """A first visit beside those whom the office holds and who may be the same: never of the actor's own
    homes. `number` is that of a file whose adults are shown too."""
    told = told_again(row)
    named = _of_number(number)
    found = candidates(told) + tuple(one for one in compared(told, named) if not one.alike.is_likely)
    mine = set(own_homes(actor, local(now).date()).values_list("family_id", flat=True))
    shown = [one for one in found if one.family.pk not in mine]
    users = [one.person.account_id for one in shown if one.person.account_id]
    since = dict(
        Identity.objects.filter(user_id__in=users, issuer=row.issuer).values_list("user_id", "since")
    )
    began = set(Identity.all_ever.filter(user_id__in=users, began=True).values_list("user_id", flat=True))
    posts = set(Post.objects.filter(user_id__in=users).values_list("user_id", flat=True))
    known = tuple(
        Known(
            one,
            one.person.account is not None and one.person.account.is_active,
            since.get(one.person.account_id or 0),
            one.person.account_id not in began,
            one.person.account_id in posts,
        )
        for one in shown
    )
    case = cases_about(kind=KIND, subject_kind=KIND, subject_ids=[row.pk])[row.pk]
    return ArrivalSheet(row, case, known, bool(named))


def told_again(row: Arrival) -> Told:
    """What the provider told, as it is kept."""
    return Told(
        provider=row.provider,
        issuer=row.issuer,
        subject=row.subject,
        given_names=row.given_names,
        birth_name=row.birth_name,
        usage_name=row.usage_name,
        birth_date=row.birth_date,
        gender=row.gender,
        birth_place=row.birth_place,
        birth_country=row.birth_country,
        email=row.email_told,
    )


@transaction.atomic
def arrival_link(*, actor: Actor, arrival_id: int, person_id: int, now: datetime) -> int:
    """Who was recognised is this adult: from now on its identity opens the account, in place of another of
    that provider. Both addresses are told, and what was kept of the visit goes. Returns the home's id.

    Raises `NotYours`, `OwnHome`, `AlreadyDecided`, arriving's `WorksHere` and `ClosedByOffice`, and accounts'
    `IdentityTaken`.
    """
    rows = Arrival.objects.filter(pk=arrival_id)
    home_id = adults().filter(person_id=person_id).values_list("family_id", flat=True).first()
    if not keeps_files(actor) or home_id is None or not rows.exists():
        raise NotYours
    family = home_locked(home_id)
    if own_homes(actor, local(now).date()).filter(family=family).exists():
        raise OwnHome
    people_locked([person_id])
    row = rows.select_for_update(no_key=True).first()
    member = adults().filter(family=family, person_id=person_id).first()
    if row is None or member is None:
        raise NotYours
    _decide(actor, row, CaseState.ACCEPTED, "", now)
    person, name = member.person, provider_name(row.provider)
    before = person.account
    begins = before is None or not before.is_active
    user = account_of(person, family_id=family.pk, now=now)
    identity_link(
        actor=actor,
        user=user,
        told=told_again(row),
        provider=name,
        family_id=family.pk,
        email=person.email,
        replaces=True,
        begins=begins,
        now=now,
    )
    case_filed(kind=KIND, subject_id=row.pk, family_id=family.pk)
    subject = Subject(KIND, row.pk, str(person))
    record(actor=actor, verb="arrival.linked", subject=subject, family_id=family.pk, now=now)
    if row.email.lower() != (user.email or person.email).lower():
        context = {**service_contacts(), "name": str(row), "provider": name}
        queue(kind="families/arrival_linked", to=row.email, context=context, family_id=family.pk, now=now)
    row.delete()
    return family.pk


@transaction.atomic
def arrival_refuse(*, actor: Actor, arrival_id: int, reason: str, now: datetime) -> None:
    """Nobody here is who was recognised, for a reason that it reads. Raises `NotYours`, `ReasonMissing`,
    `AlreadyDecided`."""
    row = Arrival.objects.select_for_update(no_key=True).filter(pk=arrival_id).first()
    if row is None or not keeps_files(actor):
        raise NotYours
    if not reason.strip():
        raise ReasonMissing
    _decide(actor, row, CaseState.REFUSED, reason.strip(), now)
    row.closed_at, row.answer = now, reason.strip()
    row.save(update_fields=["closed_at", "answer"])
    record(actor=actor, verb="arrival.refused", subject=Subject(KIND, row.pk, str(row)), now=now)
    context = {
        **service_contacts(),
        "name": str(row),
        "provider": provider_name(row.provider),
        "reason": row.answer,
    }
    queue(kind="families/arrival_refused", to=row.email, context=context, now=now)


@transaction.atomic
def arrivals_purge(*, before: datetime, now: datetime) -> int:
    """Delete the first visits that were answered without a link before an instant. At most `PURGED_AT_ONCE`;
    returns how many."""
    over = Arrival.objects.filter(closed_at__lt=before)
    ids = list(over.order_by("closed_at").values_list("pk", flat=True)[:PURGED_AT_ONCE])
    if not ids:
        return 0
    held = over.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    gone = list(held.values_list("pk", flat=True))
    cases_made_nameless(kind=KIND, subject_ids=gone)
    Arrival.objects.filter(pk__in=gone).delete()
    acts = [Act("arrival.purged", Subject(KIND, pk, "")) for pk in gone]
    return record_many(actor=SYSTEM, acts=acts, now=now)


def _decide(actor: Actor, row: Arrival, state: CaseState, reason: str, now: datetime) -> None:
    case = cases_about(kind=KIND, subject_kind=KIND, subject_ids=[row.pk])[row.pk]
    decide_case(actor=actor, case_id=case.pk, state=state, reason=reason, now=now)


def _of_number(number: str) -> list[Member]:
    """The adults of the file of this number, or of the one that it went into."""
    typed = number.strip()
    if not typed:
        return []
    former = FormerFile.objects.filter(number__iexact=typed).values("family_id")
    return list(adults().filter(family__number__iexact=typed) | adults().filter(family__in=former))
