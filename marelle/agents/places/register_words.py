"""The register of the staff and the adults of one day, in French."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.kinds import Qualification
from marelle.activities.models import StaffMember
from marelle.bookings.supervising import HeldSlot
from marelle.core.french import join_and, range_text


@dataclass(frozen=True, slots=True)
class MemberLine:
    name: str
    detail: str
    told: str
    url: str


def register_lines(members: Iterable[StaffMember], day: date) -> tuple[list[MemberLine], list[MemberLine]]:
    """Who works there or will, and who does no more."""
    here: list[MemberLine] = []
    gone: list[MemberLine] = []
    for row in members:
        told = _("à venir") if row.first_day > day else ""
        url = reverse("agents_places:register_member", args=[row.pk])
        detail = f"{row.get_qualification_display()} · {range_text(row.first_day, row.last_day)}"
        (here if row.last_day >= day else gone).append(MemberLine(str(row), detail, told, url))
    return here, gone


def choices(members: Iterable[StaffMember]) -> list[tuple[int, str]]:
    return [(row.pk, f"{row} ({row.get_qualification_display()})") for row in members]


def carried(members: Iterable[StaffMember]) -> list[tuple[StaffMember, str]]:
    """With the days until which each is there."""
    return [
        (row, f"{row} ({row.get_qualification_display()}, {range_text(row.first_day, row.last_day)})")
        for row in members
    ]


def carried_text(n: int, school_year: int) -> str:
    told = ngettext(
        "%(n)d personne reste jusqu’à la fin de l’année %(year)s.",
        "%(n)d personnes restent jusqu’à la fin de l’année %(year)s.",
        n,
    )
    return told % {"n": n, "year": f"{school_year}-{school_year + 1}"}


def columns(slots: Sequence[HeldSlot]) -> list[tuple[int | None, str]]:
    """The whole day, then each slot: with its activity where another has the same name."""
    alike = Counter(slot.name for slot in slots)
    named = [
        (slot.id, f"{slot.name}, {slot.activity}" if alike[slot.name] > 1 else slot.name) for slot in slots
    ]
    return [(None, _("Toute la journée")), *named]


def planned_text(number: int | None, members: Sequence[StaffMember]) -> str:
    """ "4 adultes : 2 BAFA ou équivalent, 1 stagiaire et 1 sans nom"; "" for nothing."""
    if number is None:
        return ""
    total = ngettext("%(n)d adulte", "%(n)d adultes", number) % {"n": number}
    counted = Counter(row.qualification for row in members)
    parts = [f"{counted[one.value]} {one.label}" for one in Qualification if counted[one.value]]
    if parts and number > len(members):
        parts.append(_("%(n)d sans nom") % {"n": number - len(members)})
    return f"{total}\u00a0: {join_and(parts)}" if parts else total


def held_text(number: int | None, members: Sequence[StaffMember]) -> str:
    """What another agent planned meanwhile."""
    told = planned_text(number, members) or _("rien")
    names = join_and([str(row) for row in members])
    return f"{told} ({names})" if names else told


def late_text(held: str) -> str:
    return _(
        "Un autre agent a changé ceci pendant votre saisie. Il y a maintenant\u00a0: %(held)s. "
        "Ce que vous avez saisi est gardé\u00a0: enregistrez encore pour le mettre à la place."
    ) % {"held": held}
