"""A home that has a row of everything, and more homes with as much.

The homes are copied whatever the tables: those of the registry of personal data, so that a new one is copied
without being named here.
"""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

from django.core.files.storage import storages
from django.db import models

from marelle.accounts.models import User
from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, AgeGroup, Gauge, KeptPlaces
from marelle.attendance.models import Mismatch, NoShow, Tick
from marelle.attendance.outcomes import OutcomeCode
from marelle.attendance.rules import TickKind
from marelle.billing.models import Contest, Coverage, Payer
from marelle.bookings.models import (
    AbsenceProof,
    Attendance,
    Booking,
    BookingRequest,
    ClosedBooking,
    DeadlineTold,
    EntryCard,
    Passing,
)
from marelle.cases.models import Case, CaseNote
from marelle.cases.services import open_case
from marelle.core.personal import PersonalData, declared
from marelle.core.sealed import seal
from marelle.enrolments.models import CallNote, EndRequest, Enrolment, GroupChoice, KeptFor, TeenAccess
from marelle.families.caf.rules import Said, identity_told, said_told
from marelle.families.incomes.rules import IncomeKind, IncomeStatus
from marelle.families.models import (
    CafAnswer,
    ChangeRequest,
    Consent,
    ConsentType,
    ExternalReference,
    Family,
    FamilyNote,
    FileConfirmation,
    FormerFile,
    Person,
    Schooling,
)
from marelle.files.models import StoredFile
from marelle.files.rules import Scan
from marelle.files.services import STORAGE, open_content
from marelle.flows.models import Dormant
from marelle.journal.models import Entry
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
from marelle.places.models import Authority, Closure, Structure
from marelle.pricing.models import HomeTrait, Product, Subscription
from marelle.relay.models import CareContact, CareRequest, Visit
from marelle.relay.rules import Means
from tests.apart import Apart
from tests.roles.world import BORN, NOW
from tests.waves import waves

Row = models.Model

SUBJECTS: Final[dict[str, type[Row]]] = {
    "contest": Contest,
    "absence_proof": AbsenceProof,
    "booking": Booking,
    "booking_request": BookingRequest,
    "care": CareRequest,
    "change": ChangeRequest,
    "end": EndRequest,
    "enrolment": Enrolment,
    "family": Family,
    "message": Thread,
    "mismatch": Mismatch,
    "no_show": NoShow,
    "paper": Paper,
    "visit": Visit,
}
"""What a case or an act is about, by its kind of subject."""
PLACES: Final = ("authority_id", "structure_id")

NOT_ALONE_UNIQUE: Final = ("number", "piece", "place", "rum", "reference", "ticket")
"""Columns that are unique with another one, so that a copy must change them."""

ELSEWHERE: Final = 50
"""What tells the rows of another authority from those of homes."""

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
        self._earned()
        StoredFile.objects.update(scan=Scan.CLEAN.value, scan_at=NOW)

    def more_homes(self, homes: int) -> None:
        for number in range(homes):
            Copies(self.durand.family, number)

    def served_elsewhere(self) -> None:
        """The first home has as much in a third authority, `elsewhere`; a note that it shares with none."""
        authority = self.authority("Syndicat des rivières")
        FamilyNote.objects.create(
            authority=authority, family=self.durand.family, text="Vue au relais.", at=NOW, by=BY
        )
        self.elsewhere = Elsewhere(self.durand.family, authority)

    def _earned(self) -> None:
        """Incomes of each kind; of resources, those that one authority alone was told."""
        for kind, amount in ((IncomeKind.DEPENDANTS, "3"), (IncomeKind.AEEH, "1")):
            self.income(self.durand, kind, amount, until=date(2027, 12, 31))
        authority = self.the_authority
        self.income(self.durand, IncomeKind.RESOURCES, "2345.67", authority=authority)
        self.income(self.durand, IncomeKind.QUOTIENT, None, IncomeStatus.REFUSED, authority=authority)
        answered = ChangeRequest.objects.create(
            kind="caf", family=self.durand.family, person=self.durand.adult, field="caf_quotient",
            asked_at=NOW, asked_by=BY,
        )  # fmt: skip
        CafAnswer.objects.create(
            change=answered,
            said=seal(json.dumps(self.told_by_caf())),
            former=seal("{}"),
            written_since=NOW.date(),
        )
        HomeTrait.objects.create(
            authority=authority, family=self.durand.family, kind="in_care", since=NOW.date(),
            reason="Jugement du tribunal", noted_at=NOW, noted_by=BY,
        )  # fmt: skip
        payer = Payer.objects.create(
            authority=authority, last_name="Employeur de Brise", street="3 rue Neuve", postal_code="21002",
            city="Brise",
        )  # fmt: skip
        Coverage.objects.create(
            family=self.durand.family, authority=authority, payer=payer, since=NOW.date(), figure=20,
            most=321, reason="Convention 7", noted_at=NOW, noted_by=BY,
        )  # fmt: skip
        Subscription.objects.create(
            product=Product.objects.create(authority=authority, name="Carte de l’hiver", period="month"),
            family=self.durand.family, since=NOW.date(), noted_at=NOW, noted_by=BY,
        )  # fmt: skip

    def told_by_caf(self) -> dict[str, object]:
        said = Said({IncomeKind.QUOTIENT: Decimal(1234)}, fund="CNAF", month=date(2026, 10, 1))
        day = NOW.date().isoformat()
        return {"said": said_told(said), "identity": identity_told(BORN), "certified": False, "received": day}

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
        before = self.teen(self.durand, self.child_asked, self.holidays, identifier="zoe-avant")
        ended = {"ended_at": NOW, "ended_by": BY}
        before.permissions.update(**ended)
        TeenAccess.objects.filter(pk=before.pk).update(reason="Adresse d’un tiers", **ended)
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
        Passing.objects.create(booking=booking, at=NOW, needed=2, left=1)
        DeadlineTold.objects.create(enrolment=enrolment, week=THURSDAY, told_at=NOW)
        EntryCard.objects.create(
            enrolment=enrolment,
            entries=10,
            first_day=THURSDAY,
            last_day=THURSDAY,
            note="payée en mairie",
            given_at=NOW,
            given_by="Line",
        )
        KeptFor.objects.create(kept=KeptPlaces.objects.get(), enrolment=enrolment)

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
        Dormant.objects.update(
            last_sign=NOW.date(), confirmed_at=NOW, confirmed_by=BY, visa="AD 14", kept_at=NOW, kept_by=BY,
            reduced_at=NOW, until=date(2029, 12, 31),
        )  # fmt: skip
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
        rows = (row for one in declared() for row in _rows_of(one, family, people))
        self.own: set[Row] = {row for row in rows if self._takes(row)}
        self.own |= {one for row in self.own for one in _alone(row) if self._takes(one)}
        self.made: dict[Row, Row] = {}
        self.cases: list[tuple[Row, str]] = []
        for row in sorted(self.own, key=lambda row: (row._meta.label, row.pk)):
            self._copied(row)
        for row, name in self.cases:
            copied = {name: self._copied(getattr(row, name))}
            type(row)._base_manager.filter(pk=self.made[row].pk).update(**copied)

    def _takes(self, _row: Row) -> bool:
        """Whether that row of the home is copied."""
        return True

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
            if isinstance(row, StoredFile) and isinstance(new, StoredFile):
                with open_content(row) as content:
                    storages[STORAGE].save(new.path, content)
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
        elif column.name == "subject_id" and (kind := _subject(row)):
            setattr(new, column.name, self._copied(kind._base_manager.get(pk=value)).pk)
        elif column.unique or column.name in NOT_ALONE_UNIQUE:
            setattr(new, column.attname, self._another(value, column))

    def _another(self, value: Any, column: models.Field[Any, Any]) -> Any:
        if isinstance(value, int):
            return value + self.number + 1
        return f"{value}-{self.number}"[-(column.max_length or 100) :]


class Elsewhere(Copies):
    """What a home has in one authority, once more in `authority`: of the same home and of the same people.

    What the rows hang on there (structures, activities, days) is copied with them.
    """

    def __init__(self, family: Family, authority: Authority) -> None:
        self.authority = authority
        super().__init__(family, ELSEWHERE)
        definition_changed(Activity.objects.filter(structure__authority=authority))

    def rows(self, model: type[Row]) -> list[Row]:
        """Those that were made, of that table."""
        return [row for row in self.made.values() if type(row) is model]

    def _takes(self, row: Row) -> bool:
        """What is of an authority, or of one of its structures; a case on what is not has no other."""
        if isinstance(row, CaseNote):
            return self._takes(row.case)
        places = [getattr(row, name) for name in PLACES if hasattr(row, name)]
        if places and not any(places):
            return False
        model = _subject(row) or type(row)
        return model is StoredFile or leads_to_authority(model)

    def _copied(self, row: Row) -> Row:
        if isinstance(row, Authority):
            return self.authority
        if isinstance(row, StoredFile) or leads_to_authority(type(row)):
            self.own.add(row)
        return super()._copied(row)

    def _column(self, row: Row, new: Row, column: models.Field[Any, Any]) -> None:
        """As of other copies; and the places that are no foreign keys, in tables that know no place."""
        super()._column(row, new, column)
        value = getattr(row, column.attname)
        if value is None or column.is_relation:
            return
        if column.name == "authority_id":
            setattr(new, column.name, self.authority.pk)
        elif column.name.endswith("structure_id"):
            setattr(new, column.name, self._copied(Structure.objects.get(pk=value)).pk)


def _subject(row: Row) -> type[Row] | None:
    """The table of what a case or an act is about."""
    return SUBJECTS.get(row.subject_kind) if isinstance(row, Case | Entry) else None


@cache
def leads_to_authority(model: type[Row]) -> bool:
    """Whether a row of that table may be of one authority alone."""
    columns = model._meta.concrete_fields
    found = {column.related_model for column in columns if column.related_model not in {None, model}}
    return (
        Authority in found
        or any(column.name == "authority_id" for column in columns)
        or any(leads_to_authority(cast("type[Row]", one)) for one in found)
    )


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
