"""Mismatches in French, for the home."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.attendance.mismatch_labels import ANSWERS
from marelle.attendance.mismatch_pages import HomeMismatch
from marelle.attendance.mismatch_rules import ANSWERS as ANSWERS_OF
from marelle.attendance.models import Mismatch
from marelle.attendance.rules import Alert
from marelle.core.french import day_long, instant_long, of_name


@dataclass(frozen=True, slots=True)
class Item:
    """One mismatch: what happened, what was said of it and what the structure wrote; `buttons` answer it.

    `absence_url` is where the child is told absent, with a proof.
    """

    title: str
    text: str
    said: str
    words: str
    url: str
    absence_url: str
    buttons: tuple[tuple[str, str], ...]


def items(found: Iterable[HomeMismatch]) -> list[Item]:
    return [_item(one) for one in found]


def _item(one: HomeMismatch) -> Item:
    row, kind = one.row, Alert(one.row.kind)
    day = day_long(row.day)
    where = f"{row.opening.activity.name} · {row.opening.activity.structure.name}"
    absence = kind is Alert.ABSENT and one.may_answer and row.booking_id is not None
    return Item(
        title=f"{row.child.first_name} · {day[:1].upper()}{day[1:]}, {row.opening.slot.name}",
        text=f"{_what(row, kind)} {where}.",
        said=_said(one),
        words=row.words,
        url=reverse("mismatches:answer", args=[row.pk]),
        absence_url=reverse("absences:absence", args=[row.booking_id]) if absence else "",
        buttons=tuple((answer.value, str(ANSWERS[kind, answer])) for answer in ANSWERS_OF[kind])
        if one.may_answer
        else (),
    )


def _what(row: Mismatch, kind: Alert) -> str:
    name = row.child.first_name
    if kind is Alert.ABSENT:
        return _("L’équipe attendait %(name)s, et ne l’a pas pointé.") % {"name": name}
    return _("L’équipe a noté la venue %(of_name)s, sans réservation.") % {"of_name": of_name(name)}


def _said(one: HomeMismatch) -> str:
    """Where it stands: lifted, told absent, settled, answered; nothing while it waits for the home."""
    row = one.row
    if row.withdrawn_at is not None:
        return _("C’est levé : l’équipe a complété le pointage depuis.")
    if one.declared:
        return _("L’absence est déclarée.")
    if row.settled == Mismatch.Settled.CORRECTED:
        return _("La structure a corrigé le pointage.")
    if row.settled:
        return _("La structure a lu votre réponse. Le pointage ne change pas.")
    if row.answer and row.answered_at is not None:
        said = str(ANSWERS[row.kind, row.answer])
        told = {"said": said, "who": row.answered_by, "at": instant_long(row.answered_at)}
        return _("«\u00a0%(said)s\u00a0» : répondu par %(who)s le %(at)s, la structure vous lit.") % told
    return ""
