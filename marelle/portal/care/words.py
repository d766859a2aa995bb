"""A child's care in French, for its family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.core.clock import local
from marelle.core.french import day_long, day_plain, join_and, of_name
from marelle.core.phones import phone_text
from marelle.families.care.labels import answer_text, contact_detail, school_year_text, sheet_pairs
from marelle.families.care.policy import columns_under
from marelle.families.care.rules import SheetData
from marelle.families.care.scope import Ward
from marelle.families.care.selectors import Asked, CareSummary, HealthPage
from marelle.families.fields import Policy
from marelle.families.models import HealthSheet, PickupBan, PickupContact, PickupPermission

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class CareLink:
    """One line of the card « Santé et sorties » on the child's page."""

    label: str
    url: str
    detail: str


@dataclass(frozen=True, slots=True)
class ContactCard:
    id: int
    name: str
    detail: str
    phone: str
    tel: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class PermissionCard:
    id: int
    name: str
    day: str
    detail: str


def care_links(child: int, summary: CareSummary, school_year: int) -> list[CareLink]:
    """Where each part of a child's care is, and what is there."""
    return [
        *standing_links(child, summary, school_year),
        CareLink(
            _("Permission d’un jour"),
            reverse("care:permissions", args=[child]),
            ngettext("%(n)d à venir", "%(n)d à venir", summary.permissions) % {"n": summary.permissions}
            if summary.permissions
            else _("aucune à venir"),
        ),
    ]


def standing_links(child: int, summary: CareSummary, school_year: int) -> list[CareLink]:
    """The parts that hold from day to day."""
    return [
        CareLink(_("Santé"), reverse("care:health", args=[child]), written_text(summary.written_at)),
        CareLink(
            _("Qui peut venir chercher, qui appeler"),
            reverse("care:contacts", args=[child]),
            ngettext("%(n)d personne", "%(n)d personnes", summary.contacts) % {"n": summary.contacts}
            if summary.contacts
            else _("personne d’autre que les responsables"),
        ),
        CareLink(
            _("Autorisations %(year)s") % {"year": school_year_text(school_year)},
            reverse("care:consents", args=[child]),
            ngettext("%(n)d réponse", "%(n)d réponses", summary.answers) % {"n": summary.answers}
            if summary.answers
            else _("pas encore répondu"),
        ),
    ]


def written_text(at: datetime | None) -> str:
    if at is None:
        return _("fiche sanitaire à remplir")
    return _("fiche sanitaire modifiée le %(day)s") % {"day": day_plain(local(at).date())}


def read_only_pairs(page: HealthPage) -> Pairs:
    """What the authority lets a family read and not write."""
    columns = columns_under(page.policies, Policy.READ_ONLY)
    return sheet_pairs(page.sheet, columns) if columns and page.ward.sees_health else []


def readable_pairs(page: HealthPage) -> Pairs:
    """What somebody who writes nothing may read."""
    if not page.ward.sees_health:
        return []
    return sheet_pairs(page.sheet, columns_under(page.policies, Policy.FREE, Policy.READ_ONLY))


@dataclass(frozen=True, slots=True)
class VaccinationLine:
    id: int
    vaccine: str
    day: str


def vaccination_lines(page: HealthPage) -> list[VaccinationLine]:
    return [VaccinationLine(row.pk, row.vaccine, day_plain(row.on)) for row in page.vaccinations]


def differences(kept: SheetData, typed: SheetData, sheet: HealthSheet | None) -> Pairs:
    """What is kept now, where it is not what was typed."""
    names = [one.name for one in fields(SheetData) if getattr(kept, one.name) != getattr(typed, one.name)]
    return sheet_pairs(sheet, frozenset(names))


def contact_cards(rows: tuple[PickupContact, ...]) -> list[ContactCard]:
    return [
        ContactCard(
            id=row.pk,
            name=row.name,
            detail=contact_detail(row),
            phone=phone_text(row.phone),
            tel=row.phone,
            is_first=place == 0,
            is_last=place == len(rows) - 1,
        )
        for place, row in enumerate(rows)
    ]


def contact_pairs(row: PickupContact) -> Pairs:
    """The same as a card, for who compares."""
    return [
        (_("Prénom et nom"), row.name),
        (_("Ce qui est dit"), contact_detail(row)),
        (_("Téléphone"), phone_text(row.phone)),
    ]


def named_text(name: str, children: Sequence[str]) -> str:
    """ "Jean Morel est dans la liste de Zoé et de Léo."."""
    lists = join_and([of_name(child) for child in children])
    return _("%(name)s est dans la liste %(lists)s.") % {"name": name, "lists": lists}


def ban_texts(rows: tuple[PickupBan, ...]) -> list[str]:
    return [
        _("%(name)s : %(reason)s, depuis le %(day)s")
        % {"name": row.name, "reason": row.reason, "day": day_plain(row.since)}
        for row in rows
    ]


def consent_text(one: Asked) -> str:
    """What holds, for who answers nothing itself."""
    return answer_text(one.settled)


def permission_cards(rows: tuple[PickupPermission, ...]) -> list[PermissionCard]:
    return [
        PermissionCard(
            id=row.pk,
            name=row.name,
            day=day_long(row.day),
            detail=" · ".join(part for part in (phone_text(row.phone), row.note) if part),
        )
        for row in rows
    ]


def permission_told(day: date, child: str, told: tuple[str, ...], *, is_new: bool) -> str:
    """What became of a permission that was sent, and who hears of it."""
    kept = _("Permission enregistrée.") if is_new else _("Cette permission était déjà enregistrée.")
    if not told:
        nobody = _(
            "%(child)s n’a rien de réservé %(day)s : nous n’avons prévenu aucune structure, mais son équipe "
            "verra cette permission."
        )
        return f"{kept} {nobody % {'child': child, 'day': day_long(day)}}"
    names = join_and([f"« {name} »" for name in told])
    return f"{kept} {_('Prévenu : %(names)s.') % {'names': names}}"


def shared(ward: Ward) -> dict[str, Any]:
    """What every page of a child's care prints."""
    return {
        "child": ward.child,
        "may_write": ward.may_write,
        "home_left": ward.why_not == "home_left",
    }
