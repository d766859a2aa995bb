"""« Ma famille » in French: people, the facts of a sheet, what waits for an answer and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.forms import BoundField
from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.core.french import day_plain, instant_long, join_and
from marelle.families.fields import BY_CODE, Policy
from marelle.families.file.labels import change_title, value_text
from marelle.families.file.newcomers import NewcomerKind, newcomer_of
from marelle.families.file.reading import Line, Part, Sheet, proposed_value, value_seen
from marelle.families.labels import birth_text, custody_text
from marelle.families.models import ChangeRequest
from marelle.families.pages import AdultPage, ChildPage, GuardianLine, PersonLine
from marelle.files.labels import held_text
from marelle.portal.family.forms import CHECKED_BY_AGENT, SheetForm, input_name

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PersonCard:
    """One person of the list: `detail` is the age, or what the person is to the account."""

    id: int
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class GuardianCard:
    """A guardian as told to a parent; `rights` is empty for one who lives in another home."""

    name: str
    link: str
    rights: str


@dataclass(frozen=True, slots=True)
class ChangeCard:
    """A change that waits, or was answered: old and new side by side, what became of it, and its proof."""

    id: int
    title: str
    old: str
    new: str
    told: str
    tone: str = "warn"
    reason: str = ""
    proof: str = ""
    proof_held: str = ""


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """The inputs of one field. `title` and `note`, that an agent will check it, when it has several."""

    id: str
    title: str
    inputs: tuple[BoundField, ...]
    note: str
    held: str


def person_card(line: PersonLine, day: date) -> PersonCard:
    if line.is_adult:
        detail = _("C’est vous") if line.is_me else _("Adulte du foyer")
    else:
        detail = birth_text(line.birth_date, line.expected_on, day)
    return PersonCard(line.id, f"{line.first_name} {line.last_name}", detail)


def line_pairs(lines: Iterable[Line], schools: Mapping[int, str] | None = None) -> Pairs:
    """Fields as (term, value); what is not known says so."""
    return [
        (str(line.field.label), value_text(line.field, line.value, schools) or _("Non renseigné"))
        for line in lines
    ]


def home_pairs(sheet: Sheet) -> Pairs:
    return [(_("Numéro de dossier"), sheet.family.number), *line_pairs(sheet.lines)]


def read_only_pairs(sheet: Sheet) -> Pairs:
    """The fields of a sheet that its reader cannot change there."""
    lines = (line for line in sheet.lines if not (sheet.may_write and line.is_writable))
    return line_pairs(lines, sheet.facts.schools)


def groups(form: SheetForm) -> list[FieldGroup]:
    """The inputs of a form, those of one field together."""
    return [_group(form, line) for line in form.lines]


def adult_pairs(page: AdultPage) -> Pairs:
    return [
        (_("Compte de l’espace famille"), _("oui") if page.has_account else _("pas encore")),
        (_("Responsable de"), join_and(page.children) or _("aucun enfant de ce foyer")),
    ]


def child_pairs(page: ChildPage) -> Pairs:
    if page.custody is None:
        return []
    return [(_("Présence chez vous"), custody_text(page.custody.weeks, page.custody.holidays))]


def guardian_cards(page: ChildPage) -> list[GuardianCard]:
    return [_guardian_card(line) for line in page.guardians]


def waiting_cards(changes: Iterable[ChangeRequest], schools: Mapping[int, str]) -> list[ChangeCard]:
    return [_change_card(change, schools) for change in changes]


def answered_cards(changes: Iterable[ChangeRequest]) -> list[ChangeCard]:
    return [_answer_card(change) for change in changes]


def part_title(part: Part) -> str:
    return _("Votre foyer") if part.person is None else str(part.person)


def part_url(part: Part) -> str:
    if part.person is None:
        return reverse("family:home")
    return reverse("family:person", args=[part.person.pk])


def newcomer_text(change: ChangeRequest) -> str:
    """Who is to be added, in one line."""
    newcomer = newcomer_of(change.new)
    name = f"{newcomer.first_name} {newcomer.last_name}"
    if newcomer.kind is NewcomerKind.EXPECTED and newcomer.expected_on is not None:
        detail = _("naissance prévue le %(day)s") % {"day": day_plain(newcomer.expected_on)}
    elif newcomer.birth_date is not None:
        detail = _("né ou née le %(day)s") % {"day": day_plain(newcomer.birth_date)}
    else:
        detail = _("adulte")
    return f"{name}, {detail}"


def _group(form: SheetForm, line: Line) -> FieldGroup:
    field = line.field
    names = [input_name(field.code, part) for part in (*field.parts, "proof")]
    has_parts = len(field.parts) > 1
    held = value_text(field, line.value, form.sheet.facts.schools) if has_parts else ""
    return FieldGroup(
        id=f"group-{input_name(field.code, 'title')}",
        title=str(field.label) if has_parts else "",
        inputs=tuple(form[name] for name in names if name in form.fields),
        note=str(CHECKED_BY_AGENT) if line.policy is Policy.MODERATED else "",
        held=_("Noté aujourd’hui : %(held)s") % {"held": held} if held else "",
    )


def _change_card(change: ChangeRequest, schools: Mapping[int, str]) -> ChangeCard:
    old, new = _old_and_new(change, schools)
    told = {"at": instant_long(change.asked_at), "by": change.asked_by}
    proof = reverse("family:proof", args=[change.pk]) if change.proof_id else ""
    return ChangeCard(
        change.pk,
        change_title(change),
        old,
        new,
        _("envoyé %(at)s par %(by)s") % told,
        proof=proof,
        proof_held=held_text(change.proof, to_sender=True),
    )


def _answer_card(change: ChangeRequest) -> ChangeCard:
    is_accepted = change.state == ChangeRequest.State.ACCEPTED
    at = instant_long(change.decided_at) if change.decided_at else ""
    told = _("accepté le %(at)s") if is_accepted else _("refusé le %(at)s")
    return ChangeCard(
        change.pk,
        change_title(change),
        old="",
        new="",
        told=told % {"at": at},
        tone="ok" if is_accepted else "error",
        reason=change.reason,
    )


def _old_and_new(change: ChangeRequest, schools: Mapping[int, str]) -> tuple[str, str]:
    if change.kind == ChangeRequest.Kind.ADD:
        return "", newcomer_text(change)
    if change.kind == ChangeRequest.Kind.CAF:
        return "", _("une réponse, qu’un agent vérifie")
    if change.kind == ChangeRequest.Kind.REMOVE:
        leaving = day_plain(date.fromisoformat(change.new["leaving"]))
        return _("dans le foyer"), _("dernier jour le %(day)s") % {"day": leaving}
    field = BY_CODE[change.field]
    old = value_text(field, value_seen(change), schools) or _("Non renseigné")
    return old, value_text(field, proposed_value(change), schools) or _("Non renseigné")


def _guardian_card(line: GuardianLine) -> GuardianCard:
    if not line.is_here:
        return GuardianCard(line.first_name, _("%(link)s, dans un autre foyer") % {"link": line.link}, "")
    rights = [
        told
        for held, told in (
            (line.has_authority, _("a l’autorité parentale")),
            (line.may_book, _("peut réserver")),
            (line.may_fetch, _("peut venir chercher l’enfant")),
        )
        if held
    ]
    return GuardianCard(f"{line.first_name} {line.last_name}", line.link, join_and(rights))
