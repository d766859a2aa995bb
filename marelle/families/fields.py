"""The fields of a family's file: on whom, of which kind, and who may change them. One registry for all.

Reading, checking and writing a field all start from its line here; the authority's table of settings shows
the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CODE_LENGTH: Final = 40
CHILD_BIRTH: Final = "child.birth_date"


class Policy(StrEnum):
    """What a home may do with a field: change it, propose a change, read it, or not even see it."""

    FREE = "free"
    MODERATED = "moderated"
    READ_ONLY = "read_only"
    HIDDEN = "hidden"


class On(StrEnum):
    """What a field describes. `HEALTH` fields stand on a child's health sheet, with screens of their own."""

    HOME = "home"
    ADULT = "adult"
    CHILD = "child"
    HEALTH = "health"


class Kind(StrEnum):
    """The shape of a value; the last three have several parts and live in dated rows."""

    TEXT = "text"
    NAME = "name"
    DIGITS = "digits"
    EMAIL = "email"
    PHONE = "phone"
    CHOICE = "choice"
    BIRTH = "birth"
    TERM = "term"
    ADDRESS = "address"
    INCOME = "income"
    SCHOOL = "school"


class Regime(models.TextChoices):
    GENERAL = "general", _("régime général (CAF)")
    FARMING = "farming", _("régime agricole (MSA)")
    OTHER = "other", _("autre régime")


class Civility(models.TextChoices):
    """Those that the Trésor public takes of whom it bills; "" where it is not known."""

    MR = "mr", "M."
    MRS = "mrs", "Mme"


class Situation(models.TextChoices):
    MARRIED = "married", _("marié ou mariée")
    PACS = "pacs", _("pacsé ou pacsée")
    COUPLE = "couple", _("en couple")
    SEPARATED = "separated", _("séparé ou séparée")
    ALONE = "alone", _("célibataire")
    WIDOWED = "widowed", _("veuf ou veuve")


class Diet(models.TextChoices):
    """A neutral list: what is on the plate, never why."""

    STANDARD = "standard", _("repas habituel")
    NO_PORK = "no_pork", _("sans porc")
    VEGETARIAN = "vegetarian", _("végétarien")
    GLUTEN_FREE = "gluten_free", _("sans gluten")


PARTS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ADDRESS: ("street", "postal_code", "city", "since"),
    Kind.INCOME: ("amount", "since"),
    Kind.SCHOOL: ("school", "level", "teacher"),
}
"""Names of the parts of a value that has several; any other value has the one part `value`."""

ONE_PART: Final = ("value",)
ANY: Final = frozenset(Policy)
SEEN: Final = ANY - {Policy.HIDDEN}
NEVER_FREE: Final = ANY - {Policy.FREE}
CHECKED: Final = frozenset({Policy.MODERATED, Policy.READ_ONLY})


@dataclass(frozen=True, slots=True)
class FileField:
    """One field. `column` is that of the family or the person, "" when the value lives in dated rows.

    `allowed` bounds what the authority may choose: a name is always seen, an income never taken unchecked.
    """

    code: str
    on: On
    label: str | Promise
    kind: Kind
    default: Policy
    allowed: frozenset[Policy] = ANY
    column: str = ""
    length: int = 80
    required: bool = False
    choices: type[models.TextChoices] | None = None
    help: str | Promise = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return PARTS.get(self.kind, ONE_PART)


def _name(code: str, on: On, label: Promise | str, column: str) -> FileField:
    """Of an adult never free: who it is by its name and its birth may open its account (ADR 49)."""
    allowed = CHECKED if on is On.ADULT else SEEN
    return FileField(
        code, on, label, Kind.NAME, Policy.MODERATED, allowed=allowed, column=column, required=True
    )


def _health(code: str, label: Promise | str) -> FileField:
    """Never moderated: an allergy does not wait for an agent."""
    return FileField(code, On.HEALTH, label, Kind.TEXT, Policy.FREE, allowed=ANY - {Policy.MODERATED})


FIELDS: Final = (
    FileField(
        "home.address", On.HOME, _("Adresse"), Kind.ADDRESS, Policy.MODERATED, allowed=SEEN, required=True
    ),
    FileField(
        "home.quotient",
        On.HOME,
        _("Quotient familial"),
        Kind.INCOME,
        Policy.MODERATED,
        allowed=NEVER_FREE,
        required=True,
        help=_("Celui de votre attestation CAF ou MSA, avec sa date."),
    ),
    FileField(
        "home.regime",
        On.HOME,
        _("Régime"),
        Kind.CHOICE,
        Policy.FREE,
        column="regime",
        choices=Regime,
    ),
    FileField(
        "home.caf_number",
        On.HOME,
        _("Numéro d’allocataire"),
        Kind.DIGITS,
        Policy.FREE,
        column="caf_number",
        length=15,
        help=_("Les chiffres de votre numéro CAF ou MSA."),
    ),
    FileField(
        "adult.civility",
        On.ADULT,
        _("Civilité"),
        Kind.CHOICE,
        Policy.FREE,
        column="civility",
        choices=Civility,
        help=_("Le Trésor public la demande de qui reçoit les factures."),
    ),
    _name("adult.first_name", On.ADULT, _("Prénom"), "first_name"),
    _name("adult.last_name", On.ADULT, _("Nom"), "last_name"),
    FileField(
        "adult.birth_date",
        On.ADULT,
        _("Date de naissance"),
        Kind.BIRTH,
        Policy.MODERATED,
        allowed=NEVER_FREE,
        column="birth_date",
    ),
    FileField("adult.phone", On.ADULT, _("Téléphone"), Kind.PHONE, Policy.FREE, column="phone"),
    FileField(
        "adult.work_phone",
        On.ADULT,
        _("Téléphone au travail"),
        Kind.PHONE,
        Policy.FREE,
        column="work_phone",
    ),
    FileField(
        "adult.email",
        On.ADULT,
        _("Adresse de courriel"),
        Kind.EMAIL,
        Policy.MODERATED,
        allowed=CHECKED,
        column="email",
        length=254,
    ),
    FileField(
        "adult.situation",
        On.ADULT,
        _("Situation familiale"),
        Kind.CHOICE,
        Policy.MODERATED,
        column="situation",
        choices=Situation,
    ),
    FileField("adult.profession", On.ADULT, _("Profession"), Kind.TEXT, Policy.FREE, column="profession"),
    FileField(
        "adult.employer", On.ADULT, _("Employeur"), Kind.TEXT, Policy.FREE, column="employer", length=120
    ),
    _name("child.first_name", On.CHILD, _("Prénom"), "first_name"),
    _name("child.last_name", On.CHILD, _("Nom"), "last_name"),
    FileField(
        CHILD_BIRTH,
        On.CHILD,
        _("Date de naissance"),
        Kind.BIRTH,
        Policy.MODERATED,
        allowed=CHECKED,
        column="birth_date",
        required=True,
    ),
    FileField(
        "child.expected_on",
        On.CHILD,
        _("Naissance prévue le"),
        Kind.TERM,
        Policy.FREE,
        allowed=SEEN,
        column="expected_on",
        required=True,
    ),
    FileField("child.school", On.CHILD, _("École et classe"), Kind.SCHOOL, Policy.MODERATED, required=True),
    FileField("child.diet", On.CHILD, _("Repas"), Kind.CHOICE, Policy.FREE, column="diet", choices=Diet),
    _health("health.allergies", _("Allergies")),
    _health("health.pai", _("PAI (projet d’accueil individualisé)")),
    _health("health.treatments", _("Traitements")),
    _health("health.remarks", _("Remarques sur la santé")),
    _health("health.doctor", _("Médecin traitant")),
    _health("health.vaccinations", _("Vaccinations")),
)

BY_CODE: Final = {field.code: field for field in FIELDS}


def policy_of(field: FileField, chosen: Mapping[str, str]) -> Policy:
    """The authority's choice where it made one that the field allows, else the default."""
    policy = chosen.get(field.code)
    return Policy(policy) if policy in field.allowed else field.default


def policy_for(field: FileField, chosen: Mapping[str, str], *, by_agent: bool) -> Policy:
    """What the writer may do: what an agent writes needs no other agent, and what is hidden stays so."""
    policy = policy_of(field, chosen)
    return Policy.FREE if by_agent and policy is not Policy.HIDDEN else policy


def fields_on(*places: On) -> Iterable[FileField]:
    """The fields that describe one of `places`, in the order of the screens."""
    return tuple(field for field in FIELDS if field.on in places)
