"""The tables of `messaging`, as they were when migrations were frozen."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("activities", "0001_initial"),
        ("families", "0001_initial"),
        ("files", "0001_initial"),
        ("mail", "0001_initial"),
        ("places", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_staff", models.BooleanField(verbose_name="de la structure")),
                ("author", models.CharField(max_length=200, verbose_name="auteur")),
                ("account_id", models.BigIntegerField(blank=True, null=True, verbose_name="compte")),
                ("on_behalf", models.BooleanField(default=False, verbose_name="au nom de la famille")),
                ("text", models.TextField(max_length=5000, verbose_name="texte")),
                ("at", models.DateTimeField(verbose_name="envoyé le")),
            ],
            options={
                "verbose_name": "message",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="messaging.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "fichier joint",
                "verbose_name_plural": "fichiers joints",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="News",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(blank=True, null=True, verbose_name="réservé le")),
                ("title", models.CharField(max_length=120, verbose_name="titre")),
                ("text", models.TextField(max_length=5000, verbose_name="texte")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ("written_at", models.DateTimeField(verbose_name="écrite le")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="publiée le")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="retirée le")),
                ("by", models.CharField(max_length=200, verbose_name="auteur")),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="news",
                        to="activities.activity",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="news",
                        to="activities.agegroup",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="news",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "actualité",
                "ordering": ("-published_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="NewsSending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by_mail", models.BooleanField(verbose_name="par courriel")),
                ("urgent", models.BooleanField(default=False, verbose_name="urgente")),
                ("homes", models.PositiveIntegerField(verbose_name="familles")),
                ("asked_at", models.DateTimeField(verbose_name="demandé le")),
                ("asked_by", models.CharField(max_length=200, verbose_name="demandé par")),
                (
                    "news",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sending",
                        to="messaging.news",
                    ),
                ),
            ],
            options={
                "verbose_name": "envoi d’une actualité",
                "verbose_name_plural": "envois des actualités",
                "ordering": ("-asked_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="NewsRecipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="prévenue le")),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("portal", "espace famille seulement"),
                            ("mail", "courriel"),
                            ("letter", "lettre"),
                        ],
                        max_length=6,
                        verbose_name="voie",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="families.family"
                    ),
                ),
                (
                    "mails",
                    models.ManyToManyField(blank=True, related_name="news_recipients", to="mail.message"),
                ),
                (
                    "sending",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="messaging.newssending",
                    ),
                ),
            ],
            options={
                "verbose_name": "destinataire d’une actualité",
                "verbose_name_plural": "destinataires des actualités",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="ReplyTemplate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="titre")),
                ("text", models.TextField(max_length=5000, verbose_name="texte")),
                ("by", models.CharField(max_length=200, verbose_name="auteur")),
                ("changed_at", models.DateTimeField(verbose_name="modifié le")),
                ("revision", models.PositiveIntegerField(default=1, verbose_name="version")),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reply_templates",
                        to="places.authority",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reply_templates",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "modèle de réponse",
                "verbose_name_plural": "modèles de réponse",
                "ordering": ("title", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Thread",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=100, verbose_name="nom")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="adresse de courriel")),
                ("subject", models.CharField(max_length=120, verbose_name="objet")),
                ("opened_at", models.DateTimeField(verbose_name="ouvert le")),
                ("last_at", models.DateTimeField(verbose_name="dernier message le")),
                (
                    "family_wrote_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="dernier message de la famille"),
                ),
                (
                    "staff_wrote_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="dernier message de la structure"
                    ),
                ),
                ("with_office", models.BooleanField(default=False, verbose_name="tenu par le guichet")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="clos le")),
                ("closed_by", models.CharField(blank=True, max_length=200, verbose_name="clos par")),
                (
                    "assigned_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="places.structurecontact",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="threads",
                        to="families.family",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="threads",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "échange",
                "ordering": ("-last_at", "-pk"),
            },
        ),
        migrations.AddField(
            model_name="message",
            name="thread",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="messaging.thread"
            ),
        ),
        migrations.CreateModel(
            name="ThreadPass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="passé le")),
                ("by", models.CharField(max_length=200, verbose_name="passé par")),
                ("note", models.CharField(max_length=500, verbose_name="note")),
                (
                    "from_structure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.structure",
                    ),
                ),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passes",
                        to="messaging.thread",
                    ),
                ),
                (
                    "to_structure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.structure",
                    ),
                ),
            ],
            options={
                "verbose_name": "échange passé à un autre service",
                "verbose_name_plural": "échanges passés à un autre service",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="ThreadRead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="lu le")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reads",
                        to="messaging.thread",
                    ),
                ),
            ],
            options={
                "verbose_name": "échange lu",
                "verbose_name_plural": "échanges lus",
                "ordering": ("pk",),
            },
        ),
        migrations.AddIndex(
            model_name="news",
            index=models.Index(fields=["structure", "-published_at"], name="news_of_structure"),
        ),
        migrations.AddIndex(
            model_name="newsrecipient",
            index=models.Index(condition=models.Q(("way", "")), fields=["id"], name="news_to_tell"),
        ),
        migrations.AddConstraint(
            model_name="newsrecipient",
            constraint=models.UniqueConstraint(fields=("sending", "family"), name="news_recipient_once"),
        ),
        migrations.AddConstraint(
            model_name="replytemplate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("structure__isnull", True)),
                fields=("authority", "title"),
                name="reply_template_title_once",
                violation_error_message="Un modèle porte déjà ce titre.",
            ),
        ),
        migrations.AddConstraint(
            model_name="replytemplate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("structure__isnull", False)),
                fields=("structure", "title"),
                name="reply_template_title_once_there",
                violation_error_message="Un modèle de la structure porte déjà ce titre.",
            ),
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(fields=["family", "-last_at"], name="thread_of_family"),
        ),
        migrations.AddIndex(
            model_name="thread",
            index=models.Index(fields=["structure", "-last_at"], name="thread_of_structure"),
        ),
        migrations.AddConstraint(
            model_name="thread",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("email", ""), ("family__isnull", False), ("name", "")),
                    models.Q(("family__isnull", True), models.Q(("email", ""), _negated=True)),
                    _connector="OR",
                ),
                name="thread_is_of_a_home_or_an_address",
                violation_error_message="Un échange est d’un foyer, ou de quelqu’un qui a laissé une adresse.",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["thread", "at"], name="message_of_thread"),
        ),
        migrations.AddConstraint(
            model_name="threadpass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("from_structure", models.F("to_structure")), _negated=True),
                    models.Q(("from_structure__isnull", True), ("to_structure__isnull", True), _negated=True),
                ),
                name="thread_passed_to_another",
                violation_error_message="Un échange passe à un autre service que le sien.",
            ),
        ),
        migrations.AddConstraint(
            model_name="threadread",
            constraint=models.UniqueConstraint(fields=("thread", "account"), name="thread_read_once"),
        ),
    ]
