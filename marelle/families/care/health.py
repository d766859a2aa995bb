"""Writing the health sheet and the vaccinations of a child: by its guardians, or for them by an agent.

Health is kept at once, never moderated: an allergy does not wait. Who must hear of a change is told by
`flows.care.services`, which knows the structures.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.families.care.policy import PAI, VACCINATIONS, columns_under, health_policies
from marelle.families.care.refusals import ReadOnly, Unseen, WrongValue
from marelle.families.care.rules import (
    TEXTS,
    SheetData,
    added,
    changed,
    pai_until_possible,
    settled_sheet,
    vaccinated_on_possible,
    within,
)
from marelle.families.care.scope import Ward, ward_to_write
from marelle.families.fields import Policy
from marelle.families.models import HealthSheet, Vaccination
from marelle.families.models.care import TEXT_LENGTH
from marelle.files.services import CheckedFile, file_store, files_delete
from marelle.journal.services import record

SAVED = "health.saved"
FILE_SENT = "health.file_sent"
FILE_REMOVED = "health.file_removed"
VACCINATION_ADDED = "vaccination.added"
VACCINATION_REMOVED = "vaccination.removed"


def sheet_data(sheet: HealthSheet | None) -> SheetData:
    """What the sheet holds; an empty one where there is none. Raises CannotOpen."""
    return SheetData() if sheet is None else sheet.data


def version_of(sheet: HealthSheet | None) -> str:
    """What a form carries to say which sheet it showed."""
    return "" if sheet is None else sheet.updated_at.isoformat()


@transaction.atomic
def health_sheet_save(
    *, actor: Actor, child_id: int, typed: SheetData, seen: str, now: datetime
) -> tuple[str, ...]:
    """Write the sheet; returns the names of the fields that changed, none when it said so already.

    `seen` is the `version_of` the sheet that the form showed. Who may not read the sheet adds to it.
    Refused: NotYours, ReadOnly, ChangedMeanwhile, WrongValue, CannotSeal, CannotOpen: a sheet that nobody
    can read is not written over.
    """
    today = local(now).date()
    ward = ward_to_write(actor, child_id, day=today)
    sheet = HealthSheet.objects.filter(child_id=child_id).first()
    kept = sheet_data(sheet)
    writable = columns_under(health_policies(by_agent=actor.on_behalf_of), Policy.FREE)
    typed = within(kept if ward.sees_health else SheetData(), typed, writable)
    new = typed if ward.sees_health else added(kept, typed)
    _check(new, kept, ward.child.birth_date, today)
    new = settled_sheet(new)
    fields = changed(kept, new)
    if not fields and sheet is not None:
        return ()
    if ward.sees_health and sheet is not None and kept != SheetData() and seen != version_of(sheet):
        raise ChangedMeanwhile(at=sheet.updated_at)
    sheet = sheet or HealthSheet(child_id=child_id)
    sheet.say(new, today)
    _write(sheet, {}, actor, now)
    _note(actor, SAVED, ward, now, fields)
    return fields


@transaction.atomic
def pai_file_set(
    *, actor: Actor, child_id: int, upload: CheckedFile, seen: int | None, now: datetime
) -> HealthSheet:
    """Keep the PAI's file in place of the one before.

    `seen` is the file that the page showed; to who may not read the sheet, that of which `Unseen` told it.
    Refused: NotYours, ReadOnly, ChangedMeanwhile, Unseen.
    """
    ward = _ward_for(PAI, actor, child_id, now)
    sheet = HealthSheet.objects.filter(child_id=child_id).first() or HealthSheet(child_id=child_id)
    replaced = sheet.pai_file_id
    if ward.sees_health and replaced != seen:
        raise ChangedMeanwhile(at=sheet.updated_at)
    if replaced is not None and replaced != seen:
        raise Unseen("file_there", file_id=replaced)
    stored = file_store(actor=actor, upload=upload, family_id=ward.family.pk, now=now)
    sheet.say(replace(sheet.data, pai=True), local(now).date())
    _write(sheet, {"pai_file": stored}, actor, now)
    if replaced is not None:
        files_delete(ids=[replaced])
    _note(actor, FILE_SENT, ward, now, ("pai_file",))
    return sheet


@transaction.atomic
def pai_file_remove(*, actor: Actor, child_id: int, now: datetime) -> bool:
    """Take the PAI's file away; False when there was none. Refused: NotYours (also unread), ReadOnly."""
    ward = _ward_for(PAI, actor, child_id, now)
    if not ward.sees_health:
        raise NotYours
    sheet = HealthSheet.objects.filter(child_id=child_id, pai_file__isnull=False).first()
    if sheet is None or sheet.pai_file_id is None:
        return False
    gone = sheet.pai_file_id
    _write(sheet, {"pai_file": None}, actor, now)
    files_delete(ids=[gone])
    _note(actor, FILE_REMOVED, ward, now, ("pai_file",))
    return True


@transaction.atomic
def vaccination_add(*, actor: Actor, child_id: int, vaccine: str, on: date, now: datetime) -> Vaccination:
    """Note a vaccine received. Refused: NotYours, ReadOnly, WrongValue."""
    today = local(now).date()
    ward = _ward_for(VACCINATIONS, actor, child_id, now)
    vaccine = " ".join(vaccine.split())
    if not vaccinated_on_possible(on, ward.child.birth_date, today):
        raise WrongValue("vaccine_day")
    noted = Vaccination.objects.filter(child_id=child_id, on=on)
    if any(one.vaccine.casefold() == vaccine.casefold() for one in noted):
        raise WrongValue("vaccine_twice")
    # A sheet is there whenever anything of health is: its date says when all of it goes.
    HealthSheet.objects.get_or_create(
        child_id=child_id, defaults={"updated_at": now, "updated_by": actor.label[:150]}
    )
    row = Vaccination.objects.create(child_id=child_id, vaccine=vaccine, on=on)
    _note(actor, VACCINATION_ADDED, ward, now)
    return row


@transaction.atomic
def vaccination_remove(*, actor: Actor, child_id: int, vaccination_id: int, now: datetime) -> None:
    """Refused: NotYours (also for a row that is gone), ReadOnly."""
    ward = _ward_for(VACCINATIONS, actor, child_id, now)
    found = Vaccination.objects.filter(pk=vaccination_id, child_id=child_id)
    if not ward.sees_health or not found.exists():
        raise NotYours
    found.delete()
    _note(actor, VACCINATION_REMOVED, ward, now)


def _check(new: SheetData, kept: SheetData, birth: date | None, today: date) -> None:
    for name in TEXTS:
        if len(getattr(new, name)) > TEXT_LENGTH:
            raise WrongValue("too_long", field=name)
    if new.is_severe and not new.allergies:
        raise WrongValue("allergy_missing", field="allergies")
    if new.pai is None and (new.pai_until or new.pai_meal):
        raise WrongValue("pai_missing", field="pai")
    until = new.pai_until
    if until is not None and until != kept.pai_until and not pai_until_possible(until, birth, today):
        raise WrongValue("pai_until", field="pai_until")


def _ward_for(code: str, actor: Actor, child_id: int, now: datetime) -> Ward:
    ward = ward_to_write(actor, child_id, day=local(now).date())
    if health_policies(by_agent=actor.on_behalf_of)[code] is not Policy.FREE:
        raise ReadOnly("kept_by_agents")
    return ward


def _write(sheet: HealthSheet, values: dict[str, object], actor: Actor, now: datetime) -> None:
    for name, value in values.items():
        setattr(sheet, name, value)
    sheet.updated_at = now
    sheet.updated_by = actor.label[:150]
    sheet.save()


def _note(actor: Actor, verb: str, ward: Ward, now: datetime, fields: tuple[str, ...] = ()) -> None:
    """The journal names the fields and never holds a value of them."""
    record(
        actor=actor,
        verb=verb,
        subject=Subject("person", ward.child.pk, ward.child.first_name),
        family_id=ward.family.pk,
        data={"fields": list(fields)} if fields else None,
        now=now,
    )
