"""Tables of the package, by subject: homes and people, changes of the file, the care of a child, finding."""

from __future__ import annotations

from marelle.families.models.caf import CafAgreement, CafAnswer
from marelle.families.models.care import (
    Consent,
    ConsentType,
    HealthSheet,
    PickupBan,
    PickupContact,
    PickupPermission,
    Vaccination,
)
from marelle.families.models.file import ChangeRequest, FieldPolicy, FileConfirmation
from marelle.families.models.finding import SearchKey, SearchWord
from marelle.families.models.homes import (
    CustodyPeriod,
    Family,
    FormerFile,
    Guardianship,
    Member,
    Person,
    Promotion,
    Residence,
    Schooling,
)
from marelle.families.models.imports import (
    ExternalReference,
    FamilyImport,
    ImportWord,
    PupilList,
    SentFile,
)
from marelle.families.models.incomes import Income, IncomeImport, ProposedIncome
from marelle.families.models.notes import FamilyNote
from marelle.families.models.restrictions import Restriction

__all__ = [
    "CafAgreement",
    "CafAnswer",
    "ChangeRequest",
    "Consent",
    "ConsentType",
    "CustodyPeriod",
    "ExternalReference",
    "Family",
    "FamilyImport",
    "FamilyNote",
    "FieldPolicy",
    "FileConfirmation",
    "FormerFile",
    "Guardianship",
    "HealthSheet",
    "ImportWord",
    "Income",
    "IncomeImport",
    "Member",
    "Person",
    "PickupBan",
    "PickupContact",
    "PickupPermission",
    "Promotion",
    "ProposedIncome",
    "PupilList",
    "Residence",
    "Restriction",
    "Schooling",
    "SearchKey",
    "SearchWord",
    "SentFile",
    "Vaccination",
]
