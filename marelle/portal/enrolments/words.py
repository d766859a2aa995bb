"""« Mes inscriptions » in French: cards of people and enrolments, the page of one, what is acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.kinds import BookingMode
from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long_year, range_sentence
from marelle.enrolments.labels import (
    END_TONES,
    STATE_TONES,
    answer_pairs,
    passed_text,
    reference_text,
    shown_state,
    suspended_text,
    wishes_text,
)
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.enrolments.next_booking import BOOKED_BY_FAMILY
from marelle.enrolments.rules import wrong_end
from marelle.enrolments.selectors import EnrolmentCounts
from marelle.families.labels import birth_text
from marelle.families.selectors import Child
from marelle.places.rules import DAY
from marelle.ui.components import Kid

SEES_PLANNING = (*BOOKED_BY_FAMILY, BookingMode.STRUCTURE)
NONE = EnrolmentCounts(0, 0)

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PersonCard:
    id: int
    name: str
    age: str
    state: str


@dataclass(frozen=True, slots=True)
class EnrolmentCard:
    """One enrolment. `books` tells that the family still has slots to book; empty addresses are no link.

    `reason` is that of a refusal, after which the service calls.
    """

    id: int
    activity: str
    structure: str
    state: str
    tone: str
    dates: str
    reason: str
    bookings_url: str
    books: bool
    may_withdraw: bool
    ending: str


@dataclass(frozen=True, slots=True)
class EndCard:
    """A request of end: what was asked, where it stands, and whether it may be taken back."""

    id: int
    title: str
    state: str
    tone: str
    detail: str
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a request that was received tells."""

    title: str
    pairs: Pairs


def person_card(child: Child, counts: EnrolmentCounts, day: date) -> PersonCard:
    told = []
    if counts.accepted:
        told.append(
            ngettext("%(n)d inscription", "%(n)d inscriptions", counts.accepted) % {"n": counts.accepted}
        )
    if counts.requested:
        waiting = ngettext("%(n)d demande en attente", "%(n)d demandes en attente", counts.requested)
        told.append(waiting % {"n": counts.requested})
    return PersonCard(
        id=child.id,
        name=f"{child.first_name} {child.last_name}",
        age=birth_text(child.birth_date, None, day),
        state=", ".join(told) or _("aucune inscription"),
    )


def kids(children: Iterable[Child], current_id: int) -> list[Kid]:
    return [
        Kid(
            label=child.first_name,
            url=reverse("enrolments:person", args=[child.id]),
            initial=child.first_name[:1].upper(),
            current=child.id == current_id,
        )
        for child in children
    ]


def enrolment_card(
    enrolment: Enrolment, *, may_book: bool, now: datetime, last_day: date | None = None
) -> EnrolmentCard:
    """`last_day` is that of an end asked for, which still waits for its answer."""
    state = shown_state(enrolment, local(now).date())
    live = state is Enrolment.State.ACCEPTED
    mode = BookingMode(enrolment.activity.booking_mode)
    query = urlencode({"enfant": enrolment.person_id, "activite": enrolment.activity_id})
    return EnrolmentCard(
        id=enrolment.pk,
        activity=enrolment.activity.name,
        structure=enrolment.activity.structure.name,
        state=str(state.label),
        tone=STATE_TONES[state],
        dates=range_sentence(enrolment.starts_on, enrolment.ends_on),
        reason=enrolment.reason,
        bookings_url=f"/reservations/?{query}" if live and mode in SEES_PLANNING else "",
        books=live and mode in BOOKED_BY_FAMILY,
        may_withdraw=may_book and state is Enrolment.State.REQUESTED,
        ending=_("Fin demandée, en attente : dernier jour le %(day)s.") % {"day": day_plain(last_day)}
        if last_day
        else "",
    )


def enrolment_pairs(enrolment: Enrolment) -> Pairs:
    """The page of one enrolment: structure, contact, dates, groups, wishes, decision and its reason."""
    pairs: Iterable[tuple[str, str]] = (
        (_("Structure"), enrolment.activity.structure.name),
        (_("Contact"), reach_text(enrolment)),
        (_("Dates"), range_sentence(enrolment.starts_on, enrolment.ends_on)),
        (_("Groupe"), _groups(enrolment)),
        (_("Souhaits"), wishes_text(enrolment, {slot.pk: slot for slot in enrolment.activity.slots.all()})),
        *answer_pairs(enrolment),
        (_("Précision"), enrolment.comment),
        (_("Dérogation"), passed_text(enrolment.derogation, enrolment.passed.split())),
        (_("Demande"), _asked(enrolment)),
        (_("Référence"), reference_text(enrolment.pk)),
        (_("Décision"), _decided(enrolment)),
        (_("Raison"), enrolment.reason),
        (_("Réservations suspendues"), suspended_text(enrolment)),
    )
    return [(term, value) for term, value in pairs if value]


def receipt(enrolment: Enrolment) -> Receipt:
    """What was received, when, which service decides, how to reach it."""
    wishes = wishes_text(enrolment, {slot.pk: slot for slot in enrolment.activity.slots.all()})
    pairs = [
        (_("Référence"), reference_text(enrolment.pk)),
        (_("Reçue"), instant_long_year(enrolment.requested_at)),
        (_("Dates"), range_sentence(enrolment.starts_on, enrolment.ends_on)),
        (_("Souhaits"), wishes),
        *answer_pairs(enrolment),
        (_("Service qui décide"), enrolment.activity.structure.name),
        (_("Pour le joindre"), reach_text(enrolment)),
    ]
    return Receipt(
        title=f"{enrolment.person.first_name} · {enrolment.activity.name}",
        pairs=[(term, value) for term, value in pairs if value],
    )


def reach_text(enrolment: Enrolment) -> str:
    """Telephone or mail of the structure, as far as they are known."""
    contact = next(iter(enrolment.activity.structure.contacts.all()), None)
    return _(" ou ").join(filter(None, (contact.phone, contact.email))) if contact else ""


def end_cards(ends: Sequence[EndRequest], *, may_book: bool) -> list[EndCard]:
    """The newest first."""
    return [_end_card(end, may_book=may_book) for end in ends]


def may_ask_end(enrolment: Enrolment, ends: Sequence[EndRequest], *, may_book: bool, day: date) -> bool:
    """Whether the page leads to asking for an end: some day would shorten it, and nothing waits already."""
    waits = any(end.state == EndRequest.State.REQUESTED for end in ends)
    shortened = wrong_end(enrolment.starts_on, enrolment.ends_on, day, enrolment.ends_on - DAY) is None
    return may_book and enrolment.state == Enrolment.State.ACCEPTED and shortened and not waits


def _end_card(end: EndRequest, *, may_book: bool) -> EndCard:
    state = EndRequest.State(end.state)
    told = [_("Demandée le %(at)s, par %(who)s") % _at_by(end.requested_at, end.requested_by)]
    if end.decided_at is not None:
        told.append(_("réponse le %(at)s, par %(who)s") % _at_by(end.decided_at, end.decided_by))
    if end.reason:
        told.append(_("raison : %(reason)s") % {"reason": end.reason})
    return EndCard(
        id=end.pk,
        title=_("Dernier jour : %(day)s") % {"day": day_plain(end.last_day)},
        state=str(state.label),
        tone=END_TONES[state],
        detail=" ; ".join(told),
        may_withdraw=may_book and state is EndRequest.State.REQUESTED,
    )


def _groups(enrolment: Enrolment) -> str:
    """The group, and each change of group with its date."""
    told = [
        _("%(group)s à partir du %(day)s") % {"group": choice.group.name, "day": day_plain(choice.since)}
        if number
        else choice.group.name
        for number, choice in enumerate(enrolment.groups.all())
    ]
    return _(", puis ").join(told)


def _asked(enrolment: Enrolment) -> str:
    return _("le %(at)s, par %(who)s") % _at_by(enrolment.requested_at, enrolment.requested_by)


def _decided(enrolment: Enrolment) -> str:
    if enrolment.decided_at is None:
        return ""
    return _("le %(at)s, par %(who)s") % _at_by(enrolment.decided_at, enrolment.decided_by)


def _at_by(at: datetime, who: str) -> dict[str, str]:
    return {"at": instant_long_year(at), "who": who}
