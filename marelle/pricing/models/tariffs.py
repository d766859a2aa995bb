"""A tariff as rows: see `tariffs.Tariff`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Slot
from marelle.places.models import Authority
from marelle.pricing import tariffs as pure
from marelle.pricing.amounts import EffortBound
from marelle.pricing.facts import Period
from marelle.pricing.models.amounts import Price
from marelle.pricing.models.dated import DatedPrice, LedgerColumns, MissedColumns

MINUTES_OF_A_DAY = 24 * 60


class Subject(StrEnum):
    """What a tariff is about."""

    SETS = "sets"
    LATE_FETCH = "late_fetch"
    PRODUCT = "product"


SUBJECTS = {
    Subject.SETS: _("des créneaux"),
    Subject.LATE_FETCH: _("un enfant repris après la fermeture"),
    Subject.PRODUCT: _("un abonnement, une carte, une cotisation"),
}
HOURS = {
    pure.Hours.BOOKED: _("les heures réservées"),
    pure.Hours.SEEN: _("les heures réalisées"),
    pure.Hours.LONGER: _("les plus longues des deux"),
}


PERIODS = {
    Period.ONCE: _("une seule fois"),
    Period.MONTH: _("chaque mois"),
    Period.SCHOOL_YEAR: _("chaque année scolaire"),
    Period.CALENDAR_YEAR: _("chaque année civile"),
}


class Product(models.Model):
    """What a home pays at once, for each `period`; its tariffs say how much, for whom and from when.

    `slots`: those that cost nothing more while it is had; none for a fee, which covers nothing. Neither they
    nor the period change once a home has taken it: they tell what it has paid.
    """

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="products")
    name = models.CharField(_("nom"), max_length=120)
    period = models.CharField(
        _("se paie"),
        max_length=20,
        choices=[(one.value, text) for one, text in PERIODS.items()],
        default=Period.ONCE.value,
    )
    slots = models.ManyToManyField(Slot, related_name="+", blank=True, verbose_name=_("créneaux compris"))

    class Meta:
        verbose_name = _("abonnement, carte ou cotisation")
        verbose_name_plural = _("abonnements, cartes et cotisations")
        ordering = ("authority", "name")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "name"),
                name="product_name_once",
                violation_error_message=_("Ce nom est déjà pris."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class TariffQuerySet(models.QuerySet["Tariff"]):
    def whole(self) -> TariffQuerySet:
        """With all that makes the pure tariff, in a fixed number of queries."""
        prices = [f"{price}__{rows}" for price in ("price", "food", "back") for rows in ("brackets", "rates")]
        parts = [f"price__parts__{rows}" for rows in ("brackets", "rates")]
        return self.select_related("price", "food", "back").prefetch_related(
            "sets__slots", "fetched_slots", "ways_back", *prices, *parts
        )


class Tariff(DatedPrice, LedgerColumns):
    """What something costs, from a day on. `step` and `per`, in minutes: 0 when it is not by the hour.

    What has priced something is never edited: it ends, another begins. `back`: given back for a day missed in
    one of `ways_back`, of a product.
    """

    subject = models.CharField(
        _("de quoi"), max_length=10, choices=[(one.value, text) for one, text in SUBJECTS.items()]
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="tariffs"
    )
    price = models.OneToOneField(Price, on_delete=models.PROTECT, related_name="+", verbose_name=_("prix"))
    food = models.OneToOneField(
        Price,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("part du repas"),
    )
    back = models.OneToOneField(
        Price, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("rendu")
    )
    fetched_slots = models.ManyToManyField(
        Slot, related_name="+", blank=True, verbose_name=_("après quels créneaux")
    )
    hours = models.CharField(
        _("heures comptées"),
        max_length=10,
        choices=[(one.value, text) for one, text in HOURS.items()],
        default=pure.Hours.BOOKED.value,
    )
    step = models.PositiveSmallIntegerField(_("toute période commencée, en minutes"), default=0)
    per = models.PositiveSmallIntegerField(_("prix de combien de minutes"), default=0)
    spared = models.PositiveSmallIntegerField(_("avertissements avant de payer"), default=0)
    voted_number = models.CharField(_("numéro de la délibération"), max_length=40, blank=True)
    voted_on = models.DateField(_("date de la délibération"), null=True, blank=True)

    objects = TariffQuerySet.as_manager()

    class Meta(DatedPrice.Meta):
        verbose_name = _("tarif")
        verbose_name_plural = _("tarifs")
        ordering = ("authority", "since", "pk")
        constraints = [
            *DatedPrice.Meta.constraints,
            models.CheckConstraint(
                condition=Q(subject=Subject.PRODUCT, product__isnull=False)
                | Q(subject__in=[Subject.SETS, Subject.LATE_FETCH], product=None, back=None),
                name="tariff_product_named",
                violation_error_message=_("Dites de quel abonnement, carte ou cotisation est ce tarif."),
            ),
            models.CheckConstraint(
                condition=Q(step=0, per=0)
                | Q(step__gte=1, per__gte=1, step__lte=MINUTES_OF_A_DAY, per__lte=MINUTES_OF_A_DAY),
                name="tariff_minutes_together",
                violation_error_message=_("Donnez la période commencée et les minutes de son prix, ou rien."),
            ),
            models.CheckConstraint(
                condition=Q(voted_number="", voted_on=None) | Q(voted_on__isnull=False),
                name="tariff_vote_dated",
                violation_error_message=_("Donnez la date de la délibération."),
            ),
        ]

    def as_tariff(self, bounds: Sequence[EffortBound]) -> pure.Tariff:
        """The pure tariff that this row holds; `whole` reads what many need at once."""
        return pure.Tariff(
            id=self.pk,
            name=self.name,
            since=self.since,
            until=self.until,
            what=self._what(bounds),
            amount=self.price.as_amount(bounds),
            who=self.traits,
            weekdays=frozenset(self.weekdays),
            order=self.order,
            food=None if self.food is None else self.food.as_amount(bounds),
            ledger=self.as_ledger(),
            voted=pure.Voted(self.voted_number, self.voted_on) if self.voted_on else None,
        )

    def _what(self, bounds: Sequence[EffortBound]) -> pure.Sets | pure.LateFetch | pure.Product:
        started = pure.Started(pure.Hours(self.hours), self.step, self.per) if self.step else None
        match Subject(self.subject):
            case Subject.SETS:
                sets = tuple(frozenset(slot.pk for slot in row.slots.all()) for row in self.sets.all())
                return pure.Sets(sets, started)
            case Subject.LATE_FETCH:
                slots = frozenset(slot.pk for slot in self.fetched_slots.all())
                return pure.LateFetch(slots, started, self.spared)
            case Subject.PRODUCT:
                back = None if self.back is None else self.back.as_amount(bounds)
                ways = tuple(row.as_missed() for row in self.ways_back.all())
                product = pure.Product(self.product_id or 0, back, ways)
                return product if started is None else pure.Product(product.id, back, ways, started)


class TariffSet(models.Model):
    """One way of holding what a tariff is about: slots of one day, together."""

    tariff = models.ForeignKey(Tariff, on_delete=models.CASCADE, related_name="sets")
    slots = models.ManyToManyField(Slot, related_name="+", verbose_name=_("créneaux"))

    class Meta:
        verbose_name = _("formule d’un tarif")
        verbose_name_plural = _("formules d’un tarif")
        ordering = ("tariff", "pk")

    def __str__(self) -> str:
        return f"{self.tariff} · {self.pk}"


class GiveBack(MissedColumns):
    """In which way a day must be missed to give something back."""

    tariff = models.ForeignKey(Tariff, on_delete=models.CASCADE, related_name="ways_back")

    class Meta:
        verbose_name = _("absence qui fait rendre")
        verbose_name_plural = _("absences qui font rendre")
        ordering = ("tariff", "pk")

    def __str__(self) -> str:
        return str(self.tariff)
