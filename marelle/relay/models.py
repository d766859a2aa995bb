"""The relais petite enfance: who looks for childcare, and who comes to its mornings."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.accounts.guest_access import ENDED_BY, GuestAccess
from marelle.activities.models import Opening
from marelle.core.sealed import SealedTextField
from marelle.families.models import Family, Person
from marelle.places.models import Authority, Closure, Commune, Structure
from marelle.relay.rules import Care, CareState, Means

NAME_LENGTH = 80


class CareRequest(models.Model):
    """A demand for childcare for a child born or expected, from a home or from future parents without one.

    `weekly` holds the hours wished by weekday (0 is Monday): {"0": ["08:00", "17:30"]}. `answer` is what the
    relais told the asker when it closed the request.
    """

    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="care_requests")
    family = models.ForeignKey(
        Family, on_delete=models.CASCADE, null=True, blank=True, related_name="care_requests"
    )
    asker_name = models.CharField(_("demandée par"), max_length=NAME_LENGTH)
    email = models.EmailField(_("courriel"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    commune = models.ForeignKey(
        Commune, on_delete=models.PROTECT, null=True, blank=True, related_name="care_requests"
    )
    child_first_name = models.CharField(_("prénom de l’enfant"), max_length=NAME_LENGTH, blank=True)
    birth_date = models.DateField(_("date de naissance"), null=True, blank=True)
    expected_on = models.DateField(_("naissance prévue le"), null=True, blank=True)
    care = models.CharField(_("accueil souhaité"), max_length=12, choices=Care)
    starts_on = models.DateField(_("à partir du"))
    weekly = models.JSONField(_("jours et heures souhaités"), default=dict, blank=True)
    remarks = SealedTextField(_("précisions"), max_length=1000, blank=True)
    state = models.CharField(_("état"), max_length=12, choices=CareState, default=CareState.RECEIVED)
    received_at = models.DateTimeField(_("reçue le"))
    closed_at = models.DateTimeField(_("close le"), null=True, blank=True)
    closed_by = models.CharField(_("close par"), max_length=200, blank=True)
    answer = SealedTextField(_("réponse"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("demande de mode de garde")
        verbose_name_plural = _("demandes de mode de garde")
        ordering = ("-received_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(birth_date__isnull=True) ^ models.Q(expected_on__isnull=True),
                name="care_child_born_or_expected",
                violation_error_message=_("L’enfant est né, ou attendu : donnez une seule des deux dates."),
            ),
            models.CheckConstraint(
                condition=~models.Q(email="") | ~models.Q(phone=""),
                name="care_asker_can_be_reached",
                violation_error_message=_("Donnez un téléphone ou une adresse de courriel."),
            ),
        ]
        indexes = [models.Index(fields=("structure", "state", "received_at"), name="care_waiting")]

    def __str__(self) -> str:
        return f"{self.reference} · {self.asker_name}"

    @property
    def reference(self) -> str:
        """What the asker quotes on the telephone."""
        return f"RPE-{self.pk:05}"


class CareContact(models.Model):
    """One time that the relais reached the asker, or tried to. `note` is for colleagues."""

    request = models.ForeignKey(CareRequest, on_delete=models.CASCADE, related_name="contacts")
    on = models.DateField(_("le"))
    means = models.CharField(_("par"), max_length=10, choices=Means)
    note = SealedTextField(_("note"), max_length=1000, blank=True)
    noted_at = models.DateTimeField(_("noté le"))
    noted_by = models.CharField(_("noté par"), max_length=200)

    class Meta:
        verbose_name = _("contact du relais")
        verbose_name_plural = _("contacts du relais")
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.on} {self.means}"


class Childminder(models.Model):
    """An assistante maternelle known to the relais, who comes to its mornings with children of families."""

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="childminders")
    name = models.CharField(_("prénom et nom"), max_length=NAME_LENGTH)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    email = models.EmailField(_("courriel"), blank=True)
    commune = models.ForeignKey(
        Commune, on_delete=models.PROTECT, null=True, blank=True, related_name="childminders"
    )
    active = models.BooleanField(_("en activité"), default=True)
    stopped_at = models.DateTimeField(_("ne vient plus depuis le"), null=True, blank=True)
    erased_at = models.DateTimeField(_("données effacées le"), null=True, blank=True)

    class Meta:
        verbose_name = _("assistante maternelle")
        verbose_name_plural = _("assistantes maternelles")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "name"),
                name="childminder_once",
                violation_error_message=_("Cette personne est déjà dans la liste."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ChildminderAccess(GuestAccess):
    """That an account comes to mornings as a childminder. One person has one account at a time, and that
    account is hers at each relais that knows her."""

    childminder = models.ForeignKey(
        Childminder,
        on_delete=models.PROTECT,
        related_name="accesses",
        verbose_name=_("assistante maternelle"),
    )

    class Meta(GuestAccess.Meta):
        verbose_name = _("accès d’une assistante maternelle")
        verbose_name_plural = _("accès d’assistantes maternelles")
        constraints = [
            models.UniqueConstraint(
                fields=["childminder"],
                condition=models.Q(ended_at=None),
                name="childminder_access_once",
                violation_error_message=_("Cette personne a déjà un accès."),
            ),
            models.CheckConstraint(condition=ENDED_BY, name="childminder_access_ended_by"),
        ]

    def __str__(self) -> str:
        return str(self.childminder)


class Visit(models.Model):
    """An adult who comes to a group morning with children: a home's, or a childminder.

    `seats` are places taken, one a child. A cancelled visit keeps its row, and holds no place;
    `closure` is what cancelled it, when it was not its people.
    """

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="visits")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, null=True, blank=True, related_name="visits")
    childminder = models.ForeignKey(
        Childminder, on_delete=models.PROTECT, null=True, blank=True, related_name="visits"
    )
    adult_name = models.CharField(_("adulte qui vient"), max_length=NAME_LENGTH)
    seats = models.PositiveSmallIntegerField(_("places"))
    booked_at = models.DateTimeField(_("réservée le"))
    booked_by = models.CharField(_("réservée par"), max_length=200)
    cancelled_at = models.DateTimeField(_("annulée le"), null=True, blank=True)
    cancelled_by = models.CharField(_("annulée par"), max_length=200, blank=True)
    closure = models.ForeignKey(
        Closure, on_delete=models.SET_NULL, null=True, blank=True, related_name="visits"
    )

    class Meta:
        verbose_name = _("venue à une matinée")
        verbose_name_plural = _("venues aux matinées")
        ordering = ("opening__day", "adult_name", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(family__isnull=True) ^ models.Q(childminder__isnull=True),
                name="visit_of_a_home_or_a_childminder",
            ),
            models.CheckConstraint(condition=models.Q(seats__gt=0), name="visit_takes_a_seat"),
            models.UniqueConstraint(
                fields=("opening", "family"),
                condition=models.Q(cancelled_at__isnull=True),
                name="visit_of_home_once",
                violation_error_message=_("Votre foyer vient déjà à cette matinée."),
            ),
            models.UniqueConstraint(
                fields=("opening", "childminder"),
                condition=models.Q(cancelled_at__isnull=True),
                name="visit_of_childminder_once",
                violation_error_message=_("Cette personne vient déjà à cette matinée."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opening} · {self.adult_name}"


class VisitChild(models.Model):
    """A child who comes: one of the home's, or one that a childminder looks after, known or by first name."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="children")
    child = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="visits")
    first_name = models.CharField(_("prénom"), max_length=NAME_LENGTH)

    class Meta:
        verbose_name = _("enfant d’une venue")
        verbose_name_plural = _("enfants des venues")
        ordering = ("first_name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("visit", "child"),
                condition=models.Q(child__isnull=False),
                name="visit_child_once",
            )
        ]

    def __str__(self) -> str:
        return self.first_name
