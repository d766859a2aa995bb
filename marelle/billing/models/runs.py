"""Bills made here: what an authority has chosen, a run over its homes, and what each of them owes."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity
from marelle.billing.doubts import DoubtCode
from marelle.billing.models.invoices import REASON_LENGTH, ImportRun
from marelle.core.expressions import IsFirstOfMonth
from marelle.core.sealed import SealedField
from marelle.families.models import Family, Person
from marelle.places.models import Authority, Structure

REGIE_LENGTH = 40
MOST_MONTHS_BACK = 12


class BillingTerms(models.Model):
    """How an authority bills the months from `since` on: by files (`made_here` false) or by Marelle.

    `threshold`, in euros: less is not sent, it waits (article L. 1611-5 of the code général des
    collectivités territoriales: a local claim under a sum set by decree is not recovered; 15 euros, décret
    n° 2017-509). `months_back`: how many months before the one billed are looked at again by each run.
    """

    authority = models.ForeignKey(
        Authority, on_delete=models.CASCADE, related_name="billing_terms", verbose_name=_("collectivité")
    )
    since = models.DateField(_("à compter du mois de"))
    made_here = models.BooleanField(_("factures faites par Marelle"), default=True)
    threshold = models.DecimalField(
        _("montant sous lequel une facture attend"),
        max_digits=6,
        decimal_places=2,
        default=Decimal("15.00"),
        validators=[MinValueValidator(0)],
    )
    months_back = models.PositiveSmallIntegerField(
        _("mois revus à chaque facturation"),
        default=3,
        validators=[MaxValueValidator(MOST_MONTHS_BACK)],
    )
    days_to_pay = models.PositiveSmallIntegerField(
        _("jours pour payer"), default=30, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    by_regie = models.BooleanField(_("une facture par régie"), default=False)

    class Meta:
        verbose_name = _("façon de facturer")
        verbose_name_plural = _("façons de facturer")
        ordering = ("authority", "-since")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "since"),
                name="billing_terms_once",
                violation_error_message=_("Une façon de facturer commence déjà ce mois-là."),
            ),
            models.CheckConstraint(condition=IsFirstOfMonth("since"), name="billing_terms_from_first_day"),
            models.CheckConstraint(
                condition=Q(threshold__gte=0, months_back__lte=MOST_MONTHS_BACK, days_to_pay__gte=1),
                name="billing_terms_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} · {self.since:%Y-%m}"


class BillingRunQuerySet(models.QuerySet["BillingRun"]):
    def made_here(self) -> BillingRunQuerySet:
        """Those that bill: without what holds credits of another software."""
        return self.filter(brought_in=None)

    def live(self) -> BillingRunQuerySet:
        """Neither issued nor cancelled: one at a time for an authority."""
        return self.filter(state__in=BillingRun.LIVE)

    def working(self) -> BillingRunQuerySet:
        """Those that the worker goes on with."""
        return self.filter(state__in=(BillingRun.State.PREVIEWING, BillingRun.State.ISSUING), paused=False)


class BillingRun(models.Model):
    """The bills of a month at an authority: previewed, looked at, then issued or cancelled whole.

    `structures`: those that are billed, none of them for all. `cutoff`: the last day that is billed. `flush`:
    what waits under the threshold is sent as well (end of a year). `exercise`: the year of the accounts that
    the bills are in. `paused`: an agent has stopped it, and may start it again where it was. `homes`: how
    many there were to look at. `reason`: why the month of one home is looked at again at once; empty for
    the bills of a month.
    """

    class State(models.TextChoices):
        PREVIEWING = "previewing", _("en préparation")
        PREVIEWED = "previewed", _("prête à vérifier")
        ISSUING = "issuing", _("en cours d’émission")
        ISSUED = "issued", _("émise")
        CANCELLED = "cancelled", _("abandonnée")

    LIVE = (State.PREVIEWING, State.PREVIEWED, State.ISSUING)

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="billing_runs")
    structures = models.ManyToManyField(Structure, related_name="+", blank=True)
    month = models.DateField(_("mois facturé"))
    cutoff = models.DateField(_("dernier jour facturé"))
    issued_on = models.DateField(_("date des factures"))
    due_on = models.DateField(_("à payer avant le"))
    exercise = models.PositiveSmallIntegerField(_("exercice"))
    flush = models.BooleanField(_("avec ce qui attendait sous le seuil"), default=False)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PREVIEWING)
    paused = models.BooleanField(_("arrêtée"), default=False)
    homes = models.PositiveIntegerField(_("foyers à regarder"), default=0)
    reason = models.CharField(_("motif de la correction"), max_length=REASON_LENGTH, blank=True)
    started_at = models.DateTimeField(_("commencée le"))
    started_by = models.CharField(_("commencée par"), max_length=200)
    previewed_at = models.DateTimeField(_("préparée le"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmée le"), null=True, blank=True)
    confirmed_by = models.CharField(_("confirmée par"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("terminée le"), null=True, blank=True)
    ended_by = models.CharField(_("abandonnée par"), max_length=200, blank=True)
    brought_in = models.ForeignKey(
        ImportRun, on_delete=models.PROTECT, null=True, blank=True, related_name="credits_brought"
    )

    objects = BillingRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("facturation")
        ordering = ("-month", "-started_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("authority",),
                condition=Q(state__in=("previewing", "previewed", "issuing")),
                name="billing_run_one_live",
                violation_error_message=_("Une facturation de cette collectivité est déjà en cours."),
            ),
            models.CheckConstraint(condition=IsFirstOfMonth("month"), name="billing_run_month_first_day"),
            models.CheckConstraint(
                condition=Q(cutoff__gte=F("month"), due_on__gte=F("issued_on")), name="billing_run_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} · {self.month:%Y-%m}"

    @property
    def is_correction(self) -> bool:
        return bool(self.reason)


class Assessment(models.Model):
    """What a home owes at an authority, as a run has found it: « décompte ».

    `place`: its place in the run, by which bills are numbered. `digest`: of all that it stands on; `items`,
    sealed, are its charges and corrections (`billing.stored`), since they tell an income. Both are empty as
    long as it is to be made. What is sealed names a child by its number in `AssessedChild`. `corrects`: the
    bill for which it was made again.
    """

    class State(models.TextChoices):
        TO_DO = "to_do", _("à faire")
        READY = "ready", _("prêt")
        SETTLED = "settled", _("facturé")
        LEFT_OUT = "left_out", _("laissé de côté")

    run = models.ForeignKey(BillingRun, on_delete=models.CASCADE, related_name="assessments")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="assessments")
    place = models.PositiveIntegerField(_("place"))
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.TO_DO)
    digest = models.CharField(_("empreinte"), max_length=64, blank=True)
    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2, default=Decimal("0.00"))
    items = SealedField(_("détail"), null=True, blank=True)
    corrects = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, null=True, blank=True, related_name="assessed_again"
    )

    class Meta:
        verbose_name = _("décompte")
        ordering = ("run", "place")
        constraints = [models.UniqueConstraint(fields=("run", "place"), name="assessment_place_once")]
        indexes = [
            models.Index(fields=("family", "run"), name="assessment_of_family"),
            models.Index(fields=("run", "state", "place"), name="assessment_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.run} · {self.place}"


class AssessedChild(models.Model):
    """A child of an assessment: what is sealed knows it by its `number`, so that it is found again once two
    files of one person have become one."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="children")
    number = models.PositiveSmallIntegerField(_("rang"))
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("enfant d’un décompte")
        verbose_name_plural = _("enfants d’un décompte")
        ordering = ("assessment", "number")
        constraints = [models.UniqueConstraint(fields=("assessment", "number"), name="assessed_child_once")]

    def __str__(self) -> str:
        return f"{self.assessment} · {self.number}"


class AssessedMonth(models.Model):
    """A month that an assessment has looked at: `digest` of what its prices stood on, `amount` billed of it
    by that assessment (a difference, for what was billed before). `scope`: of which structures and until
    which day, so that only the same one is passed over unread."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="months")
    month = models.DateField(_("mois"))
    digest = models.CharField(_("empreinte"), max_length=64)
    scope = models.CharField(_("étendue"), max_length=64)
    amount = models.DecimalField(_("montant"), max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = _("décompte d’un mois")
        verbose_name_plural = _("décomptes d’un mois")
        ordering = ("assessment", "month")
        constraints = [
            models.UniqueConstraint(fields=("assessment", "month"), name="assessed_month_once"),
            models.CheckConstraint(condition=IsFirstOfMonth("month"), name="assessed_month_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} · {self.month:%Y-%m}"


class Share(models.Model):
    """What of an assessment goes on one bill: of one régie, or of all, and of one payer. The home itself has
    neither `payer` nor `payer_home`.

    `lines`, sealed, are those of the bill. `invoice`: the bill it went on, at once or after it has waited;
    `goes_with`: the share of a later run that takes it along, once that one is issued.
    """

    class State(models.TextChoices):
        READY = "ready", _("prête")
        WAITING = "waiting", _("en attente")
        NIL = "nil", _("à zéro")
        BILLED = "billed", _("facturée")

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="shares")
    regie = models.CharField(_("régie"), max_length=REGIE_LENGTH, blank=True)
    payer = models.ForeignKey(
        "billing.Payer", on_delete=models.PROTECT, null=True, blank=True, related_name="shares"
    )
    payer_home = models.ForeignKey(
        Family, on_delete=models.PROTECT, null=True, blank=True, related_name="shares_of_others"
    )
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.READY)
    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2)
    lines = SealedField(_("lignes"))
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, null=True, blank=True, related_name="shares"
    )
    goes_with = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="brings"
    )

    class Meta:
        verbose_name = _("part d’un décompte")
        verbose_name_plural = _("parts d’un décompte")
        ordering = ("assessment", "regie")
        constraints = [
            models.UniqueConstraint(
                fields=("assessment", "regie"),
                condition=Q(payer=None, payer_home=None),
                name="share_once",
            ),
            models.UniqueConstraint(fields=("assessment", "regie", "payer"), name="share_of_a_payer_once"),
            models.CheckConstraint(
                condition=Q(state="billed", invoice__isnull=False)
                | (~Q(state="billed") & Q(invoice__isnull=True)),
                name="share_billed_on_a_bill",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment} · {self.regie}"

    @property
    def is_home(self) -> bool:
        """Nobody else's."""
        return self.payer_id is None and self.payer_home_id is None


class RunTotal(models.Model):
    """What some homes of a run come to, of one thing: `batch` after batch, so that totals are sums of rows.

    `bracket`: which one of the tariff's, "" for a price that follows no income. No row is of one home alone,
    unless its batch is.
    """

    run = models.ForeignKey(BillingRun, on_delete=models.CASCADE, related_name="totals")
    batch = models.PositiveIntegerField(_("lot"))
    structure = models.ForeignKey(
        Structure, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    account = models.CharField(_("compte"), max_length=12, blank=True)
    bracket = models.CharField(_("tranche"), max_length=60, blank=True)
    quantity = models.DecimalField(_("quantité"), max_digits=12, decimal_places=2)
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("total d’une facturation")
        verbose_name_plural = _("totaux d’une facturation")
        ordering = ("run", "batch", "pk")

    def __str__(self) -> str:
        return f"{self.run} · {self.amount}"


class RunDoubt(models.Model):
    """What somebody should look at before a run is issued: of a home, of a child, or of a structure."""

    run = models.ForeignKey(BillingRun, on_delete=models.CASCADE, related_name="doubts")
    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, null=True, blank=True, related_name="doubts"
    )
    child = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    structure = models.ForeignKey(
        Structure, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    code = models.CharField(_("nature"), max_length=20, choices=[(one.value, one.value) for one in DoubtCode])
    day = models.DateField(_("jour"), null=True, blank=True)
    number = models.PositiveIntegerField(_("combien de fois"), default=1)

    class Meta:
        verbose_name = _("point à vérifier")
        verbose_name_plural = _("points à vérifier")
        ordering = ("run", "pk")

    def __str__(self) -> str:
        return f"{self.run} · {self.code}"


class InvoiceCounter(models.Model):
    """The last number given in an exercise of an authority; locked by who takes the next one."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="invoice_counters")
    exercise = models.PositiveSmallIntegerField(_("exercice"))
    last = models.PositiveIntegerField(_("dernier numéro"), default=0)

    class Meta:
        verbose_name = _("compteur de factures")
        verbose_name_plural = _("compteurs de factures")
        constraints = [models.UniqueConstraint(fields=("authority", "exercise"), name="invoice_counter_once")]

    def __str__(self) -> str:
        return f"{self.authority} · {self.exercise} · {self.last}"
