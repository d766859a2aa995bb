"""By which key a file of definitions knows a row."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

KEY_LENGTH = 60


class DefinitionKey(models.Model):
    """A row of `kind` (`kinds.Kind.name`) is known by `key`, whatever becomes of its name.

    By its id alone: rows are of many tables, and one that goes leaves its key behind, which says nothing.
    """

    kind = models.CharField(_("nature"), max_length=20)
    row_id = models.BigIntegerField(_("ligne"))
    key = models.CharField(_("clé"), max_length=KEY_LENGTH)

    class Meta:
        verbose_name = _("clé d’une définition")
        verbose_name_plural = _("clés des définitions")
        ordering = ("kind", "row_id")
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "row_id"),
                name="definition_key_once",
                violation_error_message=_("Cette ligne a déjà une clé."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
