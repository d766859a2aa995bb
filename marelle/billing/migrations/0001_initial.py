"""The tables of `billing`, as they were when migrations were frozen."""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import marelle.core.expressions


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("families", "0001_initial"),
        ("files", "0001_initial"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("invoices", "factures (CSV)"),
                            ("pdfs", "PDF des factures (ZIP)"),
                            ("payments", "état des paiements (CSV)"),
                        ],
                        max_length=10,
                        verbose_name="nature",
                    ),
                ),
                ("month", models.DateField(blank=True, null=True, verbose_name="mois")),
                ("correction", models.BooleanField(default=False, verbose_name="correction")),
                ("file_name", models.CharField(max_length=120, verbose_name="fichier")),
                ("sha256", models.CharField(max_length=64, verbose_name="empreinte")),
                ("key", models.CharField(blank=True, max_length=60, verbose_name="emplacement")),
                ("prepared_at", models.DateTimeField(verbose_name="lu le")),
                ("prepared_by", models.CharField(max_length=200, verbose_name="lu par")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="importé le")),
                ("done_by", models.CharField(blank=True, max_length=200, verbose_name="importé par")),
                ("counts", models.JSONField(blank=True, default=dict, verbose_name="décompte")),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_runs",
                        to="places.authority",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "ordering": ("-prepared_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, verbose_name="numéro")),
                ("month", models.DateField(verbose_name="mois facturé")),
                (
                    "kind",
                    models.CharField(
                        choices=[("monthly", "facture mensuelle"), ("other", "autre facture")],
                        default="monthly",
                        max_length=10,
                        verbose_name="nature",
                    ),
                ),
                ("issued_on", models.DateField(verbose_name="émise le")),
                ("due_on", models.DateField(verbose_name="à payer avant le")),
                ("total", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="total")),
                (
                    "paid",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=10, verbose_name="payé"
                    ),
                ),
                ("paid_on", models.DateField(blank=True, null=True, verbose_name="payée le")),
                ("cancelled_on", models.DateField(blank=True, null=True, verbose_name="annulée le")),
                (
                    "pdf_source",
                    models.CharField(blank=True, max_length=64, verbose_name="empreinte du PDF importé"),
                ),
                ("fingerprint", models.CharField(blank=True, max_length=64, verbose_name="empreinte")),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="places.authority",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="families.family",
                    ),
                ),
                (
                    "imported_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="billing.importrun",
                    ),
                ),
                (
                    "pdf",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="files.storedfile",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "facture",
                "ordering": ("-month", "-issued_on", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("activity", models.CharField(max_length=120, verbose_name="activité")),
                ("label", models.CharField(max_length=160, verbose_name="libellé")),
                ("quantity", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="quantité")),
                (
                    "unit_price",
                    models.DecimalField(decimal_places=4, max_digits=10, verbose_name="prix unitaire"),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="montant")),
                ("order", models.PositiveSmallIntegerField(verbose_name="ordre")),
                (
                    "child",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoice_lines",
                        to="families.person",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="billing.invoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "ligne de facture",
                "verbose_name_plural": "lignes de facture",
                "ordering": ("order", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Treasury",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="trésorerie")),
                ("address", models.CharField(max_length=200, verbose_name="adresse")),
                ("hours", models.CharField(blank=True, max_length=200, verbose_name="horaires d’ouverture")),
                ("phone", models.CharField(blank=True, max_length=30, verbose_name="téléphone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="courriel")),
                ("how_to_pay", models.TextField(max_length=1500, verbose_name="comment payer")),
                ("how_to_contest", models.TextField(max_length=1500, verbose_name="comment contester")),
                (
                    "payfip",
                    models.CharField(
                        blank=True,
                        max_length=6,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\d{6}\\Z", "L’identifiant PayFiP compte six chiffres."
                            )
                        ],
                        verbose_name="identifiant PayFiP",
                    ),
                ),
                ("signatory", models.CharField(max_length=120, verbose_name="signataire\xa0: prénom et nom")),
                (
                    "signatory_capacity",
                    models.CharField(max_length=120, verbose_name="qualité du signataire"),
                ),
                (
                    "authority",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="treasury",
                        to="places.authority",
                        verbose_name="collectivité",
                    ),
                ),
            ],
            options={
                "verbose_name": "trésorerie",
            },
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("correction", False), ("done_at__isnull", False)),
                fields=("authority", "kind", "sha256"),
                name="import_file_once",
                violation_error_message="Ce fichier est déjà importé.",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["family", "month"], name="invoice_of_family"),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                fields=("authority", "number"),
                name="invoice_number_once",
                violation_error_message="Ce numéro de facture existe déjà.",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("total__gte", 0)), name="invoice_total_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("paid__gte", 0)), name="invoice_paid_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=marelle.core.expressions.IsFirstOfMonth("month"),
                name="invoice_month_is_its_first_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gte", models.F("issued_on"))),
                name="invoice_due_after_issue",
                violation_error_message="L’échéance vient avant l’émission.",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoiceline",
            constraint=models.UniqueConstraint(fields=("invoice", "order"), name="invoice_line_once"),
        ),
    ]
