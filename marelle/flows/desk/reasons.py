"""Reasons to refuse that an authority keeps ready: a decision is one choice, and families read the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from marelle.cases.models import Reason
from marelle.core.actor import Actor
from marelle.core.prepared import prepared
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.places.models import Authority
from marelle.places.scope import in_office, is_office_of

REASON_LENGTH = Reason._meta.get_field("text").max_length or 0


def ready_reasons(authority_id: int, kind: str) -> list[str]:
    """In the authority's order; one query."""
    return _texts(authority_id, kind)


@prepared
def _texts(authority_id: int, kind: str) -> QuerySet[Reason, str]:
    reasons = Reason.objects.filter(authority_id=authority_id, kind=kind).order_by("position")
    return reasons.values_list("text", flat=True)


def reasons_of(authority_id: int) -> dict[str, list[str]]:
    """By kind of case; one query."""
    found: dict[str, list[str]] = {}
    rows = Reason.objects.filter(authority_id=authority_id).order_by("kind", "position")
    for kind, text in rows.values_list("kind", "text"):
        found.setdefault(kind, []).append(text)
    return found


def reasons_counted(actor: Actor) -> int:
    """How many are ready in the authorities of which the actor is the office; one query."""
    kept = Authority.objects.filter(in_office(actor)).order_by()
    return Reason.objects.filter(authority_id__in=kept.values("pk")).count()


@transaction.atomic
def reasons_save(
    *,
    actor: Actor,
    authority_id: int,
    reasons: Mapping[str, Sequence[str]],
    seen: Mapping[str, Sequence[str]],
    now: datetime,
) -> bool:
    """Write the whole list of an authority; `seen` is what the form had shown. False when nothing changed.

    Raises `NotYours`, and `ChangedMeanwhile` when the list is no longer what was seen. The authority is
    locked: two who save together wait for each other.
    """
    authority = Authority.objects.select_for_update(no_key=True).filter(pk=authority_id).first()
    if authority is None or not is_office_of(actor, authority_id):
        raise NotYours
    held, wanted = reasons_of(authority_id), {kind: list(texts) for kind, texts in reasons.items() if texts}
    if held == wanted:
        return False
    if held != {kind: list(texts) for kind, texts in seen.items() if texts}:
        raise ChangedMeanwhile
    Reason.objects.filter(authority_id=authority_id).delete()
    Reason.objects.bulk_create(
        Reason(authority_id=authority_id, kind=kind, text=text, position=position)
        for kind, texts in wanted.items()
        for position, text in enumerate(texts)
    )
    record(
        actor=actor,
        verb="reasons.saved",
        subject=Subject("authority", authority_id, authority.name),
        now=now,
    )
    return True
