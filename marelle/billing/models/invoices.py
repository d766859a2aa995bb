"""Invoices of the authorities, as they were sent to the Trésor public: read here, paid there."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from marelle.activities.models import Activity
from marelle.billing.rules import InvoiceState, debt_reference, is_known_to_tresor, state_of
from marelle.core.expressions import IsFirstOfMonth
from marelle.families.models import Family, Person
from marelle.files.models import StoredFile
from marelle.places.models import Authority, Structure

NUMBER_LENGTH = 40
REASON_LENGTH = 200


class Treasury(models.Model):
    """What an authority's invoices say of how to pay and how to contest: one row an authority.

    `payfip` is the identifier of the authority on payfip.gouv.fr, empty when families cannot pay there.
    `court` and `executory` stand on the bills made here; an empty `executory` is `mentions.EXECUTORY`.
    """

    authority = models.OneToOneField(
        Authority, on_delete=models.CASCADE, related_name="treasury", verbose_name=_("collectivité")
    )
    name = models.CharField(_("trésorerie"), max_length=120)
    address = models.CharField(_("adresse"), max_length=200)
    hours = models.CharField(_("horaires d’ouverture"), max_length=200, blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    email = models.EmailField(_("courriel"), blank=True)
    how_to_pay = models.TextField(_("comment payer"), max_length=1500)
    how_to_contest = models.TextField(_("comment contester"), max_length=1500)
    court = models.CharField(_("tribunal compétent\u00a0: nom et adresse"), max_length=200, blank=True)
    payfip = models.CharField(
        _("identifiant PayFiP"),
        max_length=6,
        blank=True,
        validators=[RegexValidator(r"^\d{6}\Z", _("L’identifiant PayFiP compte six chiffres."))],
    )
    signatory = models.CharField(_("signataire : prénom et nom"), max_length=120)
    signatory_capacity = models.CharField(_("qualité du signataire"), max_length=120)
    executory = models.TextField(_("formule exécutoire"), max_length=600, blank=True)

    class Meta:
        verbose_name = _("trésorerie")

    def __str__(self) -> str:
        return f"{self.name} ({self.authority})"


class ImportRun(models.Model):
    """A file of invoices, of PDFs, of payments or of the Trésor: prepared (read, nothing written), then done.
    One of a parallel month is never done: it is looked at, and goes.

    `key` is where the private storage holds the file until it is done. `counts` are those of
    `imports.Report`, for the list of what was imported. `reminds`: an agent has said that what it brought
    from another software may be reminded of; before, no reminder names it (`late`). `prepared_account`:
    whose account read it, since mandates are seen by a second person.
    """

    class Kind(models.TextChoices):
        INVOICES = "invoices", _("factures (CSV)")
        PDFS = "pdfs", _("PDF des factures (ZIP)")
        PAYMENTS = "payments", _("état des paiements (CSV)")
        TRESOR = "tresor", _("retour du Trésor\u00a0: acquittement ou PES Retour (XML)")
        TRESOR_CSV = "tresor_csv", _("retour du Trésor, par un logiciel financier (CSV)")
        BALANCES = "balances", _("soldes repris d’un autre logiciel (CSV)")
        PAST = "past", _("dernières factures d’un autre logiciel (CSV)")
        MANDATES = "mandates", _("mandats de prélèvement repris d’un autre logiciel (CSV)")
        PARALLEL = "parallel", _("un mois en parallèle\u00a0: ce que l’autre logiciel facture (CSV)")

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="import_runs")
    kind = models.CharField(_("nature"), max_length=10, choices=Kind)
    month = models.DateField(_("mois"), null=True, blank=True)
    correction = models.BooleanField(_("correction"), default=False)
    file_name = models.CharField(_("fichier"), max_length=120)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    key = models.CharField(_("emplacement"), max_length=60, blank=True)
    prepared_at = models.DateTimeField(_("lu le"))
    prepared_by = models.CharField(_("lu par"), max_length=200)
    prepared_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(_("importé le"), null=True, blank=True)
    done_by = models.CharField(_("importé par"), max_length=200, blank=True)
    counts = models.JSONField(_("décompte"), default=dict, blank=True)
    undone_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    undone_by = models.CharField(_("annulé par"), max_length=200, blank=True, default="", db_default="")
    reminds = models.BooleanField(_("peut être relancé"), default=False, db_default=False)

    OF_PAYMENTS = (Kind.PAYMENTS, Kind.TRESOR, Kind.TRESOR_CSV)
    """What says what was paid: each is undone by itself (`imports.undoing`)."""

    MOVED_IN = (Kind.BALANCES, Kind.PAST)
    """What was owed before Marelle, to which no reminder goes by itself."""

    class Meta:
        verbose_name = _("import")
        ordering = ("-prepared_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "kind", "sha256"),
                condition=Q(done_at__isnull=False, correction=False, undone_at=None),
                name="import_file_once",
                violation_error_message=_("Ce fichier est déjà importé."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.prepared_at:%Y-%m-%d})"


UNPAID = Q(cancelled_on__isnull=True, total__gt=F("paid") + F("credited"))
"""Something is left to pay of a bill."""


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def of_homes(self) -> InvoiceQuerySet:
        """Those that a home owes: not what somebody else pays for it."""
        return self.filter(payer=None)

    def unpaid(self) -> InvoiceQuerySet:
        """Something is left to pay: neither paid or credited whole, nor cancelled."""
        return self.filter(UNPAID)

    def without_pdf(self) -> InvoiceQuerySet:
        """Made here, and its PDF is still to be made."""
        return self.filter(run__isnull=False, pdf__isnull=True)


class Invoice(models.Model):
    """A bill addressed to one home, or a credit note, whose total is negative. Its state is derived from
    `total`, `paid`, `credited` and `cancelled_on`.

    `structure` is None for a bill of several structures. `month` is the first day of the month billed.
    `run` made it, `imported_in` brought it: which of the two says where it comes from. `fingerprint` is that
    of the content imported, so that the same invoice sent again is known.
    `pdf` is the one imported, or of a bill made here the one and only that was made of it (`making`); of a
    bill imported without one, one is made each time that it is asked for. `pdf_source` is the fingerprint of
    what was imported, before it was made harmless.
    `payer`: who is no home and pays this bill, which `family` then does not read.
    `corrects`: the bill that this one adds to, or takes from, for the `reason` that an agent gave, which is
    for the home alone;
    `credited`: what credit notes take from it, in euros, not negative.
    `paid`: the sum of its payments, `paid_on` the last day of one; `payments` alone writes them.
    """

    class Kind(models.TextChoices):
        MONTHLY = "monthly", _("facture mensuelle")
        OTHER = "other", _("autre facture")
        FURTHER = "further", _("facture complémentaire")
        CREDIT = "credit", _("avoir")

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="invoices")
    structure = models.ForeignKey(
        Structure, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="invoices")
    number = models.CharField(_("numéro"), max_length=NUMBER_LENGTH)
    month = models.DateField(_("mois facturé"))
    kind = models.CharField(_("nature"), max_length=10, choices=Kind, default=Kind.MONTHLY)
    issued_on = models.DateField(_("émise le"))
    due_on = models.DateField(_("à payer avant le"))
    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2)
    paid = models.DecimalField(_("payé"), max_digits=10, decimal_places=2, default=Decimal("0.00"))
    paid_on = models.DateField(_("payée le"), null=True, blank=True)
    cancelled_on = models.DateField(_("annulée le"), null=True, blank=True)
    pdf = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    pdf_source = models.CharField(_("empreinte du PDF importé"), max_length=64, blank=True)
    fingerprint = models.CharField(_("empreinte"), max_length=64, blank=True)
    imported_in = models.ForeignKey(
        ImportRun, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    run = models.ForeignKey(
        "billing.BillingRun", on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    regie = models.CharField(_("régie"), max_length=40, blank=True)
    payer = models.ForeignKey(
        "billing.Payer", on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    reason = models.CharField(_("motif de la correction"), max_length=REASON_LENGTH, blank=True)
    credited = models.DecimalField(
        _("retiré par des avoirs"), max_digits=10, decimal_places=2, default=Decimal("0.00")
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("facture")
        ordering = ("-month", "-issued_on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "number"),
                name="invoice_number_once",
                violation_error_message=_("Ce numéro de facture existe déjà."),
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0) | Q(kind="credit", total__lt=0, corrects__isnull=False),
                name="invoice_total_not_negative",
            ),
            models.CheckConstraint(condition=Q(paid__gte=0), name="invoice_paid_not_negative"),
            models.CheckConstraint(condition=Q(credited__gte=0), name="invoice_credited_not_negative"),
            models.CheckConstraint(condition=IsFirstOfMonth("month"), name="invoice_month_is_its_first_day"),
            models.CheckConstraint(condition=Q(run=None) | Q(imported_in=None), name="invoice_of_one_origin"),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("issued_on")),
                name="invoice_due_after_issue",
                violation_error_message=_("L’échéance vient avant l’émission."),
            ),
        ]
        indexes = [
            models.Index(fields=("family", "month"), name="invoice_of_family"),
            models.Index(
                fields=("id",),
                condition=Q(run__isnull=False, pdf__isnull=True),
                name="invoice_without_pdf",
            ),
            # Bills are kept for ten years, and few of them are unpaid.
            models.Index(fields=("authority", "due_on"), condition=UNPAID, name="invoice_unpaid"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> InvoiceState:
        return state_of(
            self.total, self.paid, credited=self.credited, cancelled=self.cancelled_on is not None
        )

    @property
    def debt_reference(self) -> str:
        """What is typed to pay it online; of a bill that a file brought, its number there; "" of what the
        Trésor does not know."""
        if not is_known_to_tresor(self.number):
            return ""
        return debt_reference(self.number) if self.run_id else self.number

    @property
    def left(self) -> Decimal:
        """What is left to pay, in euros."""
        return max(self.total - self.paid - self.credited, Decimal("0.00"))


class InvoiceLine(models.Model):
    """One line of an invoice, for a child or for the home. `amount` is negative for what is given back.

    Of those made here: the activity, the `days` (as in JSON), where the money goes, what of the amount pays
    the plate, for the tax statement, and the `minutes` of what is priced by the hour, for the CAF: of all its
    days together, negative where they were billed before.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    child = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="invoice_lines"
    )
    activity = models.CharField(_("activité"), max_length=120)
    label = models.CharField(_("libellé"), max_length=160)
    quantity = models.DecimalField(_("quantité"), max_digits=8, decimal_places=2)
    unit_price = models.DecimalField(_("prix unitaire"), max_digits=10, decimal_places=4)
    amount = models.DecimalField(_("montant"), max_digits=10, decimal_places=2)
    order = models.PositiveSmallIntegerField(_("ordre"))
    of_activity = models.ForeignKey(
        Activity, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    days = models.JSONField(_("jours"), default=list, blank=True)
    account = models.CharField(_("code comptable"), max_length=12, blank=True)
    budget = models.CharField(_("budget"), max_length=12, blank=True)
    vat = models.DecimalField(_("TVA, en %"), max_digits=5, decimal_places=2, default=Decimal("0.00"))
    food = models.DecimalField(_("part du repas"), max_digits=10, decimal_places=2, null=True, blank=True)
    minutes = models.IntegerField(_("minutes facturées"), null=True, blank=True)

    class Meta:
        verbose_name = _("ligne de facture")
        verbose_name_plural = _("lignes de facture")
        ordering = ("order", "pk")
        constraints = [models.UniqueConstraint(fields=("invoice", "order"), name="invoice_line_once")]

    def __str__(self) -> str:
        return f"{self.activity} : {self.label}"
