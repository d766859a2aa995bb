from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import marelle.core.expressions
import marelle.core.sealed


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0014_kept_places"),
        ("billing", "0001_initial"),
        ("families", "0006_income_imports"),
        ("files", "0001_initial"),
        ("places", "0003_incomes_read"),
    ]

    operations = [
        migrations.CreateModel(
            name="BillingTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="billing_terms",
                        to="places.authority",
                        verbose_name="collectivité",
                    ),
                ),
                ("since", models.DateField(verbose_name="à compter du mois de")),
                ("made_here", models.BooleanField(default=True, verbose_name="factures faites par Marelle")),
                (
                    "threshold",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("15.00"),
                        max_digits=6,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="montant sous lequel une facture attend",
                    ),
                ),
                (
                    "months_back",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[django.core.validators.MaxValueValidator(12)],
                        verbose_name="mois revus à chaque facturation",
                    ),
                ),
                (
                    "days_to_pay",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="jours pour payer",
                    ),
                ),
                ("by_regie", models.BooleanField(default=False, verbose_name="une facture par régie")),
            ],
            options={
                "verbose_name": "façon de facturer",
                "verbose_name_plural": "façons de facturer",
                "ordering": ("authority", "-since"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("authority", "since"),
                        name="billing_terms_once",
                        violation_error_message="Une façon de facturer commence déjà ce mois-là.",
                    ),
                    models.CheckConstraint(
                        condition=marelle.core.expressions.IsFirstOfMonth("since"),
                        name="billing_terms_from_first_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days_to_pay__gte", 1), ("months_back__lte", 12), ("threshold__gte", 0)
                        ),
                        name="billing_terms_in_bounds",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BillingRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="billing_runs",
                        to="places.authority",
                    ),
                ),
                ("month", models.DateField(verbose_name="mois facturé")),
                ("cutoff", models.DateField(verbose_name="dernier jour facturé")),
                ("issued_on", models.DateField(verbose_name="date des factures")),
                ("due_on", models.DateField(verbose_name="à payer avant le")),
                ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
                (
                    "flush",
                    models.BooleanField(default=False, verbose_name="avec ce qui attendait sous le seuil"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("previewing", "en préparation"),
                            ("previewed", "prête à vérifier"),
                            ("issuing", "en cours d’émission"),
                            ("issued", "émise"),
                            ("cancelled", "abandonnée"),
                        ],
                        default="previewing",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("paused", models.BooleanField(default=False, verbose_name="arrêtée")),
                ("homes", models.PositiveIntegerField(default=0, verbose_name="foyers à regarder")),
                ("started_at", models.DateTimeField(verbose_name="commencée le")),
                ("started_by", models.CharField(max_length=200, verbose_name="commencée par")),
                ("previewed_at", models.DateTimeField(blank=True, null=True, verbose_name="préparée le")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmée le")),
                ("confirmed_by", models.CharField(blank=True, max_length=200, verbose_name="confirmée par")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="terminée le")),
                ("ended_by", models.CharField(blank=True, max_length=200, verbose_name="abandonnée par")),
                ("structures", models.ManyToManyField(blank=True, related_name="+", to="places.structure")),
            ],
            options={
                "verbose_name": "facturation",
                "ordering": ("-month", "-started_at", "-pk"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("previewing", "previewed", "issuing"))),
                        fields=("authority",),
                        name="billing_run_one_live",
                        violation_error_message="Une facturation de cette collectivité est déjà en cours.",
                    ),
                    models.CheckConstraint(
                        condition=marelle.core.expressions.IsFirstOfMonth("month"),
                        name="billing_run_month_first_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cutoff__gte", models.F("month")), ("due_on__gte", models.F("issued_on"))
                        ),
                        name="billing_run_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceCounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice_counters",
                        to="places.authority",
                    ),
                ),
                ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
                ("last", models.PositiveIntegerField(default=0, verbose_name="dernier numéro")),
            ],
            options={
                "verbose_name": "compteur de factures",
                "verbose_name_plural": "compteurs de factures",
                "constraints": [
                    models.UniqueConstraint(fields=("authority", "exercise"), name="invoice_counter_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assessments",
                        to="billing.billingrun",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="families.family",
                    ),
                ),
                ("place", models.PositiveIntegerField(verbose_name="place")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("to_do", "à faire"),
                            ("ready", "prêt"),
                            ("settled", "facturé"),
                            ("left_out", "laissé de côté"),
                        ],
                        default="to_do",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("digest", models.CharField(blank=True, max_length=64, verbose_name="empreinte")),
                (
                    "total",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=10, verbose_name="total"
                    ),
                ),
                ("items", marelle.core.sealed.SealedField(blank=True, null=True, verbose_name="détail")),
            ],
            options={
                "verbose_name": "décompte",
                "ordering": ("run", "place"),
                "indexes": [
                    models.Index(fields=["family", "run"], name="assessment_of_family"),
                    models.Index(fields=["run", "state", "place"], name="assessment_waiting"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "place"), name="assessment_place_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AssessedChild",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="billing.assessment",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="rang")),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="families.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "enfant d’un décompte",
                "verbose_name_plural": "enfants d’un décompte",
                "ordering": ("assessment", "number"),
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "number"), name="assessed_child_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AssessedMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="months",
                        to="billing.assessment",
                    ),
                ),
                ("month", models.DateField(verbose_name="mois")),
                ("digest", models.CharField(max_length=64, verbose_name="empreinte")),
                ("scope", models.CharField(max_length=64, verbose_name="étendue")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant")),
            ],
            options={
                "verbose_name": "décompte d’un mois",
                "verbose_name_plural": "décomptes d’un mois",
                "ordering": ("assessment", "month"),
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "month"), name="assessed_month_once"),
                    models.CheckConstraint(
                        condition=marelle.core.expressions.IsFirstOfMonth("month"),
                        name="assessed_month_first_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="totals",
                        to="billing.billingrun",
                    ),
                ),
                ("batch", models.PositiveIntegerField(verbose_name="lot")),
                (
                    "structure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.structure",
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.activity",
                    ),
                ),
                ("account", models.CharField(blank=True, max_length=12, verbose_name="compte")),
                ("bracket", models.CharField(blank=True, max_length=60, verbose_name="tranche")),
                ("quantity", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="quantité")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="montant")),
            ],
            options={
                "verbose_name": "total d’une facturation",
                "verbose_name_plural": "totaux d’une facturation",
                "ordering": ("run", "batch", "pk"),
            },
        ),
        migrations.CreateModel(
            name="RunDoubt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="doubts",
                        to="billing.billingrun",
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="doubts",
                        to="billing.assessment",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="families.person",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="places.structure",
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("no_income", "no_income"),
                            ("no_tariff", "no_tariff"),
                            ("nobody", "nobody"),
                            ("open_call", "open_call"),
                            ("negative", "negative"),
                            ("more", "more"),
                            ("less", "less"),
                            ("no_address", "no_address"),
                        ],
                        max_length=20,
                        verbose_name="nature",
                    ),
                ),
                ("day", models.DateField(blank=True, null=True, verbose_name="jour")),
                ("number", models.PositiveIntegerField(default=1, verbose_name="combien de fois")),
            ],
            options={
                "verbose_name": "point à vérifier",
                "verbose_name_plural": "points à vérifier",
                "ordering": ("run", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="billing.assessment",
                    ),
                ),
                ("regie", models.CharField(blank=True, max_length=40, verbose_name="régie")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ready", "prête"),
                            ("waiting", "en attente"),
                            ("nil", "à zéro"),
                            ("billed", "facturée"),
                        ],
                        default="ready",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("total", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="total")),
                ("lines", marelle.core.sealed.SealedField(verbose_name="lignes")),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="billing.invoice",
                    ),
                ),
                (
                    "goes_with",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="brings",
                        to="billing.share",
                    ),
                ),
            ],
            options={
                "verbose_name": "part d’un décompte",
                "verbose_name_plural": "parts d’un décompte",
                "ordering": ("assessment", "regie"),
                "constraints": [
                    models.UniqueConstraint(fields=("assessment", "regie"), name="share_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("invoice__isnull", False), ("state", "billed")),
                            models.Q(models.Q(("state", "billed"), _negated=True), ("invoice__isnull", True)),
                            _connector="OR",
                        ),
                        name="share_billed_on_a_bill",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="invoice",
            name="regie",
            field=models.CharField(blank=True, max_length=40, verbose_name="régie"),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="account",
            field=models.CharField(blank=True, max_length=12, verbose_name="code comptable"),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="budget",
            field=models.CharField(blank=True, max_length=12, verbose_name="budget"),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="days",
            field=models.JSONField(blank=True, default=list, verbose_name="jours"),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="food",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="part du repas"
            ),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="of_activity",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="activities.activity",
            ),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="vat",
            field=models.DecimalField(
                decimal_places=2, default=Decimal("0.00"), max_digits=5, verbose_name="TVA, en %"
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invoices",
                to="billing.billingrun",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("run", None), ("imported_in", None), _connector="OR"),
                name="invoice_of_one_origin",
            ),
        ),
    ]
