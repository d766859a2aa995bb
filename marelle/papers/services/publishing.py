"""A structure publishes a file, replaces it by a new version, withdraws it; a home accepts a version."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.files.services import Sent, file_store
from marelle.journal.services import record
from marelle.papers.models import Acceptance, PaperType, Publication
from marelle.papers.refusals import NothingSent, NothingToAccept, NotYours, Outdated, WrongType
from marelle.papers.scope import kept_publications, shown_publications
from marelle.places.models import Structure
from marelle.places.scope import in_charge, may_decide


@dataclass(frozen=True, slots=True)
class PublicationFields:
    """What an agent says of a publication: see the model."""

    structure_id: int
    activity_id: int | None
    theme: str
    title: str
    version: str
    published_on: date
    until: date | None
    returns_id: int | None
    must_accept: bool


@transaction.atomic
def publication_publish(
    *,
    actor: Actor,
    fields: PublicationFields,
    upload: Sent | None,
    previous_id: int | None = None,
    now: datetime,
) -> Publication:
    """Publish a file, or a new version of `previous_id`, which is then withdrawn.

    Raises `NotYours` for a structure that the actor does not answer for, an activity or a paper that is not
    its own, `Outdated` where `previous_id` was already replaced or withdrawn, `NothingSent`, `FileRefused`,
    `WrongType` "reversed" for dates.
    """
    _check(actor, fields)
    previous = None
    if previous_id is not None:
        previous = _locked(actor, previous_id)
        if previous.structure_id != fields.structure_id:
            raise NotYours
    if upload is None:
        raise NothingSent
    row = Publication.objects.create(
        **asdict(fields),
        file=file_store(actor=actor, upload=upload, now=now),
        previous=previous,
        published_by=actor.label[:200],
    )
    if previous is not None:
        previous.withdrawn_at = now
        previous.save(update_fields=["withdrawn_at"])
    _journal(actor, "publication.replaced" if previous else "publication.published", row, now)
    return row


@transaction.atomic
def publication_withdraw(*, actor: Actor, publication_id: int, now: datetime) -> Publication:
    """Take a publication away from the families; acceptances stay. Raises `NotYours` or `Outdated`."""
    row = _locked(actor, publication_id)
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    _journal(actor, "publication.withdrawn", row, now)
    return row


@transaction.atomic
def publication_accept(
    *, actor: Actor, publication_id: int, activities: Collection[int], now: datetime
) -> Acceptance:
    """A home has read a publication and accepts it; a second time changes nothing.

    `activities` are those in which the home is enrolled. Raises `NotYours` for one that it is not shown,
    `NothingToAccept`.
    """
    shown = shown_publications(activities, day=local(now).date())
    row = shown.filter(pk=publication_id).first()
    if row is None or actor.family_id is None:
        raise NotYours
    if not row.must_accept or actor.on_behalf_of:
        raise NothingToAccept
    acceptance, new = Acceptance.objects.get_or_create(
        publication=row,
        family_id=actor.family_id,
        defaults={"accepted_at": now, "accepted_by": actor.label[:200]},
    )
    if new:
        _journal(actor, "publication.accepted", row, now, family_id=actor.family_id)
    return acceptance


def _check(actor: Actor, fields: PublicationFields) -> None:
    structure = Structure.objects.filter(in_charge(actor), pk=fields.structure_id).first()
    if structure is None or not may_decide(actor):
        raise NotYours
    activities = Activity.objects.filter(structure=structure)
    if fields.activity_id is not None and not activities.filter(pk=fields.activity_id).exists():
        raise NotYours
    types = PaperType.objects.filter(authority_id=structure.authority_id, active=True)
    if fields.returns_id is not None and not types.filter(pk=fields.returns_id).exists():
        raise NotYours
    if fields.until is not None and fields.until < fields.published_on:
        raise WrongType("reversed")


def _locked(actor: Actor, publication_id: int) -> Publication:
    if not kept_publications(actor).filter(pk=publication_id).exists():
        raise NotYours
    row = Publication.objects.select_for_update(no_key=True).get(pk=publication_id)
    if row.withdrawn_at is not None:
        raise Outdated
    return row


def _journal(
    actor: Actor, verb: str, row: Publication, now: datetime, *, family_id: int | None = None
) -> None:
    subject = Subject("publication", row.pk, f"{row.title} {row.version}".strip())
    record(actor=actor, verb=verb, subject=subject, family_id=family_id, now=now)
