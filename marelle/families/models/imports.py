"""Families that enter by a file, and the key by which another software knows a home."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.families.models.homes import Family

REFERENCE_LENGTH = 60


class FamilyImport(models.Model):
    """A file of families: prepared (read, columns to match), then queued, then done by the worker.

    `key` is where the private storage holds its lines until it is done; the headings are at the place
    `heading` of them, and what is above is no line. `columns` give the place of each column by its code,
    `words` what an agent said of the words of its cells, by kind then word, and `schools` the ids of the
    schools by name, as they were when it was started, so that the homes of its lines stay the same until the
    last. `done_homes` says how far the worker is. `problems` are the lines that were wrong, with their cells,
    for the report. What is of the lines goes with them: of `words`, when it is done.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("à vérifier")
        QUEUED = "queued", _("en cours")
        DONE = "done", _("terminé")
        REFUSED = "refused", _("rien n’est importé")

    file_name = models.CharField(_("fichier"), max_length=120)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    key = models.CharField(_("emplacement"), max_length=60, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PREPARED)
    heading = models.PositiveSmallIntegerField(_("place des titres"), default=0)
    headings = models.JSONField(_("titres des colonnes"), default=list)
    columns = models.JSONField(_("colonnes reconnues"), default=dict, blank=True)
    schools = models.JSONField(_("écoles reconnues"), default=dict, blank=True)
    words = models.JSONField(_("mots expliqués"), default=dict, blank=True)
    lines = models.PositiveIntegerField(_("lignes"))
    all_or_none = models.BooleanField(_("tout ou rien"), default=False)
    homes = models.PositiveIntegerField(_("foyers à traiter"), default=0)
    done_homes = models.PositiveIntegerField(_("foyers traités"), default=0)
    counts = models.JSONField(_("décompte"), default=dict, blank=True)
    problems = models.JSONField(_("lignes à corriger"), default=list, blank=True)
    prepared_at = models.DateTimeField(_("lu le"))
    prepared_by = models.CharField(_("lu par"), max_length=200)
    account_id = models.BigIntegerField(_("compte"), null=True, blank=True)
    queued_at = models.DateTimeField(_("lancé le"), null=True, blank=True)
    done_at = models.DateTimeField(_("terminé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("import de familles")
        verbose_name_plural = _("imports de familles")
        ordering = ("-prepared_at", "-pk")

    def __str__(self) -> str:
        return f"{self.file_name} ({self.prepared_at:%Y-%m-%d})"


class ImportWord(models.Model):
    """What an agent said that a word of such files means, for the next ones: a word, never a person.

    `word` is a heading, `plain` (kind "column"), and `meaning` the code of its column, "" for one not read;
    or a word of the cells (a kind of `imports.words.Kind`) and what it means: the id of a school, a code.
    """

    WORD_LENGTH = 80

    kind = models.CharField(_("de quoi"), max_length=12)
    word = models.CharField(_("mot"), max_length=WORD_LENGTH)
    meaning = models.CharField(_("ce que c’est"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("mot des fichiers importés")
        verbose_name_plural = _("mots des fichiers importés")
        ordering = ("kind", "word")
        constraints = [models.UniqueConstraint(fields=("kind", "word"), name="import_word_once")]

    def __str__(self) -> str:
        return f"{self.word} : {self.meaning}"


class ExternalReference(models.Model):
    """The key of a home in another software: the same line imported again finds the home."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="references")
    reference = models.CharField(_("référence"), max_length=REFERENCE_LENGTH, unique=True)
    noted_at = models.DateTimeField(_("notée le"))

    class Meta:
        verbose_name = _("référence d’un autre logiciel")
        verbose_name_plural = _("références d’autres logiciels")
        ordering = ("reference",)

    def __str__(self) -> str:
        return self.reference
