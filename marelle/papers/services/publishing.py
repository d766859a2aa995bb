"""A structure publishes a file, replaces it by a new version, withdraws it; a home accepts a version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from marelle.activities.models import Activity
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.families.locks import own_home_locked
from marelle.families.notes import SAME_AGAIN
from marelle.files.models import StoredFile
from marelle.files.services import CheckedFile, file_store, files_delete
from marelle.journal.edits import Shown, row_change
from marelle.journal.services import record
from marelle.papers.models import Acceptance, PaperType, Publication
from marelle.papers.refusals import NothingSent, NothingToAccept, Outdated, WrongType
from marelle.papers.scope import kept_publications, shown_publications
from marelle.places.models import Structure
from marelle.places.scope import in_charge, may_decide

CORRECTED: Final = ("theme", "title", "version", "published_on", "until", "returns", "must_accept")


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
    upload: CheckedFile | None,
    previous_id: int | None = None,
    now: datetime,
) -> Publication:
    """Publish a file, or a new version of `previous_id`, which is then withdrawn. The same form sent twice
    publishes one.

    Raises `NotYours` for a structure that the actor does not answer for, an activity or a paper that is not
    its own, `Outdated` where `previous_id` was already replaced or withdrawn, `NothingSent`,
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
    file = file_store(actor=actor, upload=upload, now=now)
    if previous is None and (same := _same_again(actor, fields, file, now)) is not None:
        files_delete(ids=[file.pk])
        return same
    row = Publication.objects.create(
        **asdict(fields), file=file, previous=previous, published_by=actor.label[:200]
    )
    if previous is not None:
        previous.withdrawn_at = now
        previous.save(update_fields=["withdrawn_at"])
    _journal(actor, "publication.replaced" if previous else "publication.published", row, now)
    return row


@transaction.atomic
def publication_correct(
    *, actor: Actor, publication_id: int, changes: Mapping[str, Any], seen: Shown, now: datetime
) -> tuple[str, ...]:
    """Change what is said of a publication, whose file stays, and who accepted it. Returns the names changed.

    Raises `NotYours`, `Outdated`, ChangedMeanwhile or NotPossible.
    """
    row = _locked(actor, publication_id)
    returned = changes["returns"]
    if returned not in {None, row.returns}:
        _check_returned(returned.pk, row.structure.authority_id)
    told = {name: changes[name] for name in CORRECTED}
    changed = row_change(row, told, subject=_subject(row), seen=seen)
    if changed:
        _journal(actor, "publication.corrected", row, now)
    return changed


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
    own_home_locked(actor)
    acceptance, new = Acceptance.objects.get_or_create(
        publication=row,
        family_id=actor.family_id,
        defaults={"accepted_at": now, "accepted_by": actor.label[:200]},
    )
    if new:
        _journal(actor, "publication.accepted", row, now, family_id=actor.family_id)
    return acceptance


def _same_again(
    actor: Actor, fields: PublicationFields, file: StoredFile, now: datetime
) -> Publication | None:
    """The one that this very form has just published. The structure is locked: of two at once, one waits."""
    list(Structure.objects.select_for_update(no_key=True).filter(pk=fields.structure_id).order_by("pk"))
    rows = Publication.objects.filter(
        **asdict(fields),
        withdrawn_at=None,
        published_by=actor.label[:200],
        file__sha256=file.sha256,
        file__stored_at__gt=now - SAME_AGAIN,
    )
    return rows.first()


def _check(actor: Actor, fields: PublicationFields) -> None:
    structure = Structure.objects.filter(in_charge(actor), pk=fields.structure_id).first()
    if structure is None or not may_decide(actor):
        raise NotYours
    activities = Activity.objects.filter(structure=structure)
    if fields.activity_id is not None and not activities.filter(pk=fields.activity_id).exists():
        raise NotYours
    if fields.returns_id is not None:
        _check_returned(fields.returns_id, structure.authority_id)
    if fields.until is not None and fields.until < fields.published_on:
        raise WrongType("reversed")


def _check_returned(type_id: int, authority_id: int) -> None:
    if not PaperType.objects.filter(pk=type_id, authority_id=authority_id, active=True).exists():
        raise NotYours


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
    record(actor=actor, verb=verb, subject=_subject(row), family_id=family_id, now=now)


def _subject(row: Publication) -> Subject:
    return Subject("publication", row.pk, f"{row.title} {row.version}".strip())
