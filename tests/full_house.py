"""A home that has a row of everything, and more homes with as much.

The homes are copied whatever the tables: those of the registry of personal data, so that a new one is copied
without being named here.
"""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any, Final

from django.db import models

from marelle.accounts.models import User
from marelle.activities.models import AgeGroup, Gauge
from marelle.attendance.models import Mismatch, Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.rules import TickKind
from marelle.bookings.models import (
    AbsenceProof,
    Attendance,
    Booking,
    BookingRequest,
    ClosedBooking,
    DeadlineTold,
)
from marelle.cases.models import Case, CaseNote
from marelle.cases.services import open_case
from marelle.core.personal import PersonalData, declared
from marelle.enrolments.models import CallNote, EndRequest, Enrolment, GroupChoice
from marelle.families.models import (
    ChangeRequest,
    Consent,
    ConsentType,
    ExternalReference,
    Family,
    FileConfirmation,
    FormerFile,
    Person,
    Schooling,
)
from marelle.files.models import StoredFile
from marelle.messaging.models import News, Thread, ThreadPass, ThreadRead
from marelle.messaging.writing import subject_of
from marelle.papers.models import (
    Acceptance,
    Paper,
    PaperNeed,
    PaperReminded,
    PaperReminder,
    PaperType,
    Publication,
)
from marelle.places.models import Closure
from marelle.relay.models import CareContact, CareRequest
from marelle.relay.rules import Means
from tests.apart import Apart
from tests.roles.world import NOW
from tests.waves import waves

Row = models.Model

SUBJECTS: Final[dict[str, type[Row]]] = {
    "absence_proof": AbsenceProof,
    "booking_request": BookingRequest,
    "care": CareRequest,
    "change": ChangeRequest,
    "end": EndRequest,
    "enrolment": Enrolment,
    "family": Family,
    "message": Thread,
    "mismatch": Mismatch,
    "paper": Paper,
}
"""What a case is about, by its kind of subject."""

NOT_ALONE_UNIQUE: Final = ("number",)
"""Columns that are unique with another one, so that a copy must change them."""

THURSDAY: Final = date(2026, 12, 3)
BY: Final = "Line"


class FullHouse(Apart):
    """The world of who may read what, where the first home has a row in every table that leads to a home."""

    def __init__(self) -> None:
        super().__init__()
        self._enrolled_in_all()
        self._asked_for_papers()
        self._decided()
        self._filed()
        self._exchanged()

    def more_homes(self, homes: int) -> None:
        for number in range(homes):
            Copies(self.durand.family, number)

    def _enrolled_in_all(self) -> None:
        nursery = self.structure("Crèche", kind="childcare")
        care = self.activity(
            "Multi-accueil", kind="childcare", structure=nursery, enrolment_mode="by_structure"
        )
        for activity, starts, ends in ((self.holidays, "14:00", "16:00"), (care, "17:00", "18:00")):
            gauges = [Gauge.objects.get(pk=self.ids["gauge_id"])] if activity == self.holidays else []
            slot = self.slot(
                activity,
                "Jour",
                starts,
                ends,
                weekdays=[3],
                gauges=gauges,
                by_hour=activity == care,
                has_meal=activity == self.holidays,
            )
            self.rule(activity, waves=waves(NOW - timedelta(days=300), NOW - timedelta(days=300)))
            self.enrolment(self.child_asked, activity, self.durand)
            for day in (NOW.date() + timedelta(days=1), THURSDAY):
                opening = self.opening(slot, day)
                self.booking(self.child_asked, opening)
        self.ids |= {"nursery_id": nursery.pk, "direct_id": care.pk}
        self.ids["elders_id"] = self.group(self.holidays, "9–11 ans", (9, 11)).pk
        enrolment = Enrolment.objects.get(person=self.child_asked, activity=self.holidays)
        group = AgeGroup.objects.get(pk=self.ids["group_id"])
        GroupChoice.objects.create(enrolment=enrolment, group=group, since=enrolment.starts_on)
        booking = Booking.objects.filter(enrolment=enrolment).earliest("pk")
        Attendance.objects.create(
            opening=booking.opening,
            child=self.child_asked,
            day=booking.day,
            present=True,
            noted_at=NOW,
            noted_by=BY,
        )
        Tick.objects.create(
            opening=booking.opening,
            structure=booking.opening.activity.structure,
            child=self.child_asked,
            day=booking.day,
            kind=TickKind.PRESENT,
            at=NOW,
            at_tablet=NOW,
            received_at=NOW,
            outcome=OutcomeCode.APPLIED,
            by=BY,
        )
        ClosedBooking.objects.create(closure=Closure.objects.get(), booking=booking, state=booking.state)
        DeadlineTold.objects.create(enrolment=enrolment, week=THURSDAY, told_at=NOW)

    def _decided(self) -> None:
        for case in Case.objects.filter(family_id=self.durand.family.pk):
            CaseNote.objects.create(case=case, at=NOW, by=BY, text="À rappeler.")
        CallNote.objects.create(enrolment_id=self.ids["refused_id"], reached=False, at=NOW, by=BY)
        CareContact.objects.create(
            request=CareRequest.objects.earliest("pk"),
            on=NOW.date(),
            means=Means.PHONE,
            noted_at=NOW,
            noted_by=BY,
        )

    def _asked_for_papers(self) -> None:
        """A paper that no home has sent, so that each is asked for it."""
        kind = PaperType.objects.create(
            authority=self.the_authority, title="Brevet de natation", why="Pour la piscine.", about="child"
        )
        PaperNeed.objects.create(activity=self.holidays, paper_type=kind)

    def _filed(self) -> None:
        family = self.durand.family
        ExternalReference.objects.create(family=family, reference="REF-1", noted_at=NOW)
        FormerFile.objects.create(
            family=family, old_id=10**6, number="A-1", name="Durand", merged_at=NOW, merged_by=BY
        )
        FileConfirmation.objects.create(family=family, school_year=2026, at=NOW, by=BY)
        Schooling.objects.create(
            child=self.child_asked, school=self.the_school, school_year=2026, level="CE1"
        )
        Consent.objects.create(
            child=self.child_asked,
            family=family,
            type=ConsentType.objects.earliest("pk"),
            school_year=2026,
            given=True,
            person=self.durand.adult,
            answered_by=BY,
            answered_at=NOW,
        )
        publication = Publication.objects.earliest("pk")
        Acceptance.objects.create(publication=publication, family=family, accepted_at=NOW, accepted_by=BY)
        PaperReminded.objects.create(
            reminder=PaperReminder.objects.earliest("pk"), family=family, asked_at=NOW, papers=1
        )

    def _exchanged(self) -> None:
        thread = Thread.objects.filter(family=self.durand.family).earliest("pk")
        ThreadPass.objects.create(thread=thread, from_structure=thread.structure, at=NOW, by=BY, note="Ici")
        unsent = News.objects.create(
            structure=self.the_structure, title="Gala", text="Lundi.", written_at=NOW, published_at=NOW, by=BY
        )
        self.ids_under["/agents/actualites/<id:news_id>/envoyer/"] = {"news_id": unsent.pk}
        open_case(
            actor=self.durand.actor,
            kind="message",
            subject=subject_of(thread),
            family_id=self.durand.family.pk,
            authority_id=self.the_authority.pk,
            structure_id=thread.structure_id,
            now=NOW,
        )
        ThreadRead.objects.create(thread=thread, account=self.durand.user, at=NOW)


class Copies:
    """One more home, with a copy of every row that leads to `family`; `number` tells it from the others."""

    def __init__(self, family: Family, number: int) -> None:
        self.family, self.number = family, number
        people = list(Person.objects.filter(memberships__family=family))
        self.own: set[Row] = {row for one in declared() for row in _rows_of(one, family, people)}
        self.own |= {one for row in self.own for one in _alone(row)}
        self.made: dict[Row, Row] = {}
        self.cases: list[tuple[Row, str]] = []
        for row in sorted(self.own, key=lambda row: (row._meta.label, row.pk)):
            self._copied(row)
        for row, name in self.cases:
            copied = {name: self._copied(getattr(row, name))}
            type(row)._base_manager.filter(pk=self.made[row].pk).update(**copied)

    def _copied(self, row: Row) -> Row:
        """The copy of a row of the home, made when first asked for; a row that homes share is itself."""
        if row not in self.own:
            return row
        if row not in self.made:
            new = copy.copy(row)
            new._state = copy.copy(row._state)
            new._state.fields_cache = {}
            for column in row._meta.concrete_fields:
                self._column(row, new, column)
            type(row)._base_manager.bulk_create([new])  # what a `save` of ours does beside was copied
            self.made[row] = new
        return self.made[row]

    def _column(self, row: Row, new: Row, column: models.Field[Any, Any]) -> None:
        value = getattr(row, column.attname)
        if column.primary_key:
            setattr(new, column.attname, None)
        elif value is None:
            return
        elif column.related_model is Case and column.null:
            setattr(new, column.attname, None)  # its subject may be this very row: told once all are made
            self.cases.append((row, column.name))
        elif column.is_relation:
            setattr(new, column.name, self._copied(getattr(row, column.name)))
        elif column.name == "family_id":
            setattr(new, column.name, self._copied(self.family).pk)
        elif column.name == "subject_id" and isinstance(row, Case):
            subject = SUBJECTS[row.subject_kind]._base_manager.get(pk=value)
            setattr(new, column.name, self._copied(subject).pk)
        elif column.unique or column.name in NOT_ALONE_UNIQUE:
            setattr(new, column.attname, self._another(value, column))

    def _another(self, value: Any, column: models.Field[Any, Any]) -> Any:
        if isinstance(value, int):
            return value + self.number + 1
        return f"{value}-{self.number}"[-(column.max_length or 100) :]


def _alone(row: Row) -> list[Row]:
    """What no two rows point at: the account of a person, and a file, whether it says whose it is or not."""
    columns = [column for column in row._meta.concrete_fields if column.related_model in (User, StoredFile)]
    return [getattr(row, column.name) for column in columns if getattr(row, column.attname)]


def _rows_of(declaration: PersonalData, family: Family, people: list[Person]) -> models.QuerySet[Row]:
    rows, path = declaration.model._base_manager.all(), declaration.path
    if declaration.model is Family:
        return rows.filter(pk=family.pk)
    if declaration.model is Person:
        return rows.filter(pk__in=[person.pk for person in people])
    if path.endswith("family_id"):
        return rows.filter(**{path: family.pk})
    return rows.filter(**{f"{path}__in": people if path.endswith("child") else [family]})
