"""Mismatches in French, for the home: one card for a child and a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from marelle.attendance.mismatch_labels import ANSWERS
from marelle.attendance.mismatch_pages import HomeMismatch
from marelle.attendance.mismatch_rules import ANSWERS as ANSWERS_OF
from marelle.attendance.models import Mismatch
from marelle.attendance.rules import Alert
from marelle.core.french import day_long, instant_long, join_and, of_name

ABSENT: Final = "absent"
"""What the button that leads to the absence sends."""
UNTICKED: Final = "rien"
"""In an address: a card that was answered with nothing ticked."""


@dataclass(frozen=True, slots=True)
class Box:
    """A slot that waits for an answer."""

    mismatch_id: int
    label: str


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of some slots, and what the structure wrote."""

    slots: str
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """What differs for a child on a day, one way; `buttons` answer all the `boxes`, or those left ticked."""

    id: int
    title: str
    text: str
    where: str
    boxes: tuple[Box, ...]
    buttons: tuple[tuple[str, str, str], ...]
    said: tuple[Said, ...]
    is_unticked: bool


def cards(found: Iterable[HomeMismatch], *, unticked: int | None = None) -> list[Card]:
    """The latest day first."""
    together: dict[tuple[date, int, str], list[HomeMismatch]] = {}
    for one in found:
        together.setdefault((one.row.day, one.row.child_id, one.row.kind), []).append(one)
    return [_card(some, unticked) for some in together.values()]


def unticked_url(mismatch_id: int) -> str:
    return f"{reverse('mismatches:mismatches')}?{urlencode({UNTICKED: mismatch_id})}#ecart-{mismatch_id}"


def absence_url(rows: Sequence[Mismatch]) -> str:
    """Where the child of the first is told absent from these, on their day."""
    first = rows[0]
    mine = [str(row.booking_id) for row in rows if (row.child_id, row.day) == (first.child_id, first.day)]
    if len(mine) == 1:
        return reverse("absences:absence", args=mine)
    asked: dict[str, int | str | list[str]] = {
        "enfant": first.child_id,
        "du": str(first.day),
        "au": str(first.day),
        "b": mine,
    }
    return f"{reverse('absences:span')}?{urlencode(asked, doseq=True)}"


def _card(some: Sequence[HomeMismatch], unticked: int | None) -> Card:
    first, kind = some[0].row, Alert(some[0].row.kind)
    waiting = [one.row for one in some if one.may_answer]
    told: dict[tuple[str, str], list[Mismatch]] = {}
    for one in some:
        if not one.may_answer:
            told.setdefault((_said(one.row), one.row.words), []).append(one.row)
    day = day_long(first.day)
    places = list(dict.fromkeys(_place(one.row) for one in some))
    slot = (lambda row: row.opening.slot.name) if len(places) == 1 else _slot
    return Card(
        id=waiting[0].pk if waiting else first.pk,
        title=f"{first.child.first_name} · {day[:1].upper()}{day[1:]}",
        text=_what(first, kind),
        where=join_and(places),
        boxes=tuple(Box(row.pk, slot(row)) for row in waiting),
        buttons=_buttons(waiting, kind),
        said=tuple(Said(", ".join(map(slot, rows)), *said) for said, rows in told.items()),
        is_unticked=unticked in {row.pk for row in waiting},
    )


def _buttons(waiting: Sequence[Mismatch], kind: Alert) -> tuple[tuple[str, str, str], ...]:
    """What is sent, what is read, and how the button looks."""
    if not waiting:
        return ()
    found = [(answer.value, str(ANSWERS[kind, answer]), "") for answer in ANSWERS_OF[kind]]
    if kind is Alert.ABSENT and any(row.booking_id for row in waiting):
        found.insert(0, (ABSENT, _("C’est une absence\u00a0: la déclarer"), "go"))
    return tuple(found)


def _place(row: Mismatch) -> str:
    return f"{row.opening.activity.name} · {row.opening.activity.structure.name}"


def _slot(row: Mismatch) -> str:
    """ "Matin · Périscolaire", where the day was spent in several places."""
    return f"{row.opening.slot.name} · {row.opening.activity.name}"


def _what(row: Mismatch, kind: Alert) -> str:
    name = row.child.first_name
    if kind is Alert.ABSENT:
        return _("L’équipe attendait %(name)s, et aucune présence n’était notée.") % {"name": name}
    return _("L’équipe a noté la venue %(of_name)s, sans réservation.") % {"of_name": of_name(name)}


def _said(row: Mismatch) -> str:
    """Where it stands: lifted, told absent, settled, answered; nothing for who may not answer."""
    if row.withdrawn_at is not None:
        return _("C’est levé\u00a0: la réservation et la présence s’accordent depuis.")
    if row.is_told_absent:
        return _("L’absence est déclarée.")
    if row.settled == Mismatch.Settled.CORRECTED:
        return _("La structure a corrigé ce qui était noté.")
    if row.settled:
        return _("La structure a lu votre réponse. Ce qui est noté ne change pas.")
    if row.answer and row.answered_at is not None:
        said = str(ANSWERS[row.kind, row.answer])
        told = {"said": said, "who": row.answered_by, "at": instant_long(row.answered_at)}
        return _("«\u00a0%(said)s\u00a0»\u00a0: répondu par %(who)s le %(at)s, la structure vous lit.") % told
    return ""
