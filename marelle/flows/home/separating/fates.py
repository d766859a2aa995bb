"""What becomes of each table that points at a home, when somebody leaves it: said here once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum, auto
from typing import Any, Final

from django.db.models import Q, QuerySet

from marelle.attendance.models import Mismatch
from marelle.billing.models import Assessment, Coverage, Deferral, Invoice, Mandate, Reminder, Share
from marelle.bookings.models import AbsenceProof, Booking, BookingRequest
from marelle.campaigns.models import Wish
from marelle.cases.models import Case
from marelle.enrolments.models import EndRequest, Enrolment, TeenAccess
from marelle.families.models import (
    CafAgreement,
    ChangeRequest,
    Consent,
    ExternalReference,
    FamilyNote,
    FileConfirmation,
    FormerFile,
    Income,
    Member,
    PickupBan,
    PickupContact,
    PickupPermission,
    Residence,
    SearchWord,
)
from marelle.files.models import StoredFile
from marelle.flows.home.merging.rows import Model
from marelle.flows.models import Dormant
from marelle.journal.models import Entry
from marelle.mail.models import Message as Mail
from marelle.messaging.models import NewsRecipient, Thread
from marelle.papers.models import Acceptance, Paper, PaperAsked, PaperReminded
from marelle.pricing.models import HomeTrait, Subscription
from marelle.relay.models import CareRequest, Visit


class Fate(Enum):
    STAYS = auto()
    """With the home, whoever it speaks of: what was billed, written, told or confirmed in its name."""

    WITH_WHO_LEAVES = auto()
    """About one person, and of no use to a home where that person lives no more."""

    SETTLED = auto()
    """Row by row, in `services`."""


FATES: Final[Mapping[Model, Fate]] = {
    Acceptance: Fate.STAYS,
    AbsenceProof: Fate.STAYS,
    Assessment: Fate.STAYS,
    Coverage: Fate.STAYS,
    Booking: Fate.SETTLED,
    BookingRequest: Fate.SETTLED,
    CareRequest: Fate.STAYS,
    CafAgreement: Fate.WITH_WHO_LEAVES,
    Case: Fate.SETTLED,
    ChangeRequest: Fate.WITH_WHO_LEAVES,
    Consent: Fate.WITH_WHO_LEAVES,
    Deferral: Fate.STAYS,
    Dormant: Fate.STAYS,
    Enrolment: Fate.SETTLED,
    Entry: Fate.STAYS,
    ExternalReference: Fate.STAYS,
    FamilyNote: Fate.STAYS,
    FileConfirmation: Fate.STAYS,
    FormerFile: Fate.STAYS,
    HomeTrait: Fate.STAYS,
    Income: Fate.STAYS,
    Invoice: Fate.STAYS,
    Mail: Fate.STAYS,
    Mandate: Fate.STAYS,
    Member: Fate.SETTLED,
    Mismatch: Fate.STAYS,
    NewsRecipient: Fate.STAYS,
    Paper: Fate.WITH_WHO_LEAVES,
    PaperAsked: Fate.WITH_WHO_LEAVES,
    PaperReminded: Fate.STAYS,
    PickupBan: Fate.WITH_WHO_LEAVES,
    PickupContact: Fate.WITH_WHO_LEAVES,
    PickupPermission: Fate.WITH_WHO_LEAVES,
    Reminder: Fate.STAYS,
    Residence: Fate.STAYS,
    SearchWord: Fate.SETTLED,
    Share: Fate.STAYS,
    StoredFile: Fate.SETTLED,
    Subscription: Fate.STAYS,
    TeenAccess: Fate.STAYS,
    Thread: Fate.SETTLED,
    Visit: Fate.STAYS,
    Wish: Fate.STAYS,
}

CASES: Final[Mapping[Model, str]] = {
    BookingRequest: "booking_request",
    ChangeRequest: "change",
    EndRequest: "end",
    Enrolment: "enrolment",
    Paper: "paper",
    Thread: "message",
}
"""What a case calls its subject, for the tables whose rows may change home."""

FILES: Final[Mapping[Model, tuple[str, ...]]] = {
    ChangeRequest: ("proof",),
    Paper: ("pages__file",),
    Thread: ("messages__attachments__file",),
}
"""Where those rows hold private files."""


def rows_leaving(model: Model, family_id: int, people: Collection[int]) -> QuerySet[Any]:
    """The rows of a home about these people."""
    column = "child" if any(field.name == "child" for field in model._meta.fields) else "person"
    return model._default_manager.filter(**{"family": family_id, f"{column}__in": people})


def rows_move(rows: QuerySet[Any], to_id: int) -> int:
    """Give rows to another home, with their cases and their files. Returns how many."""
    model = rows.model
    ids = list(rows.order_by().values_list("pk", flat=True))
    if not ids:
        return 0
    here = model._default_manager.filter(pk__in=ids)
    for path in FILES.get(model, ()):
        files = here.filter(~Q(**{path: None})).order_by().values_list(path, flat=True)
        StoredFile.objects.filter(pk__in=list(files)).update(family_id=to_id)
    if model in CASES:
        Case.objects.filter(subject_kind=CASES[model], subject_id__in=ids).update(family_id=to_id)
    return int(here.update(family=to_id))
