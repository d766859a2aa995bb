"""Private files: what was sent, under a name that means nothing."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedTextField
from marelle.files.rules import NAME_LENGTH, OPENED, Kind, Scan


def new_key() -> str:
    """Where the content is kept: nothing that could be guessed, or that tells whose it is."""
    return secrets.token_hex(20)


def new_identity() -> str:
    return secrets.token_hex(16)


class Store(models.Model):
    """The folder of files that is this database's: one row, none before the two have met (`files.store`).

    `identity` is written in the folder too and changes at each turn. What was in the folder before `since`
    without a row may be another's: it is left alone for ever.
    """

    identity = models.CharField(_("identité"), max_length=32, default=new_identity)
    since = models.DateTimeField(_("depuis le"))

    class Meta:
        verbose_name = _("dossier des fichiers")
        verbose_name_plural = _("dossiers des fichiers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pk=1),
                name="files_one_store",
                violation_error_message=_("Une base de données a un seul dossier de fichiers."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since:%d/%m/%Y}"


class StoredFile(models.Model):
    """One file. Who may read it is said by the row that points at it, never by the file itself.

    `size` is in bytes, `pages` 1 for a picture; `sha256` is that of the content kept, not of what was sent.
    All three are of what is read, not of what lies on the disk. The name is sealed: it may say what the file
    is about. `scan_at`: when clamd looked, or while it waits, when it is asked next.
    """

    key = models.CharField(_("emplacement"), max_length=40, unique=True, default=new_key, editable=False)
    name = SealedTextField(_("nom"), max_length=NAME_LENGTH)
    kind = models.CharField(_("nature"), max_length=40, choices=[(kind.value, kind.value) for kind in Kind])
    size = models.PositiveIntegerField(_("taille, en octets"))
    pages = models.PositiveSmallIntegerField(_("pages"), default=1)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    family_id = models.BigIntegerField(_("dossier famille"), null=True, blank=True, db_index=True)
    stored_at = models.DateTimeField(_("reçu le"))
    stored_by = models.CharField(_("envoyé par"), max_length=200)

    scan = models.CharField(
        _("recherche de virus"),
        max_length=10,
        choices=[
            (Scan.NONE.value, _("non faite")),
            (Scan.WAITING.value, _("à faire")),
            (Scan.CLEAN.value, _("faite, rien trouvé")),
            (Scan.INFECTED.value, _("faite, fichier détruit")),
        ],
        default=Scan.NONE.value,
        db_default=Scan.NONE.value,
    )
    scan_at = models.DateTimeField(_("virus recherchés le"), null=True, blank=True)

    class Meta:
        verbose_name = _("fichier")
        ordering = ("pk",)
        indexes = [
            models.Index(
                fields=["scan_at"], name="files_to_scan", condition=models.Q(scan=Scan.WAITING.value)
            )
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def is_held(self) -> bool:
        """Whether nobody opens it: see `rules.FileHeld`."""
        return self.scan not in OPENED

    @property
    def is_destroyed(self) -> bool:
        """For a virus: another is to be sent."""
        return self.scan == Scan.INFECTED

    @property
    def path(self) -> str:
        return f"{self.key[:2]}/{self.key}"
