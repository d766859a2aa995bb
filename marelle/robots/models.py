"""What was already used, and what was sent lately: rows kept only as long as they count."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class UsedProof(models.Model):
    """A proof or an answer that has served: each serves once. After `until` it is void by itself."""

    key = models.CharField(_("empreinte"), max_length=64, unique=True)
    until = models.DateTimeField(_("jusqu’au"), db_index=True)

    class Meta:
        verbose_name = _("preuve utilisée")
        verbose_name_plural = _("preuves utilisées")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.key[:12]


class Sending(models.Model):
    """One sending of a form that counts against a limit. `sender` is a keyed hash: it names nobody."""

    form = models.CharField(_("formulaire"), max_length=40)
    sender = models.CharField(_("empreinte de l’expéditeur"), max_length=64)
    at = models.DateTimeField(_("date"), db_index=True)

    class Meta:
        verbose_name = _("envoi compté")
        verbose_name_plural = _("envois comptés")
        ordering = ("pk",)
        indexes = [models.Index(fields=("form", "sender", "at"), name="sending_counted")]

    def __str__(self) -> str:
        return f"{self.form} {self.at:%Y-%m-%d %H:%M}"
