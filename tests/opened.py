"""What a viewer may read of rows that are not its own, and why: the exceptions of `test_interference`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.db.models import Model, QuerySet

from marelle.billing.models import Invoice, InvoiceLine
from marelle.bookings.models import Attendance, Booking
from marelle.enrolments.models import TeenAccess, TeenPermission
from marelle.families.models import (
    CafAgreement,
    Consent,
    Family,
    FamilyNote,
    Guardianship,
    HealthSheet,
    Income,
    Person,
    PickupBan,
    PickupContact,
    PickupPermission,
    Residence,
    Restriction,
    Schooling,
    Vaccination,
)
from marelle.files.models import StoredFile
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.messaging.models import Thread


class Reader(Protocol):
    people: set[int]
    """Those of its home."""

    def expected(self) -> QuerySet[Person]: ...


@dataclass(frozen=True, slots=True)
class Open:
    """What a viewer may read of rows that are not its own: which columns, and why."""

    why: str
    rows: Callable[[Reader], QuerySet[Any]]
    columns: str


def _all(model: type[Model]) -> Callable[[Reader], QuerySet[Any]]:
    return lambda _viewer: model._base_manager.all()


def _of_the_expected(model: type[Model]) -> Callable[[Reader], QuerySet[Any]]:
    return lambda viewer: model._base_manager.filter(child__in=viewer.expected())


def _pai_files(sheets: QuerySet[HealthSheet]) -> QuerySet[StoredFile]:
    return StoredFile.objects.filter(pk__in=sheets.values("pai_file"))


OF_THE_CHILD: Final = (
    Open(
        "who else answers for the child, by its first name",
        lambda viewer: Person.objects.filter(wards__child__in=viewer.people),
        "first_name",
    ),
    Open(
        "who else answers for the child, and as what",
        lambda viewer: Guardianship.objects.filter(child__in=viewer.people),
        "link",
    ),
    Open(
        "each home answers, and reads what the other answered",
        lambda viewer: Consent.objects.filter(child__in=viewer.people),
        "given from_hour",
    ),
    Open(
        "the health sheet is the child's, one for both homes",
        lambda viewer: _pai_files(HealthSheet.objects.filter(child__in=viewer.people)),
        "name key stored_at stored_by scan scan_at",
    ),
)
AT_THE_DOOR: Final = (
    Open("who is expected", lambda viewer: viewer.expected(), "first_name last_name birth_date"),
    Open(
        "whom to call",
        lambda viewer: Person.objects.filter(wards__child__in=viewer.expected()),
        "first_name last_name phone work_phone",
    ),
    Open("whom to call, and as what", _of_the_expected(Guardianship), "link"),
    Open(
        "which home named those who fetch the child",
        lambda viewer: Family.objects.filter(members__person__in=viewer.expected()),
        "name",
    ),
    Open("who may fetch the child", _of_the_expected(PickupContact), "name link phone may_be_called"),
    Open("who may fetch the child on a day", _of_the_expected(PickupPermission), "name phone note"),
    Open("who may not fetch the child", _of_the_expected(PickupBan), "name reason"),
    Open(
        "who may not fetch the child, by a judge's restriction",
        lambda viewer: Person.objects.filter(restricted_from__child__in=viewer.expected()),
        "first_name last_name",
    ),
    Open("what is allowed to the child", _of_the_expected(Consent), "given from_hour"),
    Open("the child's health", _of_the_expected(HealthSheet), "said"),
    Open("the child's health", _of_the_expected(Vaccination), "vaccine"),
    Open(
        "the child's health",
        lambda viewer: _pai_files(HealthSheet.objects.filter(child__in=viewer.expected())),
        "name key scan scan_at",
    ),
    Open("what is ticked at the door", _of_the_expected(Attendance), "left_at handed_to is_late"),
)
MESSAGES: Final = Open("which messages there are: an office may act for any home", _all(Thread), "subject")
ACTS: Final = Open(
    "what was done for the home, by whom: never why, nor whom it named to a relais",
    lambda _viewer: Entry.objects.exclude(subject_kind__in=("care", "visit")),
    "subject_label",
)
BY_WHOM: Final = Open("who did it for the home", _all(Entry), "actor_label")
BOTH_AUTHORITIES: Final = (
    *(
        Open("the file of a home is read by both authorities", _all(model), columns)
        for model, columns in {
            Family: "number name",
            Person: "first_name last_name birth_date email phone work_phone diet",
            Guardianship: "link",
            Schooling: "level teacher",
            Residence: "street postal_code city",
            Income: "status amount source",
            CafAgreement: "given_at asked_at",
            TeenAccess: "given_at given_by ended_at ended_by reason",
            Restriction: (
                "reason written_at written_by confirmed_at confirmed_by refused_at refused_by lifted_by"
            ),
        }.items()
    ),
    MESSAGES,
    ACTS,
    BY_WHOM,
    Open(
        "the judgment that a restriction says",
        lambda _viewer: StoredFile.objects.filter(pk__in=Restriction.objects.values("proof")),
        "name key stored_at stored_by scan scan_at",
    ),
    Open("shared for safety", lambda _viewer: FamilyNote.objects.filter(shared=True), "text pinned by"),
    Open(
        "a letter of the portal, which either authority posts",
        lambda _viewer: Message.objects.filter(authority_id=None),
        "subject text created_at",
    ),
)
BILLED: Final = (
    Open(
        "the bills that it pays, as their papers are",
        lambda _viewer: Invoice.objects.exclude(payer=None),
        "number issued_on due_on total paid credited regie",
    ),
    Open(
        "what those bills are for",
        lambda _viewer: InvoiceLine.objects.exclude(invoice__payer=None),
        "activity label quantity unit_price amount days",
    ),
    Open(
        "for whom, as their papers say",
        lambda _viewer: Person.objects.filter(invoice_lines__invoice__payer__isnull=False),
        "first_name last_name",
    ),
    Open(
        "of which file, as their papers say: neither its name nor where it lives",
        lambda _viewer: Family.objects.filter(invoices__payer__isnull=False),
        "number",
    ),
)
OF_ITSELF: Final = (
    Open(
        "who it is",
        lambda _viewer: Person.objects.filter(pk__in=TeenAccess.objects.values("child")),
        "first_name",
    ),
    Open("since when its planning is open to it", _all(TeenAccess), "given_at"),
    Open("what it may book itself", _all(TeenPermission), "given_at ended_at"),
    Open(
        "its own places in the home that opened them",
        lambda _viewer: Booking.objects.filter(child__in=TeenAccess.objects.live().values("child")),
        "day starts_at ends_at state end_cause late derogation",
    ),
)
OPEN: Final = {
    "payer": BILLED,
    "teen": OF_ITSELF,
    "other_home": OF_THE_CHILD,
    "parent": OF_THE_CHILD,
    "animator": AT_THE_DOOR,
    "other_office": BOTH_AUTHORITIES,
    "office": (MESSAGES, ACTS, BY_WHOM),
}
