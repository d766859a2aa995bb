"""Tables of the package, by subject: homes and people, changes of their file, the care of a child."""

from __future__ import annotations

from marelle.families.models.care import (
    Consent,
    ConsentType,
    HealthSheet,
    PickupBan,
    PickupContact,
    PickupPermission,
    Vaccination,
)
from marelle.families.models.file import ChangeRequest, FieldPolicy, FileConfirmation, ProposedQuotient
from marelle.families.models.homes import (
    CustodyPeriod,
    Family,
    Guardianship,
    Member,
    Person,
    Quotient,
    Residence,
    Schooling,
)

__all__ = [
    "ChangeRequest",
    "Consent",
    "ConsentType",
    "CustodyPeriod",
    "Family",
    "FieldPolicy",
    "FileConfirmation",
    "Guardianship",
    "HealthSheet",
    "Member",
    "Person",
    "PickupBan",
    "PickupContact",
    "PickupPermission",
    "ProposedQuotient",
    "Quotient",
    "Residence",
    "Schooling",
    "Vaccination",
]
