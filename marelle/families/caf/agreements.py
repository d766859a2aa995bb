"""Agreements to have the CAF or the MSA asked: given, ended, and what came of asking."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.sealed import opened, seal
from marelle.core.subject import Subject
from marelle.families.caf.rules import Identity, Outcome, identity_check, identity_of, identity_told
from marelle.families.file.reading import has_left
from marelle.families.locks import home_locked, own_home_locked
from marelle.families.models import CafAgreement, Family, Member, Person
from marelle.families.refusals import HomeLeft
from marelle.families.selectors import current
from marelle.journal.services import record

GIVEN, ENDED, ASKED = "caf_agreement.given", "caf_agreement.ended", "caf.asked"


@transaction.atomic
def agreement_give(
    *,
    actor: Actor,
    person_id: int,
    wording: str,
    resources: bool,
    identity: Identity | None = None,
    now: datetime,
) -> CafAgreement:
    """An adult of the actor's home agrees to `wording`: itself, or by an agent in the home's name, as it says
    at the counter. It replaces the one that it had given.

    Without an `identity`, FranceConnect is to tell it: see `agreement_certify`. Raises NotYours, HomeGone,
    HomeLeft, WrongIdentity, CannotSeal.
    """
    day = local(now).date()
    family = own_home_locked(actor)
    if has_left(family, day):
        raise HomeLeft
    person = _adult(actor, family, person_id, now)
    if identity is not None:
        identity_check(identity, day=day)
    # Its `due_at` stays: after too many askings everybody waits until then.
    _standing(family, person).update(ended_at=now, ended_by=actor.label[:200], identity=None)
    row = CafAgreement.objects.create(
        family=family,
        person=person,
        wording=wording,
        resources=resources,
        given_at=now,
        given_by=actor.label[:200],
        identity=None if identity is None else seal(json.dumps(identity_told(identity))),
        due_at=None if identity is None else now,
    )
    _record(actor, GIVEN, row, now)
    return row


@transaction.atomic
def agreement_certify(*, actor: Actor, identity: Identity, now: datetime) -> CafAgreement:
    """FranceConnect has told who the actor is, for the agreement that it gave to that. Raises NotYours where
    none stands, HomeGone, HomeLeft, WrongIdentity, CannotSeal."""
    day = local(now).date()
    family = own_home_locked(actor)
    if has_left(family, day):
        raise HomeLeft
    identity_check(identity, day=day)
    found = recognised_of(actor).select_for_update(no_key=True).order_by("pk").last()
    if found is None:
        raise NotYours
    found.identity, found.certified = seal(json.dumps(identity_told(identity))), True
    if found.outcome != Outcome.TOO_MANY:
        # Until then everybody waits: to come back from FranceConnect does not end that.
        found.due_at = now
    found.save(update_fields=["identity", "certified", "due_at"])
    return found


@transaction.atomic
def agreement_end(*, actor: Actor, agreement_id: int, now: datetime) -> None:
    """It is taken back: by whom it is of, or by an agent in its home's name. Nothing is asked any more; what
    was accepted stays. Ended already, nothing happens. Raises NotYours, HomeGone."""
    family = own_home_locked(actor)
    row = CafAgreement.objects.select_for_update(no_key=True).filter(pk=agreement_id, family=family).first()
    if row is None or not (actor.on_behalf_of or row.person_id == actor.person_id):
        raise NotYours
    if row.ended_at is not None:
        return
    row.ended_at, row.ended_by, row.identity = now, actor.label[:200], None
    row.save(update_fields=["ended_at", "ended_by", "identity"])
    _record(actor, ENDED, row, now)


def agreement_identity(row: CafAgreement) -> Identity | None:
    """None where nobody has told it yet. Raises CannotOpen."""
    return None if row.identity is None else identity_of(json.loads(opened(row.identity)))


def agreement_claim(row: CafAgreement, *, until: datetime, now: datetime) -> bool:
    """Whether it is this asking's turn: of two at once one gets it. One that dies is asked again at `until`.

    No home is locked: nothing is known of it yet, and whoever asks would hold the lock while it waits.
    """
    mine = CafAgreement.objects.filter(pk=row.pk, ended_at=None, due_at=row.due_at)
    return mine.update(asked_at=now, due_at=until) == 1


def agreement_put_off(row: CafAgreement, *, outcome: Outcome, due_at: datetime) -> None:
    """It was not asked about, and is due later."""
    CafAgreement.objects.filter(pk=row.pk, ended_at=None).update(outcome=outcome.value, due_at=due_at)


@transaction.atomic
def agreement_told(
    *, actor: Actor, agreement_id: int, outcome: Outcome, due_at: datetime, now: datetime
) -> CafAgreement | None:
    """Note what came of asking, in the journal too: never what was said. None where the agreement has ended
    meanwhile, or went with its home: what was said is forgotten then. Raises HomeGone, NotYours."""
    held = CafAgreement.objects.filter(pk=agreement_id).values_list("family_id", flat=True).first()
    if held is None:
        return None
    home_locked(held)
    row = CafAgreement.objects.select_for_update(no_key=True).filter(pk=agreement_id).first()
    if row is None or row.family_id != held:
        return None
    row.outcome, row.due_at = outcome.value, due_at
    row.save(update_fields=["outcome", "due_at"])
    _record(actor, ASKED, row, now, outcome=outcome.value)
    return row if row.ended_at is None else None


def adults_of(family_id: int, *, now: datetime) -> list[Person]:
    """Who may agree, in an agent's choice."""
    rows = Member.objects.filter(current(local(now).date()), family_id=family_id, kind=Member.Kind.ADULT)
    return [row.person for row in rows.select_related("person").order_by("pk")]


def recognised_of(actor: Actor) -> QuerySet[CafAgreement]:
    """The agreements that stand by which the actor has itself recognised by FranceConnect. Who acts in a
    home's name is not of it, and has none."""
    return CafAgreement.objects.filter(
        Q(identity=None) | Q(certified=True),
        family_id=actor.family_id or 0,
        person_id=actor.person_id or 0,
        ended_at=None,
    )


def standing_of(family_id: int) -> QuerySet[CafAgreement]:
    """The agreements of a home that nobody has taken back, with who gave them, the oldest first."""
    rows = CafAgreement.objects.filter(family_id=family_id, ended_at=None)
    return rows.select_related("person").order_by("given_at", "pk")


def _adult(actor: Actor, family: Family, person_id: int, now: datetime) -> Person:
    mine = actor.on_behalf_of or person_id == actor.person_id
    found = next((one for one in adults_of(family.pk, now=now) if one.pk == person_id), None)
    if not mine or found is None:
        raise NotYours
    return found


def _standing(family: Family, person: Person) -> QuerySet[CafAgreement]:
    return CafAgreement.objects.filter(family=family, person=person, ended_at=None)


def _record(actor: Actor, verb: str, row: CafAgreement, now: datetime, **data: str) -> None:
    subject = Subject("person", row.person_id, str(row.person))
    record(actor=actor, verb=verb, subject=subject, family_id=row.family_id, data=data or None, now=now)
