"""What leaves for the Trésor public: how, in which file, under which numbers."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marelle.billing.mandates.rules import Sequence
from marelle.billing.models.invoices import REASON_LENGTH, ImportRun, Invoice
from marelle.billing.models.mandates import NAME_LENGTH
from marelle.billing.tresor import pieces as pure
from marelle.billing.tresor.keys import PeriodRule
from marelle.billing.tresor.pieces import Sort
from marelle.billing.tresor.returns import PieceState
from marelle.core.expressions import IsFirstOfMonth
from marelle.families.fields import Civility
from marelle.places.models import Authority


class TresorTerms(models.Model):
    """How an authority's bills leave, as its comptable has agreed: see `pieces.Terms`.

    `ics`: under which the Trésor debits for it; "" until it does. `creditor`: the name on the mandates.
    """

    class Layout(models.TextChoices):
        PES = "pes", _("PES V2, pour Hélios")
        CSV = "csv", _("CSV, pour un logiciel financier")

    authority = models.OneToOneField(
        Authority, on_delete=models.CASCADE, related_name="tresor_terms", verbose_name=_("collectivité")
    )
    layout = models.CharField(_("format du fichier"), max_length=3, choices=Layout, default=Layout.PES)
    sort = models.CharField(
        _("les factures partent en"), max_length=10, choices=Sort.choices[:2], default=Sort.ROLE
    )
    post = models.CharField(
        _("codique du poste comptable"),
        max_length=7,
        validators=[RegexValidator(r"^\d{6,7}\Z", _("Le codique compte six ou sept chiffres."))],
    )
    collection = models.CharField(
        _("code collectivité"),
        max_length=3,
        validators=[RegexValidator(r"^\d{3}\Z", _("Le code collectivité compte trois chiffres."))],
    )
    acronym = models.CharField(_("sigle"), max_length=32)
    period = models.CharField(_("période"), max_length=10, choices=PeriodRule)
    with_key = models.BooleanField(_("clé de contrôle (modulo 23)"), default=True)
    budgets = models.JSONField(_("codes des budgets"), default=dict)
    products = models.JSONField(_("codes produit"), default=dict)
    creditor = models.CharField(_("nom du créancier"), max_length=NAME_LENGTH, blank=True)
    ics = models.CharField(_("identifiant créancier SEPA (ICS)"), max_length=35, blank=True)

    class Meta:
        verbose_name = _("envoi au Trésor")
        verbose_name_plural = _("envois au Trésor")

    def __str__(self) -> str:
        return str(self.authority)

    @property
    def pure(self) -> pure.Terms:
        return pure.Terms(
            Sort(self.sort), self.post, self.collection, self.acronym, self.period, self.budgets,
            self.products, self.with_key, self.ics,
        )  # fmt: skip


class TresorCounter(models.Model):
    """The last number given in an exercise of an authority; locked by its taker, never put back."""

    class What(models.TextChoices):
        ROLE = "role", _("rôle")
        TITLES = "titles", _("bordereau de titres")
        REDUCTIONS = "reductions", _("bordereau de réductions")
        PIECE = "piece", _("pièce")

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="tresor_counters")
    exercise = models.PositiveSmallIntegerField(_("exercice"))
    what = models.CharField(_("ce qui est numéroté"), max_length=10, choices=What)
    budget = models.CharField(_("code budget"), max_length=2, blank=True)
    last = models.PositiveIntegerField(_("dernier numéro"), default=0)

    class Meta:
        verbose_name = _("compteur du Trésor")
        verbose_name_plural = _("compteurs du Trésor")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "exercise", "what", "budget"), name="tresor_counter_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.authority} · {self.exercise} · {self.what} · {self.last}"


class TresorExport(models.Model):
    """One file, of one bordereau: its numbers are taken first, then the worker writes it.

    `budget` is CodBud, `number` IdBord. `head` is what stood in the settings when it was made: the file can
    be written again to the byte. `key` says where the private storage holds it, "" until it is written.
    `net`, `tax`: the bordereau's, in euros. One that is cancelled gives its bills back, not its numbers.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="tresor_exports")
    layout = models.CharField(_("format"), max_length=3, choices=TresorTerms.Layout)
    sort = models.CharField(_("nature"), max_length=10, choices=Sort)
    exercise = models.PositiveSmallIntegerField(_("exercice"))
    budget = models.CharField(_("code budget"), max_length=2)
    number = models.PositiveIntegerField(_("numéro"))
    month = models.DateField(_("mois facturé"))
    issued_on = models.DateField(_("date du bordereau"))
    count = models.PositiveIntegerField(_("pièces"))
    net = models.DecimalField(_("montant hors taxe"), max_digits=12, decimal_places=2)
    tax = models.DecimalField(_("TVA"), max_digits=12, decimal_places=2)
    head = models.JSONField(_("en-tête"))
    made_at = models.DateTimeField(_("demandé le"))
    made_by = models.CharField(_("demandé par"), max_length=200)
    key = models.CharField(_("emplacement"), max_length=60, blank=True)
    size = models.PositiveBigIntegerField(_("taille, en octets"), default=0)
    sha256 = models.CharField(_("empreinte"), max_length=64, blank=True)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    cancelled_by = models.CharField(_("annulé par"), max_length=200, blank=True)
    reason = models.CharField(_("motif de l’annulation"), max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = _("fichier pour le Trésor")
        verbose_name_plural = _("fichiers pour le Trésor")
        ordering = ("-made_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("authority", "exercise", "sort", "budget", "number"), name="tresor_export_once"
            ),
            models.CheckConstraint(condition=IsFirstOfMonth("month"), name="tresor_export_month_first_day"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, reason="") | (Q(cancelled_at__isnull=False) & ~Q(reason="")),
                name="tresor_export_cancelled_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} · {self.exercise} · {self.sort} · {self.number}"


class ExportedBill(models.Model):
    """A bill in a file, and its numbers there: `piece` is IdPce, `debt` NumDette. `civility`: as it was said.

    `drawn_on`: DtePrel, of one that is debited by the mandate that it announced; None for any other.
    `sequence`: SequencePres.
    `live`: its export is not cancelled, nor the piece freed, and no other may have the bill. What came back:
    its `state`, of a day, with the `code` and the text (`said`) of why; `settled`: nothing is left of it;
    `read_in`: the last file that told.
    """

    export = models.ForeignKey(TresorExport, on_delete=models.CASCADE, related_name="bills")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="exported")
    piece = models.PositiveIntegerField(_("pièce"))
    debt = models.CharField(_("numéro de dette"), max_length=15)
    civility = models.CharField(_("civilité"), max_length=3, choices=Civility, blank=True)
    drawn_on = models.DateField(_("prélevée le"), null=True, blank=True)
    sequence = models.CharField(
        _("séquence"),
        max_length=2,
        blank=True,
        choices=[(Sequence.FIRST.value, _("premier")), (Sequence.RECURRENT.value, _("suivant"))],
    )
    live = models.BooleanField(_("transmise"), default=True)
    state = models.CharField(_("état au Trésor"), max_length=9, choices=PieceState, blank=True)
    state_on = models.DateField(_("état du"), null=True, blank=True)
    code = models.CharField(_("code du motif"), max_length=20, blank=True)
    said = models.CharField(_("motif"), max_length=200, blank=True)
    settled = models.BooleanField(_("soldée au Trésor"), default=False)
    read_in = models.ForeignKey(
        ImportRun, on_delete=models.PROTECT, null=True, blank=True, related_name="returned_pieces"
    )

    class Meta:
        verbose_name = _("facture transmise")
        verbose_name_plural = _("factures transmises")
        ordering = ("export", "piece")
        constraints = [
            models.UniqueConstraint(
                fields=("invoice",),
                condition=Q(live=True),
                name="exported_bill_once",
                violation_error_message=_("Cette facture est déjà dans un fichier."),
            ),
            models.UniqueConstraint(fields=("export", "piece"), name="exported_bill_piece_once"),
        ]

    def __str__(self) -> str:
        return f"{self.export} · {self.piece}"
