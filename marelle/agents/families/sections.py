"""The sections of a family's page in French."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.agents.cases import KINDS, case_url
from marelle.billing.labels import state_and_tone
from marelle.billing.models import Invoice
from marelle.billing.rules import UNPAID, is_overdue
from marelle.billing.selectors import DueInvoices
from marelle.bookings.labels import STATES as BOOKING_STATES
from marelle.bookings.models import Booking
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.french import (
    day_long,
    day_plain,
    euros_text,
    hours_text,
    instant_long_year,
    month_text,
    range_sentence,
)
from marelle.enrolments.labels import STATE_TONES, shown_state
from marelle.enrolments.models import Enrolment
from marelle.families.incomes.labels import income_lines
from marelle.families.models import FamilyNote, Guardianship, Person
from marelle.families.notes import may_remove
from marelle.flows.journal.sentences import derogation_text, detail, sentence, sentence_alone, without_reasons
from marelle.flows.office.family_page import FamilyPage
from marelle.journal.models import Entry
from marelle.messaging.models import Thread
from marelle.papers.labels import standing_text, standing_tone
from marelle.papers.selectors import Requirement
from marelle.places.letterheads import authority_names

OF_A_RELAIS: Final = ("care", "visit")
"""Subjects of acts whose label names people whom no file may name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a section; `url` is where it is decided or changed, "" where the agent does neither."""

    title: str
    detail: str = ""
    tag: str = ""
    tone: str = "plain"
    url: str = ""


@dataclass(frozen=True, slots=True)
class NoteRow:
    id: int
    text: str
    who: str
    pinned: bool
    pinnable: bool
    removable: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class Sections:
    waiting: tuple[Row, ...]
    enrolments: tuple[Row, ...]
    bookings: tuple[Row, ...]
    papers: tuple[Row, ...]
    invoices: tuple[Row, ...]
    due: str
    incomes: tuple[str, ...]
    threads: tuple[Row, ...]
    notes: tuple[NoteRow, ...]
    entries: tuple[Row, ...]


def sections(found: FamilyPage, names: Mapping[int, str], *, actor: Actor, now: datetime) -> Sections:
    """`names` are the first names of the people of the home, by id."""
    day = local(now).date()
    due = found.due
    return Sections(
        waiting=tuple(_waiting(case) for case in found.cases),
        enrolments=tuple(_enrolment(row, day) for row in found.enrolments),
        bookings=tuple(_booking(row) for row in found.bookings),
        papers=tuple(_paper(one, names) for one in found.papers),
        invoices=tuple(_invoice(row, day) for row in found.invoices),
        due=_due(due) if due else "",
        incomes=income_lines(found.incomes, day, authority_names()),
        threads=tuple(_thread(row) for row in found.threads),
        notes=tuple(_note(row, actor, authority_names()) for row in found.notes),
        entries=tuple(_entry(row, answers_for_all=_answers_for_all(actor)) for row in found.entries),
    )


def _due(due: DueInvoices) -> str:
    told = (
        (due.by_hand, _("%(left)s à régler en tout")),
        (due.debited, _("%(left)s en prélèvement")),
        (due.refused, _("%(left)s en correction, après un rejet du Trésor")),
    )
    return ", ".join(text % {"left": euros_text(rows.left)} for rows, text in told if rows.count)


def guardian_texts(rows: tuple[Guardianship, ...], here: Mapping[int, str]) -> list[str]:
    """ "Camille Durand, mère" for who lives here, "Sacha, père (autre foyer)"; then what it may not do."""
    return [_guardian(row, here) for row in rows]


def _guardian(row: Guardianship, here: Mapping[int, str]) -> str:
    is_here = row.adult_id in here
    name = str(row.adult) if is_here else row.adult.first_name
    said = _("%(name)s, %(link)s") if is_here else _("%(name)s, %(link)s (autre foyer)")
    limits = [
        text
        for holds, text in (
            (row.has_authority, _("sans autorité parentale")),
            (row.may_see, _("ne voit pas le dossier")),
            (row.may_book, _("ne réserve pas")),
            (row.may_fetch, _("ne vient pas chercher")),
            (row.is_told, _("ne reçoit pas les courriels")),
        )
        if not holds
    ]
    told = said % {"name": name, "link": row.get_link_display()}
    return f"{told} : {', '.join(limits)}" if limits else told


def child_detail(person: Person, age: str) -> str:
    born = _("naissance le %(day)s") % {"day": day_plain(person.birth_date)} if person.birth_date else ""
    return " · ".join(filter(None, (age, born)))


def _waiting(case: Case) -> Row:
    label = str(KINDS[case.kind].label)
    return Row(case.label, instant_long_year(case.opened_at), label, "warn", case_url(case))


def _booking(row: Booking) -> Row:
    hours = hours_text(local(row.starts_at).time(), local(row.ends_at).time())
    booked = row.state == BookingState.BOOKED
    mine = row.mine  # type: ignore[attr-defined]
    told = [row.opening.activity.name, row.opening.slot.name, hours, *_derogation(row, mine)]
    planning = reverse("agents_enrolments:planning", args=[row.enrolment_id]) if mine else ""
    return Row(
        f"{day_long(row.day).capitalize()} · {row.child.first_name}",
        " · ".join(told),
        "" if booked else str(BOOKING_STATES[row.state]),
        "warn",
        f"{planning}?date={row.day.isoformat()}" if planning else "",
    )


def _invoice(row: Invoice, day: date) -> Row:
    told = {"number": row.number, "total": euros_text(row.total), "day": day_plain(row.due_on)}
    title, detail = month_text(row.month).capitalize(), _("%(number)s · %(total)s, avant le %(day)s") % told
    held = row.held if row.state in UNPAID else ""  # type: ignore[attr-defined]
    is_late = is_overdue(row.state, row.due_on, day)
    return Row(title, detail, *state_and_tone(row.state, held=held, is_late=is_late))


def _thread(row: Thread) -> Row:
    mine = row.mine  # type: ignore[attr-defined]
    return Row(
        row.subject,
        f"{row.structure.name} · {instant_long_year(row.last_at)}",
        _("clos") if row.closed_at else "",
        url=reverse("agents_messages:thread", args=[row.pk]) if mine else "",
    )


def _note(row: FamilyNote, actor: Actor, authorities: Mapping[int, str]) -> NoteRow:
    several = len(authorities) > 1
    name = authorities.get(row.authority_id or 0, _("collectivité inconnue")) if several else ""
    by = f"{row.by} ({name})" if name else row.by
    who = _("%(who)s, le %(at)s") % {"who": by, "at": instant_long_year(row.at)}
    kept = row.kept  # type: ignore[attr-defined]
    return NoteRow(row.pk, row.text, who, row.pinned, kept, may_remove(actor, row), several and row.shared)


def _answers_for_all(actor: Actor) -> bool:
    return actor.is_administrator or authority_names().keys() <= actor.authorities(Role.OFFICE)


def _entry(row: Entry, *, answers_for_all: bool) -> Row:
    """An act says of no authority whose it is: who does not answer for all reads the reasons of derogations
    beside its own enrolments and bookings alone, and whom a home named to a relais in its own requests."""
    who = row.actor_label
    if row.on_behalf:
        who = _("%(name)s, au nom de la famille") % {"name": who}
    what, data = sentence(row.verb, row.subject_label), row.data
    if not answers_for_all:
        data = without_reasons(data)
        what = sentence_alone(row.verb) if row.subject_kind in OF_A_RELAIS else what
    told = (instant_long_year(row.at), who, detail(data))
    return Row(what, " · ".join(filter(None, told)))


def _enrolment(row: Enrolment, day: date) -> Row:
    state = shown_state(row, day)
    mine = row.mine  # type: ignore[attr-defined]
    derogation = _derogation(row, mine)
    return Row(
        f"{row.person.first_name} · {row.activity.name}",
        " · ".join([row.activity.structure.name, range_sentence(row.starts_on, row.ends_on), *derogation]),
        str(state.label),
        STATE_TONES[state],
        reverse("requests:request", args=[row.pk]) if mine else "",
    )


def _derogation(row: Booking | Enrolment, mine: bool) -> list[str]:
    """Its reason, which may be of social or medical matters, for who answers for the activity alone."""
    return [derogation_text(row.derogation, row.passed.split())] if row.derogation and mine else []


def _paper(one: Requirement, names: Mapping[int, str]) -> Row:
    whose = names.get(one.person_id, "") if one.person_id else _("Le foyer")
    askers = dict.fromkeys(row.asker for row in one.asked if row.asker)
    asked = [_("demandé par %(who)s") % {"who": who} for who in askers]
    return Row(
        one.kind.title, " · ".join([whose, *asked]), standing_text(one.status), standing_tone(one.status)
    )
