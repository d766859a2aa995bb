"""Households and people: who lives where, who answers for which child."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.families.fields import Civility, Diet, Regime, Situation
from marelle.families.rules import CustodyHolidays, CustodyWeeks
from marelle.places.models import Commune, School


class Family(models.Model):
    """One per home ("foyer"). A child of parents apart is a member of two.

    From `left_on` on, the home reads its bills and its history, and writes nothing. Once erased, nobody
    writes about it any more: see `families.locks`.
    """

    number = models.CharField(_("numéro de dossier"), max_length=12, unique=True)
    name = models.CharField(_("nom du foyer"), max_length=120)
    created_at = models.DateTimeField(_("créé le"))
    left_on = models.DateField(_("partie le"), null=True, blank=True)
    erased_at = models.DateTimeField(_("effacé le"), null=True, blank=True)
    regime = models.CharField(_("régime"), max_length=10, blank=True, choices=Regime)
    caf_number = models.CharField(_("numéro d’allocataire"), max_length=15, blank=True)

    class Meta:
        verbose_name = _("foyer")
        ordering = ("name", "number")

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class FormerFile(models.Model):
    """The file of a home that was merged into another: its number, and its old address, find the one kept."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="former_files")
    old_id = models.BigIntegerField(_("ancienne clé"), unique=True)
    number = models.CharField(_("numéro de dossier"), max_length=12, unique=True)
    name = models.CharField(_("nom du foyer"), max_length=120)
    merged_at = models.DateTimeField(_("réuni le"))
    merged_by = models.CharField(_("réuni par"), max_length=200)

    class Meta:
        verbose_name = _("ancien dossier")
        verbose_name_plural = _("anciens dossiers")
        ordering = ("-merged_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name} ({self.number}) → {self.family}"


class Person(models.Model):
    """An adult or a child. A child may be expected: then `birth_date` is empty and `expected_on` is not.

    Phones, mail, work and situation are those of an adult, who belongs to one home; a child has none of its
    own, so that nothing of one home is written on what both homes share. Phones are kept as E.164.
    """

    first_name = models.CharField(_("prénom"), max_length=80)
    last_name = models.CharField(_("nom"), max_length=80)
    birth_date = models.DateField(_("date de naissance"), null=True, blank=True)
    expected_on = models.DateField(_("naissance prévue le"), null=True, blank=True)
    email = models.EmailField(_("courriel"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    work_phone = models.CharField(_("téléphone au travail"), max_length=30, blank=True)
    civility = models.CharField(_("civilité"), max_length=3, blank=True, choices=Civility)
    situation = models.CharField(_("situation familiale"), max_length=12, blank=True, choices=Situation)
    profession = models.CharField(_("profession"), max_length=80, blank=True)
    employer = models.CharField(_("employeur"), max_length=120, blank=True)
    diet = models.CharField(_("régime alimentaire"), max_length=12, blank=True, choices=Diet)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="person"
    )

    class Meta:
        verbose_name = _("personne")
        ordering = ("last_name", "first_name", "pk")

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


class Member(models.Model):
    """A person in a home, between two dates, both included; an empty end means still there."""

    class Kind(models.TextChoices):
        ADULT = "adult", _("adulte")
        CHILD = "child", _("enfant")

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    kind = models.CharField(_("qualité"), max_length=10, choices=Kind)
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("membre du foyer")
        verbose_name_plural = _("membres des foyers")
        ordering = ("kind", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("family", "person"),
                condition=models.Q(until__isnull=True),
                name="member_once",
                violation_error_message=_("Cette personne fait déjà partie du foyer."),
            ),
            models.UniqueConstraint(
                fields=("person",),
                condition=models.Q(until__isnull=True, kind="adult"),
                name="adult_in_one_family",
                violation_error_message=_("Un adulte appartient à un seul foyer."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.family}"


class CustodyPeriod(models.Model):
    """When a child of parents apart is at this home: dated rows on its membership. No row means always."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="custody")
    weeks = models.CharField(
        _("semaines"),
        max_length=10,
        choices=[(c.value, c.value) for c in CustodyWeeks],
        default=CustodyWeeks.ALL,
    )
    holidays = models.CharField(
        _("vacances"),
        max_length=30,
        choices=[(c.value, c.value) for c in CustodyHolidays],
        default=CustodyHolidays.SAME_AS_WEEKS,
    )
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("garde alternée")
        verbose_name_plural = _("gardes alternées")
        ordering = ("since",)

    def __str__(self) -> str:
        return f"{self.member} : {self.weeks}"


class Guardianship(models.Model):
    """What an adult is to a child, and what it may do for it; between two dates, both included."""

    class Link(models.TextChoices):
        MOTHER = "mother", _("mère")
        FATHER = "father", _("père")
        GUARDIAN = "guardian", _("tuteur ou tutrice")
        STEP_PARENT = "step_parent", _("beau-parent")
        FOSTER = "foster", _("famille d’accueil")

    adult = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="wards")
    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="guardians")
    link = models.CharField(_("lien"), max_length=20, choices=Link)
    has_authority = models.BooleanField(_("autorité parentale"), default=True)
    may_see = models.BooleanField(_("peut voir le dossier"), default=True)
    may_book = models.BooleanField(_("peut réserver"), default=True)
    may_fetch = models.BooleanField(_("peut venir chercher"), default=True)
    is_told = models.BooleanField(_("reçoit les courriels"), default=True)
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("responsabilité légale")
        verbose_name_plural = _("responsabilités légales")
        constraints = [
            models.UniqueConstraint(
                fields=("adult", "child"), condition=models.Q(until__isnull=True), name="guardianship_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(adult=models.F("child")),
                name="nobody_is_its_own_guardian",
                violation_error_message=_("Une personne ne peut pas être responsable d’elle-même."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.adult} → {self.child}"


class Promotion(models.Model):
    """The pupils of a school moved up to the classes of `school_year` at once; until `undone_at`."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="promotions")
    school_year = models.PositiveSmallIntegerField(_("année scolaire"))
    children = models.PositiveSmallIntegerField(_("enfants"))
    made_at = models.DateTimeField(_("fait le"))
    made_by = models.CharField(_("fait par"), max_length=200)
    undone_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    undone_by = models.CharField(_("annulé par"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("passage de classe")
        verbose_name_plural = _("passages de classe")
        ordering = ("-made_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(children__gt=0),
                name="promotion_of_somebody",
                violation_error_message=_("Un passage de classe concerne au moins un enfant."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.school} · {self.school_year}"


class Schooling(models.Model):
    """School and class of a child for one school year; `school_year` is the year of its September.

    `promotion` is the "passage de classe" that made the row, `corrected` that somebody has written it since:
    undoing the one leaves the other alone. `until`: the child has left the school after that day, which may
    be before the year begins.
    """

    child = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="schooling")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="pupils")
    school_year = models.PositiveSmallIntegerField(_("année scolaire"))
    level = models.CharField(_("niveau"), max_length=10)
    teacher = models.CharField(_("classe de"), max_length=80, blank=True)
    promotion = models.ForeignKey(
        "Promotion", on_delete=models.SET_NULL, null=True, blank=True, related_name="rows"
    )
    corrected = models.BooleanField(_("notée à la main"), default=False)
    until = models.DateField(_("dernier jour dans cette école"), null=True, blank=True)

    class Meta:
        verbose_name = _("scolarité")
        ordering = ("-school_year",)
        constraints = [models.UniqueConstraint(fields=("child", "school_year"), name="schooling_once_a_year")]

    def __str__(self) -> str:
        return f"{self.child} · {self.school} · {self.level}"


class Residence(models.Model):
    """Where a home lives, from a date; the last row that has begun counts."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="residences")
    street = models.CharField(_("rue"), max_length=120)
    postal_code = models.CharField(_("code postal"), max_length=10)
    city = models.CharField(_("ville"), max_length=80)
    commune = models.ForeignKey(
        Commune, on_delete=models.PROTECT, null=True, blank=True, related_name="residents"
    )
    since = models.DateField(_("depuis le"))
    source = models.CharField(_("justifié par"), max_length=80)

    class Meta:
        verbose_name = _("adresse")
        ordering = ("-since", "-pk")
        constraints = [models.UniqueConstraint(fields=("family", "since"), name="residence_once_a_day")]

    def __str__(self) -> str:
        return f"{self.street}, {self.postal_code} {self.city}"
