"""Who pays else than the home whose child it is, and what of it."""

from __future__ import annotations

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marelle.accounts.guest_access import ENDED_BY, GuestAccess
from marelle.accounts.models import User
from marelle.activities.models import Activity
from marelle.billing import covering as pure
from marelle.billing.addressed import Addressed, PayerKind
from marelle.billing.covering import Way
from marelle.families.fields import Civility
from marelle.families.models import Family, Person
from marelle.places.models import Authority


class Payer(models.Model):
    """Whoever an authority bills that is no home: a département, a CCAS, an employer, a grandparent.

    Anybody but a person has a `last_name` alone, and a SIRET; `more` stands between the name and the street.
    """

    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="payers", verbose_name=_("collectivité")
    )
    kind = models.CharField(_("nature"), max_length=12, choices=PayerKind, default=PayerKind.DEPARTMENT)
    civility = models.CharField(_("civilité"), max_length=3, choices=Civility, blank=True)
    first_name = models.CharField(_("prénom"), max_length=80, blank=True)
    last_name = models.CharField(_("nom"), max_length=80)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True)
    more = models.CharField(_("complément d’adresse"), max_length=120, blank=True)
    street = models.CharField(_("numéro et rue"), max_length=120)
    postal_code = models.CharField(_("code postal"), max_length=10)
    city = models.CharField(_("commune"), max_length=80)
    country = models.CharField(_("pays"), max_length=60, blank=True)
    email = models.EmailField(_("courriel"), blank=True)

    class Meta:
        verbose_name = _("payeur")
        ordering = ("last_name", "first_name", "pk")

    def __str__(self) -> str:
        return " ".join(filter(None, (self.first_name, self.last_name)))

    @property
    def addressed(self) -> Addressed:
        return Addressed(
            last_name=self.last_name,
            reference=f"P{self.pk}",
            first_name=self.first_name,
            civility=self.civility,
            kind=PayerKind(self.kind),
            more=self.more,
            street=self.street,
            postal_code=self.postal_code,
            city=self.city,
            country=self.country,
            siret=self.siret,
        )


class PayerAccess(GuestAccess):
    """That an account reads the bills of a payer.

    A payer has as many as it has people, an account as many as there are payers for whom its owner works:
    each authority notes its own.
    """

    payer = models.ForeignKey(
        Payer, on_delete=models.PROTECT, related_name="accesses", verbose_name=_("payeur")
    )
    account = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="payer_accesses", verbose_name=_("compte")
    )

    class Meta(GuestAccess.Meta):
        verbose_name = _("accès d’un payeur")
        verbose_name_plural = _("accès de payeurs")
        constraints = [
            models.UniqueConstraint(
                fields=["payer", "account"],
                condition=Q(ended_at=None),
                name="payer_access_once",
                violation_error_message=_("Cette personne lit déjà les factures de ce payeur."),
            ),
            models.CheckConstraint(condition=ENDED_BY, name="payer_access_ended_by"),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.payer}"


class Coverage(models.Model):
    """« Prise en charge »: what of a home's bills `payer` pays, or the other home of a child (`payer_home`).

    See `covering.Coverage`. Never edited: it ends, another begins; what is changed of months that were billed
    comes on the next bills of both. One that was noted by mistake is `withdrawn_at` an instant: it holds no
    day.
    """

    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="coverages")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="coverages")
    payer = models.ForeignKey(
        Payer, on_delete=models.PROTECT, null=True, blank=True, related_name="coverages"
    )
    payer_home = models.ForeignKey(
        Family, on_delete=models.PROTECT, null=True, blank=True, related_name="pays_for"
    )
    child = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="coverages"
    )
    activities = models.ManyToManyField(Activity, related_name="+", blank=True)
    since = models.DateField(_("à compter du"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    way = models.CharField(_("ce qui est pris en charge"), max_length=7, choices=Way, default=Way.PERCENT)
    figure = models.DecimalField(
        _("part ou montant"),
        max_digits=6,
        decimal_places=2,
        default=100,
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
    )
    most = models.DecimalField(
        _("montant le plus haut, en tout"), max_digits=8, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    reason = models.CharField(_("décision"), max_length=120)
    noted_at = models.DateTimeField(_("noté le"))
    noted_by = models.CharField(_("noté par"), max_length=150)
    withdrawn_at = models.DateTimeField(_("retiré le"), null=True, blank=True)

    class Meta:
        verbose_name = _("prise en charge")
        verbose_name_plural = _("prises en charge")
        ordering = ("-since", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="coverage_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
            models.CheckConstraint(
                condition=Q(payer=None, payer_home__isnull=False) | Q(payer__isnull=False, payer_home=None),
                name="coverage_of_one_payer",
            ),
            models.CheckConstraint(
                condition=Q(figure__gt=0) & (~Q(way="percent") | Q(figure__lte=100)),
                name="coverage_figure_in_bounds",
                violation_error_message=_("Une part va de 0,01 à 100 %."),
            ),
            models.CheckConstraint(
                condition=~Q(way="custody") | Q(payer_home__isnull=False, child__isnull=False, figure=100),
                name="coverage_by_custody_of_a_child",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} · {self.since}"

    def as_coverage(self, days: frozenset[date] = frozenset()) -> pure.Coverage:
        """`days`: those of the other home, for `Way.CUSTODY`. Of a row with its activities."""
        return pure.Coverage(
            self.pk,
            self.since,
            Way(self.way),
            self.figure,
            until=self.until,
            child_id=self.child_id,
            activity_ids=frozenset(one.pk for one in self.activities.all()),
            most=self.most,
            days=days,
        )
