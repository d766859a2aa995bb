"""Every write of a mandate: accepted by a home, noted by an agent, seen by a second person, ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from marelle.accounts.held import has_second
from marelle.accounts.recognised import Recognised, is_recognised, strongest
from marelle.billing.mandates.mails import Told, tell_mandate
from marelle.billing.mandates.offers import MandateRefused, Offer, holds_still, may_accept, rum_new
from marelle.billing.mandates.rules import Account, Creditor, may_check, needs_check
from marelle.billing.mandates.selectors import creditor_of, office_mandates, own_mandates, standing_of
from marelle.billing.mandates.text import VERSION, mandate_text
from marelle.billing.models import Mandate, MandateQuerySet
from marelle.billing.runs.services import authority_locked
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.core.sealed import opened, seal
from marelle.core.subject import Subject
from marelle.families.locks import own_home_locked
from marelle.families.services import file_to_write
from marelle.files.services import CheckedFile, file_store
from marelle.journal.services import record

State, How, End = Mandate.State, Mandate.How, Mandate.End


@dataclass(frozen=True, slots=True)
class Paper:
    """A mandate signed on paper, as an agent types it; `rum` is "" where the paper has none. `standing`: the
    mandates of the home on the page, by id."""

    account: Account
    signed_on: date
    scan: CheckedFile
    rum: str = ""
    standing: tuple[int, ...] = ()


@transaction.atomic
def mandate_accept(*, actor: Actor, offer: Offer, recognised: Recognised | None, now: datetime) -> Mandate:
    """Keep what the home has read and accepted, under its lock. The first of an authority holds at once, one
    that replaces another once an agent has seen it. Raises NotYours, HomeGone, CannotSeal, MandateRefused."""
    if not may_accept(actor):
        raise NotYours
    family = own_home_locked(actor)
    wanted = strongest(has_second=has_second(actor.user_id or 0))
    if not is_recognised(recognised, user_id=actor.user_id, wanted=wanted, now=now):
        raise MandateRefused("unrecognised")
    if family.pk != offer.family_id or not holds_still(offer):
        raise MandateRefused("changed")
    row = _mandate(offer.account, offer.creditor, offer.rum, offer.text, actor, now)
    row.family, row.authority_id, row.how = family, offer.authority_id, How.SCREEN
    row.signed_on, row.signer_id = offer.day, actor.person_id
    _put(row)
    _record(actor, "mandate.accepted", row, now)
    _begin_or_wait(row, now)
    return row


@transaction.atomic
def mandate_note(*, actor: Actor, family_id: int, authority_id: int, paper: Paper, now: datetime) -> Mandate:
    """Keep one that was signed on paper: another agent is to see it. Raises NotYours, NotAllowed, HomeGone,
    CannotSeal, MandateRefused."""
    authority = authority_locked(actor, authority_id)
    family = file_to_write(actor, family_id)
    creditor = creditor_of(authority.pk)
    if creditor is None:
        raise MandateRefused("closed")
    if paper.signed_on > local(now).date():
        raise MandateRefused("signed")
    if paper.standing != standing_of(family.pk, authority.pk):
        raise MandateRefused("changed")
    rum = paper.rum or rum_new()
    text = mandate_text(paper.account, creditor, rum=rum, day=paper.signed_on)
    row = _mandate(paper.account, creditor, rum, text, actor, now)
    row.family, row.authority, row.how, row.signed_on = family, authority, How.PAPER, paper.signed_on
    if Mandate.objects.filter(authority=authority, rum=rum).exists():
        raise MandateRefused("rum")
    row.paper = file_store(actor=actor, upload=paper.scan, family_id=family.pk, now=now)
    _put(row)
    _record(actor, "mandate.noted", row, now)
    _begin_or_wait(row, now)
    return row


def agreed_columns(account: Account, creditor: Creditor, rum: str) -> dict[str, Any]:
    """Whose account is debited by whom, under which reference: columns of a `Mandate`. Raises CannotSeal."""
    return {
        "rum": rum,
        "creditor": creditor.name,
        "ics": creditor.ics,
        "holder": account.holder,
        "street": account.street,
        "postal_code": account.postal_code,
        "city": account.city,
        "country": account.country,
        "iban": seal(account.iban),
        "bic": seal(account.bic),
        "last_digits": account.last_digits,
        "version": VERSION,
    }


def _mandate(
    account: Account, creditor: Creditor, rum: str, text: str, actor: Actor, now: datetime
) -> Mandate:
    return Mandate(
        **agreed_columns(account, creditor, rum),
        text=text,
        noted_at=now,
        noted_by=actor.label[:150],
        noted_account_id=actor.user_id,
        state=State.WAITING,
    )


def _put(row: Mandate) -> None:
    """To be checked, in the place of one that was; the caller holds the home."""
    waiting = _live(row).filter(state=State.WAITING)
    _end(waiting, End.REPLACED, row.noted_by, row.noted_at)
    row.full_clean(exclude=["family", "authority", "signer", "paper", "noted_account", "iban", "bic"])
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        # Of another home, which nobody holds: the same reference at the same instant.
        raise MandateRefused("rum") from error


def _begin_or_wait(row: Mandate, now: datetime) -> None:
    held = Mandate.objects.filter(family=row.family_id, authority=row.authority_id, started_at__isnull=False)
    if needs_check(on_paper=row.how == How.PAPER, had_one=held.exists()):
        tell_mandate(row, Told.WAITING, now=now)
    else:
        _begin(row, now)


def _begin(row: Mandate, now: datetime) -> None:
    _end(_live(row).filter(state=State.ACTIVE), End.REPLACED, row.noted_by, now)
    row.state, row.started_at = State.ACTIVE, now
    row.save(update_fields=["state", "started_at", "checked_by"])
    tell_mandate(row, Told.ACTIVE, now=now)


@transaction.atomic
def mandate_check(*, actor: Actor, mandate_id: int, iban: str = "", now: datetime) -> Mandate:
    """Say, as a second person, that it is right: from now on it holds. `iban`: the account as this agent
    reads it on a paper; "" for what a home has typed itself. Raises NotYours, NotAllowed, HomeGone,
    CannotOpen, MandateRefused."""
    row = _to_check(actor, mandate_id)
    if not may_check(account=actor.user_id, noted_account=row.noted_account_id):
        raise MandateRefused("same")
    if row.how == How.PAPER and opened(row.iban) != iban:
        raise MandateRefused("differs")
    row.checked_by = actor.label[:150]
    _record(actor, "mandate.checked", row, now)
    _begin(row, now)
    return row


@transaction.atomic
def mandate_refuse(*, actor: Actor, mandate_id: int, reason: str, now: datetime) -> Mandate:
    """Leave things as they were: it never holds. Raises NotYours, NotAllowed, HomeGone, MandateRefused."""
    row = _to_check(actor, mandate_id)
    _close(row, End.REFUSED, actor, reason, now)
    _record(actor, "mandate.refused", row, now)
    tell_mandate(row, Told.REFUSED, now=now)
    return row


def _to_check(actor: Actor, mandate_id: int) -> Mandate:
    row = _held_by_office(actor, mandate_id)
    if row.state != State.WAITING:
        raise MandateRefused("checked" if row.state == State.ACTIVE else "ended")
    return row


@transaction.atomic
def mandate_end(*, actor: Actor, mandate_id: int, reason: str, now: datetime) -> Mandate:
    """By an agent of the authority. Raises NotYours, NotAllowed, HomeGone, MandateRefused."""
    row = _held_by_office(actor, mandate_id)
    if row.state == State.ENDED:
        raise MandateRefused("ended")
    _close(row, End.OFFICE, actor, reason, now)
    _record(actor, "mandate.ended", row, now)
    tell_mandate(row, Told.ENDED, now=now)
    return row


@transaction.atomic
def mandate_stop(*, actor: Actor, mandate_id: int, now: datetime) -> Mandate:
    """By an adult of the home, itself. Raises NotYours, HomeGone, MandateRefused."""
    if not may_accept(actor):
        raise NotYours
    own_home_locked(actor)
    row = own_mandates(actor).filter(pk=mandate_id).first()
    if row is None:
        raise NotYours
    if row.state == State.ENDED:
        raise MandateRefused("ended")
    _close(row, End.HOME, actor, "", now)
    _record(actor, "mandate.ended", row, now)
    tell_mandate(row, Told.ENDED, now=now)
    return row


def _held_by_office(actor: Actor, mandate_id: int) -> Mandate:
    """Read anew once its home is locked."""
    found = office_mandates(actor).filter(pk=mandate_id).first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.authority_id)
    file_to_write(actor, found.family_id)
    return office_mandates(actor).get(pk=mandate_id)


def _close(row: Mandate, end: Mandate.End, actor: Actor, reason: str, now: datetime) -> None:
    row.state, row.end, row.reason = State.ENDED, end, reason
    row.ended_at, row.ended_by = now, actor.label[:150]
    row.full_clean(exclude=["family", "authority", "signer", "paper", "noted_account", "iban", "bic"])
    row.save(update_fields=["state", "end", "reason", "ended_at", "ended_by"])


# What becomes of them with a home


def mandates_settle(*, groups: Iterable[Sequence[int]], by: str, now: datetime) -> None:
    """Of those that two files of one home have at once, the one that came last stays; the caller holds
    both."""
    for group in groups:
        *others, _last = Mandate.objects.filter(pk__in=group).order_by("noted_at", "pk")
        _end(Mandate.objects.filter(pk__in=[one.pk for one in others]), End.REPLACED, by, now)


def mandates_of_leavers_end(*, actor: Actor, family_id: int, people: Collection[int], now: datetime) -> None:
    """Who has left the home is not debited for it any more; the caller holds the home."""
    for row in Mandate.objects.live().filter(family=family_id, signer__in=people).order_by("pk"):
        _close(row, End.LEFT, actor, "", now)
        _record(actor, "mandate.ended", row, now)
        tell_mandate(row, Told.ENDED, now=now)


def mandates_erase(*, family_id: int, by: str, now: datetime) -> None:
    """With their home: those that no bill has named go, the others prove what was debited and end; the caller
    holds the home."""
    rows = Mandate.objects.filter(family=family_id)
    rows.filter(debits=None).delete()
    _end(rows.live(), End.HOME, by, now)


def _live(row: Mandate) -> MandateQuerySet:
    return Mandate.objects.live().filter(family=row.family_id, authority=row.authority_id)


def _end(rows: MandateQuerySet, end: Mandate.End, by: str, now: datetime) -> None:
    rows.update(state=State.ENDED, end=end, ended_at=now, ended_by=by[:150])


def _record(actor: Actor, verb: str, row: Mandate, now: datetime) -> None:
    """The reference alone: no account is ever in the journal."""
    subject = Subject("mandate", row.pk, row.rum)
    record(actor=actor, verb=verb, subject=subject, family_id=row.family_id, now=now)
