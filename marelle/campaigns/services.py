"""What an agent does with a campaign until its wishes are in: prepare it, announce it, close it by a number
that nobody knew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Model

from marelle.activities.kinds import BookingMode
from marelle.activities.rules import After, is_before
from marelle.bookings.rules import Opening
from marelle.campaigns.drawing import promise_of, seed_new
from marelle.campaigns.models import Campaign, Criterion, Wish
from marelle.campaigns.reading import activities_given, campaigns_of, openings_given
from marelle.campaigns.refusals import CampaignRefused
from marelle.core.actor import Actor
from marelle.core.clock import universal
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, row_change, row_fill
from marelle.journal.services import record
from marelle.papers.models import PaperType

ADDED: Final = "campaign.added"
CHANGED: Final = "campaign.changed"
REMOVED: Final = "campaign.removed"
ANNOUNCED: Final = "campaign.announced"
DRAWN: Final = "campaign.drawn"
ENDED: Final = "campaign.ended"

State = Campaign.State

PUBLIC_LENGTH: Final = 60

CLOSED_TO_FAMILIES: Final = (BookingMode.STRUCTURE, BookingMode.FREE)
"""Where no family books by itself."""


@transaction.atomic
def campaign_add(*, actor: Actor, values: Mapping[str, Any], now: datetime) -> Campaign:
    """Prepare one. Raises NotYours for an activity out of reach, NotPossible."""
    row = Campaign(created_at=now, created_by=actor.label[:150])
    row.authority_id = _authority(actor, values["activities"])
    row_fill(row, values)
    _record(actor, ADDED, row, now)
    return row


@transaction.atomic
def campaign_change(
    *, actor: Actor, campaign_id: int, changes: Mapping[str, Any], seen: Shown | None, now: datetime
) -> tuple[str, ...]:
    """Change one that is a draft still. Raises NotYours, CampaignRefused, ChangedMeanwhile, NotPossible."""
    row = campaign_locked(actor, campaign_id, State.DRAFT)
    row.authority_id = _authority(actor, changes["activities"])
    changed = row_change(row, changes, subject=subject_of(row), seen=seen)
    if changed:
        _record(actor, CHANGED, row, now, fields=list(changed))
    return changed


@transaction.atomic
def campaign_remove(*, actor: Actor, campaign_id: int, now: datetime) -> None:
    """Give up one that nobody has been told of. Raises NotYours, CampaignRefused."""
    row = campaign_locked(actor, campaign_id, State.DRAFT)
    _record(actor, REMOVED, row, now)
    row.delete()


@transaction.atomic
def criterion_add(*, actor: Actor, campaign_id: int, values: Mapping[str, Any], now: datetime) -> Criterion:
    """A criterion more, the last in order. Raises NotYours, CampaignRefused, NotPossible."""
    campaign = campaign_locked(actor, campaign_id, State.DRAFT)
    paper = values.get("paper_type")
    if (
        paper is not None
        and not PaperType.objects.filter(pk=paper.pk, authority_id=campaign.authority_id).exists()
    ):
        raise NotYours
    row = Criterion(campaign=campaign, order=campaign.criteria.count())
    row_fill(row, values)
    _record(actor, CHANGED, campaign, now, fields=["criteria"])
    return row


@transaction.atomic
def criterion_remove(*, actor: Actor, campaign_id: int, criterion_id: int, now: datetime) -> None:
    """Raises NotYours, CampaignRefused."""
    campaign = campaign_locked(actor, campaign_id, State.DRAFT)
    row = campaign.criteria.filter(pk=criterion_id).first()
    if row is None:
        raise NotYours
    row.delete()
    _record(actor, CHANGED, campaign, now, fields=["criteria"])


@transaction.atomic
def campaign_announce(*, actor: Actor, campaign_id: int, now: datetime) -> Campaign:
    """Tell homes, and promise the seed: from here on nothing of it changes.

    Raises NotYours, and CampaignRefused: "state", "too_late", "no_places", "opens_before".
    """
    row = campaign_locked(actor, campaign_id, State.DRAFT)
    if universal(row.opens_at) <= universal(now):
        raise CampaignRefused("too_late")
    openings = openings_given(row)
    if not openings:
        raise CampaignRefused("no_places")
    early = opening_before(openings, row.answers_at, now)
    if early is not None:
        raise CampaignRefused("opens_before", activity=early.activity.name, slot=early.slot.name)
    row.seed = seed_new()
    row.promise = promise_of(row.seed)
    row.state, row.announced_at = State.ANNOUNCED, now
    row.save()
    _record(actor, ANNOUNCED, row, now, promise=row.promise)
    return row


@transaction.atomic
def number_given(*, actor: Actor, campaign_id: int, number: str, now: datetime) -> Campaign:
    """Once no wish can come: the public number, from which the draw follows; the seed may then be told.

    Raises NotYours, and CampaignRefused: "state", "not_over", "number", "no_wishes".
    """
    row = campaign_locked(actor, campaign_id, State.ANNOUNCED)
    if not row.is_over(now):
        raise CampaignRefused("not_over")
    number = " ".join(number.split())[:PUBLIC_LENGTH]
    if not number:
        raise CampaignRefused("number")
    if not Wish.objects.filter(campaign=row).exists():
        raise CampaignRefused("no_wishes")
    row.public_number, row.state, row.closed_at = number, State.CLOSED, now
    row.save()
    _record(actor, DRAWN, row, now, number=number)
    return row


@transaction.atomic
def campaign_end(*, actor: Actor, campaign_id: int, now: datetime) -> Campaign:
    """Put one away: without wishes once its window is over, or once no answer is waited for any more.

    Raises NotYours, and CampaignRefused: "state", "not_over".
    """
    row = campaign_locked(actor, campaign_id, State.ANNOUNCED, State.PUBLISHED)
    wishes = Wish.objects.filter(campaign=row)
    if row.state == State.ANNOUNCED and wishes.exists():
        raise CampaignRefused("state")
    until = row.closes_at if row.state == State.ANNOUNCED else row.answer_until
    if universal(now) < universal(until) or wishes.filter(given_at=None).exists():
        raise CampaignRefused("not_over")
    row.state, row.ended_at = State.ENDED, now
    row.save()
    _record(actor, ENDED, row, now)
    return row


def opening_before(openings: Sequence[Opening], answers_at: datetime, now: datetime) -> Opening | None:
    """The first that some family could book before the answers, if any: it would take what is to be given."""
    return next((one for one in openings if _opens_before(one, answers_at, now)), None)


def _opens_before(opening: Opening, answers_at: datetime, now: datetime) -> bool:
    window = opening.window
    if window is None or opening.activity.booking_mode in CLOSED_TO_FAMILIES:
        return False
    if window.after is After.REFUSE and not is_before(now, window.closes_at):
        return False
    instants = [universal(each.at) for each in window.opens if each.at is not None]
    if len(instants) < len(window.opens) or not instants:
        return True
    return min(instants) < universal(answers_at)


def campaign_locked(actor: Actor, campaign_id: int, *states: str) -> Campaign:
    """One that the actor runs, locked, at one of these steps. Raises NotYours, CampaignRefused."""
    mine = campaigns_of(actor).filter(pk=campaign_id)
    row = (
        Campaign.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=mine.values("pk")).first()
    )
    if row is None:
        raise NotYours
    if row.state not in states:
        raise CampaignRefused("state")
    return row


def subject_of(campaign: Campaign) -> Subject:
    return Subject("campaign", campaign.pk, campaign.name)


def _authority(actor: Actor, activities: Iterable[Model]) -> int:
    """The one authority of the activities, each of which is the actor's. Raises NotYours."""
    ids = {one.pk for one in activities}
    mine = activities_given(actor).filter(pk__in=ids)
    found = {one.structure.authority_id for one in mine}
    if not ids or mine.count() != len(ids) or len(found) != 1:
        raise NotYours
    return next(iter(found))


def _record(actor: Actor, verb: str, row: Campaign, now: datetime, **data: Any) -> None:
    record(actor=actor, verb=verb, subject=subject_of(row), data=data, now=now)
