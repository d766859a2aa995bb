"""What a team needs to know to look after a child: its health, who fetches it, what its parents authorise."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import Sealed, SealedField, SealedTextField, opened, seal
from marelle.families.care import own_meals
from marelle.families.care.own_meals import MealDays
from marelle.families.care.rules import SheetData
from marelle.families.models.homes import Family, Person
from marelle.files.models import StoredFile
from marelle.places.models import Authority

PERSON_LENGTH = 120
"""Signs of a name typed in one field, first name and last name together."""

REASON_LENGTH = 300
"""Signs of what is written of a judgment."""

TEXT_LENGTH = 1000
"""Signs of a text of the health sheet."""

WHOLE: Final = 512
"""A sheet is sealed with spaces up to a multiple of so many bytes: how long a token is tells no allergy."""


def sealed_sheet(said: SheetData, meals: MealDays | None = None) -> Sealed:
    """What a sheet says, as its column holds it. `meals`: the days on which the child brings its own, None
    where it is not said since when. Raises CannotSeal."""
    written = {**asdict(said), "pai_until": said.pai_until and said.pai_until.isoformat()}
    if meals is not None:
        written["meals"] = [[day.isoformat() for day in period] for period in meals]
    text = json.dumps(written, separators=(",", ":"))
    return seal(text.ljust(-(-len(text) // WHOLE) * WHOLE))


def sheet_said(sealed: Sealed) -> SheetData:
    """Raises CannotOpen."""
    return sheet_opened(sealed)[0]


def sheet_opened(sealed: Sealed) -> tuple[SheetData, MealDays]:
    """What it says, and on which days the child brings its meal. Raises CannotOpen."""
    read: dict[str, Any] = json.loads(opened(sealed))
    meals = read.pop("meals", None)
    if read["pai_until"]:
        read["pai_until"] = date.fromisoformat(read["pai_until"])
    said = SheetData(**read)
    if meals is None:
        return said, own_meals.always(said)
    return said, tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in meals)


class SheetField(SealedField):
    """What a sheet says; one that says nothing is sealed as the others. Raises CannotSeal."""

    empty_strings_allowed = False

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if getattr(model_instance, self.attname) is None:
            setattr(model_instance, self.attname, sealed_sheet(SheetData()))
        return super().pre_save(model_instance, add)


def _part(name: str) -> Any:
    """A field of a sheet, as if it had a column of its own. Raises CannotOpen, CannotSeal."""

    def read(sheet: HealthSheet) -> Any:
        return getattr(sheet.data, name)

    def write(sheet: HealthSheet, value: Any) -> None:
        sheet.data = replace(sheet.data, **{name: value})

    return property(read, write)


class HealthSheet(models.Model):
    """The "fiche sanitaire" of a child, one whatever its homes. A `pai` of None is a question not answered.

    Values of health are nowhere else: the journal names the fields, mails say nothing of them. All that it
    says is sealed in one column, so that not even which fields are filled can be told; a list opens one token
    for each child.
    """

    class Meal(models.TextChoices):
        """Who brings the meal of a child with a PAI."""

        FAMILY = "family", _("la famille apporte le repas")
        STRUCTURE = "structure", _("la structure le prépare")

    child = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="health_sheet")
    said = SheetField(_("ce que dit la fiche"))
    pai_file = models.ForeignKey(
        StoredFile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(_("modifiée le"))
    updated_by = models.CharField(_("modifiée par"), max_length=150)

    class Meta:
        verbose_name = _("fiche sanitaire")
        verbose_name_plural = _("fiches sanitaires")

    def __str__(self) -> str:
        return str(self.child)

    allergies, is_severe = _part("allergies"), _part("is_severe")
    pai, pai_until, pai_meal = _part("pai"), _part("pai_until"), _part("pai_meal")
    treatments, remarks = _part("treatments"), _part("remarks")
    doctor_name, doctor_phone = _part("doctor_name"), _part("doctor_phone")

    @property
    def data(self) -> SheetData:
        """What it says. Raises CannotOpen."""
        return SheetData() if self.said is None else sheet_said(self.said)

    @data.setter
    def data(self, said: SheetData) -> None:
        """As if it had always said so. Raises CannotSeal."""
        self.said = sealed_sheet(said)

    @property
    def meals(self) -> MealDays:
        """The days on which the child brings the meal of its PAI. Raises CannotOpen."""
        return () if self.said is None else sheet_opened(self.said)[1]

    def say(self, said: SheetData, day: date, meals: MealDays = ()) -> None:
        """From `day` on; `meals`: days of before, of another sheet. Raises CannotOpen, CannotSeal."""
        self.said = sealed_sheet(said, own_meals.said_on(own_meals.together(self.meals, meals), said, day))


SHEET_WORDS: Final = {
    "allergies": _("allergies"),
    "is_severe": _("allergie grave"),
    "pai": _("PAI"),
    "pai_until": _("PAI valable jusqu’au"),
    "pai_meal": _("repas du PAI"),
    "meals": _("repas apporté, jours"),
    "treatments": _("traitements"),
    "remarks": _("remarques"),
    "doctor_name": _("médecin"),
    "doctor_phone": _("téléphone du médecin"),
}
"""What the fields of a sheet are called."""


class Vaccination(models.Model):
    """A vaccine received by a child, and when. The same twice is refused by `care.health`, under the lock of
    the child: what is sealed is not compared by the database."""

    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="vaccinations")
    vaccine = SealedTextField(_("vaccin"), max_length=80)
    on = models.DateField(_("fait le"))

    class Meta:
        verbose_name = _("vaccination")
        ordering = ("on", "pk")

    def __str__(self) -> str:
        return f"{self.child} · {self.on}"


class PickupContact(models.Model):
    """Someone whom a home names to fetch a child or to be called. The child's other home does not see it."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="pickup_contacts")
    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="pickup_contacts")
    name = models.CharField(_("prénom et nom"), max_length=PERSON_LENGTH)
    link = models.CharField(_("lien avec l’enfant"), max_length=60)
    phone = models.CharField(_("téléphone"), max_length=30)
    may_fetch = models.BooleanField(_("peut venir chercher"))
    may_be_called = models.BooleanField(_("peut être appelée"))
    order = models.PositiveSmallIntegerField(_("ordre"))

    class Meta:
        verbose_name = _("personne autorisée à venir chercher")
        verbose_name_plural = _("personnes autorisées à venir chercher")
        ordering = ("order", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(may_fetch=True) | models.Q(may_be_called=True),
                name="pickup_contact_for_something",
                violation_error_message=_("Cette personne vient chercher l’enfant, ou peut être appelée."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.child}"


class PickupBan(models.Model):
    """Someone who must not fetch a child, by a judgment; between two dates, both included.

    Told to the teams, to the office and to the home that asked for it (`family`), to nobody else: who it is
    and what the judgment says are sealed.
    """

    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="pickup_bans")
    family = models.ForeignKey(
        Family, on_delete=models.CASCADE, null=True, blank=True, related_name="pickup_bans"
    )
    name = SealedTextField(_("prénom et nom"), max_length=PERSON_LENGTH)
    reason = SealedTextField(_("jugement"), max_length=REASON_LENGTH)
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    set_at = models.DateTimeField(_("notée le"))
    set_by = models.CharField(_("notée par"), max_length=150)

    class Meta:
        verbose_name = _("interdiction de venir chercher")
        verbose_name_plural = _("interdictions de venir chercher")
        ordering = ("since", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="pickup_ban_in_order",
                violation_error_message=_("La fin vient avant le début."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} · {self.since}"


class PickupPermission(models.Model):
    """Someone allowed to fetch a child on one day. One taken back has `cancelled_at`.

    `giver` is the adult of the home who gave it, None when an agent wrote it down in the home's name.
    """

    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="pickup_permissions")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="pickup_permissions")
    day = models.DateField(_("jour"))
    name = models.CharField(_("prénom et nom"), max_length=PERSON_LENGTH)
    phone = models.CharField(_("téléphone"), max_length=30)
    note = SealedTextField(_("précision"), max_length=300, blank=True)
    given_at = models.DateTimeField(_("donnée le"))
    given_by = models.CharField(_("donnée par"), max_length=150)
    giver = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(_("reprise le"), null=True, blank=True)

    class Meta:
        verbose_name = _("permission d’un jour")
        verbose_name_plural = _("permissions d’un jour")
        ordering = ("day", "pk")
        indexes = [models.Index(fields=("day", "child"), name="pickup_permission_of_day")]

    def __str__(self) -> str:
        return f"{self.name} · {self.child} · {self.day}"


class ConsentType(models.Model):
    """One line of an authority's list of authorisations. Once answered it is retired, never removed."""

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="consent_types")
    code = models.SlugField(_("code"), max_length=40)
    label = models.CharField(_("autorisation"), max_length=160)
    explanation = models.CharField(_("explication"), max_length=500, blank=True)
    needs_hour = models.BooleanField(_("demande une heure"), default=False)
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)
    active = models.BooleanField(_("demandée"), default=True)

    class Meta:
        verbose_name = _("autorisation demandée")
        verbose_name_plural = _("autorisations demandées")
        ordering = ("authority", "order", "pk")
        constraints = [models.UniqueConstraint(fields=("authority", "code"), name="consent_type_once")]

    def __str__(self) -> str:
        return self.label


class Consent(models.Model):
    """The answer of one home to one authorisation for a school year (the year of its September).

    Both homes of a child may answer and each sees the other's answer; `rules.settled` says what holds.
    No row: not answered. `person` is who answered, None for an agent in the family's name.
    """

    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="consents")
    type = models.ForeignKey(ConsentType, on_delete=models.PROTECT, related_name="answers")
    school_year = models.PositiveSmallIntegerField(_("année scolaire"))
    given = models.BooleanField(_("accordée"))
    from_hour = models.TimeField(_("à partir de"), null=True, blank=True)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answered_by = models.CharField(_("répondu par"), max_length=150)
    answered_at = models.DateTimeField(_("répondu le"))

    class Meta:
        verbose_name = _("autorisation")
        ordering = ("type", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("child", "family", "type", "school_year"), name="consent_once_a_year_and_home"
            )
        ]

    def __str__(self) -> str:
        return f"{self.child} · {self.type} · {self.school_year}"
