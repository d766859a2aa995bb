"""The index by which families are found; derived from the rest, and written again at will."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.families.finding.words import WORD_LENGTH
from marelle.families.models.homes import Family


class SearchWord(models.Model):
    """A word by which a home is found: of its name, its number, its people, their mails and telephones."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="search_words")
    word = models.CharField(_("mot"), max_length=WORD_LENGTH, db_index=True)

    class Meta:
        verbose_name = _("mot de recherche")
        verbose_name_plural = _("mots de recherche")
        constraints = [models.UniqueConstraint(fields=("family", "word"), name="search_word_once")]

    def __str__(self) -> str:
        return self.word


class SearchKey(models.Model):
    """A word that some home holds, under each key by which a mistake finds it.

    Not unique: two homes written at once may both bring a word, and neither has to wait for the other.
    """

    key = models.CharField(_("clé"), max_length=WORD_LENGTH, db_index=True)
    word = models.CharField(_("mot"), max_length=WORD_LENGTH, db_index=True)

    class Meta:
        verbose_name = _("clé de recherche")
        verbose_name_plural = _("clés de recherche")

    def __str__(self) -> str:
        return f"{self.key} → {self.word}"
