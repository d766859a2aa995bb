"""Families that enter by a file, pupils that a school lists, and the key by which another software knows a
home."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.families.models.homes import Family
from marelle.places.models import School

REFERENCE_LENGTH = 60


class SentFile(models.Model):
    """A file that was read, whose columns an agent matches.

    `key` is where the private storage holds its lines until it is done; the headings are at the place
    `heading` of them, and what is above is no line. `columns` give the place of each column by its code,
    `words` what an agent said of the words of its cells, by kind then word: they go with the lines.
    """

    file_name = models.CharField(_("fichier"), max_length=120)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    key = models.CharField(_("emplacement"), max_length=60, blank=True)
    heading = models.PositiveSmallIntegerField(_("place des titres"), default=0)
    headings = models.JSONField(_("titres des colonnes"), default=list)
    columns = models.JSONField(_("colonnes reconnues"), default=dict, blank=True)
    words = models.JSONField(_("mots expliqués"), default=dict, blank=True)
    lines = models.PositiveIntegerField(_("lignes"))
    prepared_at = models.DateTimeField(_("lu le"))
    prepared_by = models.CharField(_("lu par"), max_length=200)
    account_id = models.BigIntegerField(_("compte"), null=True, blank=True)
    done_at = models.DateTimeField(_("terminé le"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.file_name} ({self.prepared_at:%Y-%m-%d})"


class FamilyImport(SentFile):
    """A file of families: prepared (read, columns to match), then queued, then done by the worker.

    `schools` are the ids of the schools by name, as they were when it was started, so that the homes of its
    lines stay the same until the last. `done_homes` says how far the worker is. `problems` are the lines that
    were wrong, with their cells, for the report.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("à vérifier")
        QUEUED = "queued", _("en cours")
        DONE = "done", _("terminé")
        REFUSED = "refused", _("rien n’est importé")

    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PREPARED)
    schools = models.JSONField(_("écoles reconnues"), default=dict, blank=True)
    all_or_none = models.BooleanField(_("tout ou rien"), default=False)
    homes = models.PositiveIntegerField(_("foyers à traiter"), default=0)
    done_homes = models.PositiveIntegerField(_("foyers traités"), default=0)
    counts = models.JSONField(_("décompte"), default=dict, blank=True)
    problems = models.JSONField(_("lignes à corriger"), default=list, blank=True)
    queued_at = models.DateTimeField(_("lancé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("import de familles")
        verbose_name_plural = _("imports de familles")
        ordering = ("-prepared_at", "-pk")


class PupilList(SentFile):
    """The list of the pupils of a school for a school year: prepared, then done at once.

    `school` is that of the lines that name none. `answers` are what an agent said of a line whose pupil may
    be several children of the portal: the id of one by the number of the line, 0 for none. `aside` are the
    pupils of whom nothing was written, with why, for the office: they go after a month, and the other lines
    at once.
    """

    class State(models.TextChoices):
        PREPARED = "prepared", _("à vérifier")
        DONE = "done", _("terminé")

    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PREPARED)
    school_year = models.PositiveSmallIntegerField(_("année scolaire"))
    school = models.ForeignKey(
        School, on_delete=models.SET_NULL, null=True, blank=True, related_name="pupil_lists"
    )
    answers = models.JSONField(_("réponses"), default=dict, blank=True)
    counts = models.JSONField(_("décompte"), default=dict, blank=True)
    aside = models.JSONField(_("lignes mises de côté"), default=list, blank=True)

    class Meta:
        verbose_name = _("liste des élèves")
        verbose_name_plural = _("listes des élèves")
        ordering = ("-prepared_at", "-pk")


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
