"""Answers of a home to the authorisations that are asked, and the list of an authority."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from marelle.core.actor import Actor, Role
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.families.care.refusals import WrongValue
from marelle.families.care.rules import Answer, asked_years
from marelle.families.care.scope import ward_to_write
from marelle.families.models import Consent, ConsentType
from marelle.journal.edits import InUse, Shown, held, seen_check
from marelle.journal.services import record
from marelle.places.models import Authority
from marelle.places.scope import in_office

ANSWERED = "consent.answered"
TYPE_SAVED = "consent_type.saved"
TYPE_RETIRED = "consent_type.retired"
TYPE_ASKED_AGAIN = "consent_type.asked_again"
TYPE_REMOVED = "consent_type.removed"

LISTERS = (Role.ADMINISTRATOR, Role.OFFICE)
"""Roles that keep the list of an authority."""


@transaction.atomic
def consents_answer(
    *,
    actor: Actor,
    child_id: int,
    school_year: int,
    answers: Mapping[int, Answer],
    seen: Mapping[int, Answer] | None = None,
    authority_ids: Collection[int],
    now: datetime,
) -> tuple[str, ...]:
    """Keep the answers, by id of what is asked; returns the codes of those that changed.

    `authority_ids` are those whose structures the child goes to, or asked for: their lists alone may be
    answered. What is not among `answers` stays as it was, and so does what is answered as it was `seen`, what
    the form showed of this home; None for who showed nothing. Refused: NotYours, ReadOnly, WrongValue,
    ChangedMeanwhile.
    """
    day = local(now).date()
    ward = ward_to_write(actor, child_id, day=day)
    types = ConsentType.objects.filter(active=True, authority_id__in=authority_ids).in_bulk(list(answers))
    if school_year not in asked_years(day) or len(types) < len(answers):
        raise NotYours
    kept = {
        row.type_id: row
        for row in Consent.objects.filter(child=ward.child, family=ward.family, school_year=school_year)
    }
    codes = []
    for type_id, answer in answers.items():
        asked = types[type_id]
        if asked.needs_hour and answer.given and answer.from_hour is None:
            raise WrongValue("hour_missing", type_id=type_id)
        hour = answer.from_hour if asked.needs_hour and answer.given else None
        row = kept.get(type_id) or Consent(
            child=ward.child, family=ward.family, type=asked, school_year=school_year
        )
        held = Answer(row.given, row.from_hour) if row.pk is not None else None
        wanted = Answer(answer.given, hour)
        shown = held if seen is None else seen.get(type_id)
        if wanted in (held, shown):
            continue
        if held != shown:
            raise ChangedMeanwhile
        row.given, row.from_hour = answer.given, hour
        row.person_id = None if actor.on_behalf_of else actor.person_id
        row.answered_by, row.answered_at = actor.label[:150], now
        row.save()
        codes.append(asked.code)
    if codes:
        record(
            actor=actor,
            verb=ANSWERED,
            subject=Subject("person", ward.child.pk, ward.child.first_name),
            family_id=ward.family.pk,
            data={"fields": codes},
            now=now,
        )
    return tuple(codes)


@dataclass(frozen=True, slots=True)
class TypeData:
    """One line of the list, as an agent writes it."""

    label: str
    explanation: str
    needs_hour: bool
    order: int


@transaction.atomic
def consent_type_add(*, actor: Actor, authority_id: int, line: TypeData, now: datetime) -> ConsentType:
    """Ask for one more authorisation. Refused: NotYours, WrongValue."""
    found = lists_kept(actor).select_for_update(no_key=True).filter(pk=authority_id).order_by("pk").first()
    if found is None:
        raise NotYours
    if ConsentType.objects.filter(authority=found, label__iexact=line.label).exists():
        raise WrongValue("label_taken")
    row = ConsentType.objects.create(
        authority=found,
        code=_free_code(found, line.label),
        label=line.label,
        explanation=line.explanation,
        needs_hour=line.needs_hour,
        order=line.order,
    )
    _note(actor, TYPE_SAVED, row, now)
    return row


def type_held(row: ConsentType) -> Shown:
    """What a form on the line shows of it."""
    return held(row, [field.name for field in fields(TypeData)])


@transaction.atomic
def consent_type_change(
    *, actor: Actor, type_id: int, line: TypeData, seen: Shown | None = None, now: datetime
) -> ConsentType:
    """Reword it: for another question, add another. Refused: NotYours, WrongValue, ChangedMeanwhile.

    `seen` is what the form showed, as `type_held`; None for who showed nothing. An authorisation that was
    answered keeps whether it asks for an hour.
    """
    row = type_to_write(actor, type_id)
    seen_check(type_held(row), seen, subject=_subject(row), verbs=(TYPE_SAVED,))
    if row.needs_hour != line.needs_hour and row.answers.exists():
        raise WrongValue("answered_already")
    if (
        ConsentType.objects.filter(authority_id=row.authority_id, label__iexact=line.label)
        .exclude(pk=row.pk)
        .exists()
    ):
        raise WrongValue("label_taken")
    row.label, row.explanation = line.label, line.explanation
    row.needs_hour, row.order = line.needs_hour, line.order
    row.save()
    _note(actor, TYPE_SAVED, row, now)
    return row


@transaction.atomic
def consent_type_retire(*, actor: Actor, type_id: int, active: bool, now: datetime) -> ConsentType:
    """Stop asking for it, or ask for it again; what was answered stays. Refused: NotYours."""
    row = type_to_write(actor, type_id)
    if row.active != active:
        row.active = active
        row.save(update_fields=["active"])
        _note(actor, TYPE_ASKED_AGAIN if active else TYPE_RETIRED, row, now)
    return row


@transaction.atomic
def consent_type_remove(*, actor: Actor, type_id: int, now: datetime) -> None:
    """Take away a line that nobody answered; one that was answered is retired instead.

    Refused: NotYours, InUse with the answers. The lock keeps one from being written meanwhile.
    """
    row = type_to_write(actor, type_id)
    if answers := row.answers.count():
        raise InUse(((_("réponse de famille"), _("réponses de familles"), answers),))
    _note(actor, TYPE_REMOVED, row, now)
    row.delete()


def type_to_write(actor: Actor, type_id: int) -> ConsentType:
    """The line, locked, if the actor keeps the list of its authority. Raises NotYours."""
    rows = ConsentType.objects.select_for_update().filter(authority__in=lists_kept(actor), pk=type_id)
    row = rows.order_by("pk").first()
    if row is None:
        raise NotYours
    return row


def lists_kept(actor: Actor) -> QuerySet[Authority]:
    """Authorities whose list the actor keeps."""
    if not any(power.role in LISTERS for power in actor.powers):
        return Authority.objects.none()
    return Authority.objects.filter(in_office(actor))


def _free_code(authority: Authority, label: str) -> str:
    """A code made of the label, the first that is free."""
    stem = slugify(label)[:34].strip("-") or "autorisation"
    taken = set(ConsentType.objects.filter(authority=authority).values_list("code", flat=True))
    return next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, 10_000))) if code not in taken)


def _note(actor: Actor, verb: str, row: ConsentType, now: datetime) -> None:
    record(actor=actor, verb=verb, subject=_subject(row), now=now)


def _subject(row: ConsentType) -> Subject:
    return Subject("consent_type", row.pk, row.label)
