"""Tables of the package, by subject: the homes and their people, the care of a child."""

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
    "Consent",
    "ConsentType",
    "CustodyPeriod",
    "Family",
    "Guardianship",
    "HealthSheet",
    "Member",
    "Person",
    "PickupBan",
    "PickupContact",
    "PickupPermission",
    "Quotient",
    "Residence",
    "Schooling",
    "Vaccination",
]
