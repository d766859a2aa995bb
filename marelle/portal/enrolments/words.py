"""« Mes inscriptions » in French: cards of people, of enrolments and of activities that may be asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.kinds import BookingMode
from marelle.core.clock import local
from marelle.core.french import hours_text, instant_long_year, range_sentence, range_text
from marelle.enrolments.labels import STATE_TONES, ages_text, reason_text, wishes_text
from marelle.enrolments.models import Enrolment
from marelle.enrolments.selectors import EnrolmentCounts, Offer
from marelle.families.labels import birth_text
from marelle.families.selectors import Child
from marelle.ui.components import Choice, Filter, Kid

BOOKED_BY_FAMILY = (BookingMode.PARENT, BookingMode.VALIDATED)
SEES_PLANNING = (*BOOKED_BY_FAMILY, BookingMode.STRUCTURE)
NONE = EnrolmentCounts(0, 0)


@dataclass(frozen=True, slots=True)
class PersonCard:
    id: int
    name: str
    age: str
    state: str


@dataclass(frozen=True, slots=True)
class EnrolmentCard:
    """One enrolment. `books` tells that the family still has slots to book; empty addresses are no link."""

    id: int
    activity: str
    structure: str
    state: str
    tone: str
    pairs: list[tuple[str, str]]
    bookings_url: str
    books: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An activity that may be asked for, or `why` it may not."""

    id: int
    name: str
    detail: str
    why: str


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


def enrolment_card(enrolment: Enrolment, *, may_book: bool, now: datetime) -> EnrolmentCard:
    state = Enrolment.State(enrolment.state)
    over = enrolment.ends_on < local(now).date()
    live = state is Enrolment.State.ACCEPTED and not over
    mode = BookingMode(enrolment.activity.booking_mode)
    query = urlencode({"enfant": enrolment.person_id, "activite": enrolment.activity_id})
    return EnrolmentCard(
        id=enrolment.pk,
        activity=enrolment.activity.name,
        structure=enrolment.activity.structure.name,
        state=_("terminée") if state is Enrolment.State.ACCEPTED and over else str(state.label),
        tone="plain" if over else STATE_TONES[state],
        pairs=_pairs(enrolment),
        bookings_url=f"/reservations/?{query}" if live and mode in SEES_PLANNING else "",
        books=live and mode in BOOKED_BY_FAMILY,
        may_withdraw=may_book and state is Enrolment.State.REQUESTED,
    )


def offer_card(offer: Offer) -> OfferCard:
    activity = offer.activity
    ages = ages_text(activity.min_age_months, activity.max_age_months)
    return OfferCard(
        id=activity.pk,
        name=activity.name,
        detail=f"{activity.structure.name} · {ages} · {range_text(activity.first_day, activity.last_day)}",
        why="" if offer.denial is None else reason_text(offer.denial.reason, offer.denial.data),
    )


def offer_pairs(offer: Offer) -> list[tuple[str, str]]:
    """What the activity is, above the form that asks for it."""
    activity = offer.activity
    slots = [f"{slot.name} ({hours_text(slot.starts, slot.ends)})" for slot in activity.slots.all()]
    return [
        (_("Structure"), activity.structure.name),
        (_("Pour les enfants"), ages_text(activity.min_age_months, activity.max_age_months)),
        (_("Dates"), range_sentence(activity.first_day, activity.last_day)),
        (_("Créneaux"), ", ".join(slots)),
    ]


def _pairs(enrolment: Enrolment) -> list[tuple[str, str]]:
    structure = enrolment.activity.structure
    contact = next(iter(structure.contacts.all()), None)
    reach = _(" ou ").join(filter(None, (contact.phone, contact.email))) if contact else ""
    group = next((choice.group.name for choice in reversed(enrolment.groups.all())), "")
    wishes = wishes_text(enrolment, {slot.pk: slot for slot in enrolment.activity.slots.all()})
    pairs: Iterable[tuple[str, str]] = (
        (_("Dates"), range_sentence(enrolment.starts_on, enrolment.ends_on)),
        (_("Groupe"), group),
        (_("Souhaits"), wishes),
        (_("Précision"), enrolment.comment),
        (_("Demande"), _asked(enrolment)),
        (_("Décision"), _decided(enrolment)),
        (_("Raison"), enrolment.reason),
        (_("Contact"), f"{structure.name} : {reach}" if reach else structure.name),
    )
    return [(term, value) for term, value in pairs if value]


def _asked(enrolment: Enrolment) -> str:
    told = {"at": instant_long_year(enrolment.requested_at), "who": enrolment.requested_by}
    return _("le %(at)s, par %(who)s") % told


def _decided(enrolment: Enrolment) -> str:
    if enrolment.decided_at is None:
        return ""
    told = {"at": instant_long_year(enrolment.decided_at), "who": enrolment.decided_by}
    return _("le %(at)s, par %(who)s") % told


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


def state_filter(rows: Iterable[Enrolment], state: str) -> Filter | None:
    """A select of the states that the enrolments have; nothing to filter when they are all alike."""
    found = {row.state for row in rows}
    if len(found) < 2:
        return None
    choices = [Choice("", _("Toutes"), selected=state not in found)]
    choices += [
        Choice(value, str(label), selected=value == state)
        for value, label in Enrolment.State.choices
        if value in found
    ]
    return Filter(name="etat", label=_("Filtrer les inscriptions"), choices=tuple(choices))
