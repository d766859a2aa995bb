"""To whom a bill is addressed: the text that is frozen on it, and who of a home that is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from marelle.families.fields import Civility


class PayerKind(TextChoices):
    """What a payer is to the Trésor public."""

    PERSON = "person", _("particulier")
    TRADER = "trader", _("artisan, commerçant ou agriculteur")
    COMPANY = "company", _("société")
    ASSOCIATION = "association", _("association")
    STATE = "state", _("État")
    DEPARTMENT = "department", _("département")
    COMMUNE = "commune", _("commune")
    GROUPING = "grouping", _("groupement de collectivités")
    CCAS = "ccas", _("CCAS")
    CAF = "caf", _("CAF")


@dataclass(frozen=True, slots=True)
class TresorCodes:
    """`nature` is NatJur, `category` CatTiers, of the PES V2's annexes."""

    nature: str
    category: str


TRESOR_CODES: Final[Mapping[PayerKind, TresorCodes]] = {
    PayerKind.PERSON: TresorCodes("01", "01"),
    PayerKind.TRADER: TresorCodes("02", "01"),
    PayerKind.COMPANY: TresorCodes("03", "50"),
    PayerKind.ASSOCIATION: TresorCodes("06", "50"),
    PayerKind.STATE: TresorCodes("07", "20"),
    PayerKind.DEPARTMENT: TresorCodes("09", "22"),
    PayerKind.COMMUNE: TresorCodes("09", "23"),
    PayerKind.GROUPING: TresorCodes("09", "24"),
    PayerKind.CCAS: TresorCodes("09", "26"),
    PayerKind.CAF: TresorCodes("11", "63"),
}


@dataclass(frozen=True, slots=True)
class Addressed:
    """The text of an address, as it is frozen. Anybody but a person has a `last_name` alone, and a SIRET.

    `more` is what stands between the name and the street; `country` is "" in France; `reference` is what
    the office calls the payer (the number of a home).
    """

    last_name: str
    reference: str
    first_name: str = ""
    civility: str = ""
    kind: PayerKind = PayerKind.PERSON
    more: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    siret: str = ""
    birth_date: date | None = None

    @property
    def name(self) -> str:
        """ "Mme Camille Durand"."""
        title = str(Civility(self.civility).label) if self.civility else ""
        return " ".join(filter(None, (title, self.first_name, self.last_name)))

    @property
    def place(self) -> tuple[str, ...]:
        """The lines under the name, as an envelope has them."""
        town = f"{self.postal_code} {self.city}".strip()
        return tuple(filter(None, (self.more, self.street, town, self.country.upper())))


@dataclass(frozen=True, slots=True)
class HomeAdult:
    """An adult of a home, `until` a day; `answers`: it has parental authority over a child of the home."""

    first_name: str
    last_name: str
    birth_date: date | None
    until: date | None
    answers: bool
    civility: str = ""


def who_answers(adults: Iterable[HomeAdult], day: date) -> HomeAdult | None:
    """The one to whom a home's bills of `day` are addressed, of its adults in the order of its file.

    Who lives there comes before who has left, the last to leave first; then who has parental authority over
    a child of the home before who has none (a step-parent); then the first in the file.
    """
    return min(adults, key=lambda one: (_days_gone(one, day), not one.answers), default=None)


def _days_gone(one: HomeAdult, day: date) -> int:
    return max((day - one.until).days, 0) if one.until else 0
