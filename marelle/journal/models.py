"""The journal: one append-only table, and the chain that shows whether somebody wrote in it otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import SealedField
from marelle.journal.rules import LinkKind

POST_TAKEN = "post.taken"


class EntryQuerySet(models.QuerySet["Entry"]):
    def of_family(self, family_id: int) -> EntryQuerySet:
        return self.filter(family_id=family_id)

    def by_account(self, user_id: int) -> EntryQuerySet:
        return self.filter(actor_user_id=user_id)

    def of_posts_taken(self) -> EntryQuerySet:
        """That a post was taken from an account. The verb is in the statement and not among its parameters:
        SQLite then knows that the index on these few serves."""
        taken = models.Func(template=f"'{POST_TAKEN}'", output_field=models.CharField())
        return self.filter(verb=taken)

    def on_account(self, user_id: int) -> EntryQuerySet:
        """What was tried or done on it: a failed connection has no actor."""
        return self.filter(subject_kind="account", subject_id=user_id)

    def without(self, hidden: Mapping[str, Collection[int] | models.QuerySet[Any, Any]]) -> EntryQuerySet:
        """Leave out what was done on these subjects: by kind, their ids."""
        found = self
        for kind, ids in hidden.items():
            found = found.exclude(subject_kind=kind, subject_id__in=ids)
        return found


class Entry(models.Model):
    """One act. `data` names the fields that changed; it never holds a value of health or income.

    `on_behalf`: an agent did it in the name of `family_id`; what it did meanwhile for itself is not so.
    """

    at = models.DateTimeField(_("date"), db_index=True)
    actor_user_id = models.BigIntegerField(_("compte"), null=True, blank=True)
    actor_label = models.CharField(_("auteur"), max_length=200, blank=True)
    on_behalf = models.BooleanField(_("au nom de la famille"), default=False)
    verb = models.CharField(_("acte"), max_length=60)
    subject_kind = models.CharField(_("nature de l’objet"), max_length=40)
    subject_id = models.BigIntegerField(_("numéro de l’objet"), null=True, blank=True)
    subject_label = models.CharField(_("objet"), max_length=200, blank=True)
    family_id = models.BigIntegerField(_("dossier famille"), null=True, blank=True)
    data = models.JSONField(_("détails"), default=dict, blank=True)
    address = models.GenericIPAddressField(_("adresse réseau"), null=True, blank=True)
    device = models.CharField(_("appareil"), max_length=100, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("acte")
        verbose_name_plural = _("historique")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["family_id", "-at", "-id"], name="journal_family"),
            models.Index(fields=["actor_user_id", "-at", "-id"], name="journal_actor"),
            models.Index(fields=["subject_kind", "subject_id", "-at"], name="journal_subject"),
            models.Index(
                fields=["subject_id"], condition=models.Q(verb=POST_TAKEN), name="journal_posts_taken"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.verb}"


class ChainLink(models.Model):
    """One link of the chain: what a batch holds, once it is sealed and each time that entries were deleted.

    `batch` is the number of the link that sealed it, of which entries are those from `first_id` to `last_id`;
    `count` and `content` tell those that are left, `taken` how many went, `before` until when by age.
    `intact` is False where the batch was no more as it had been sealed. `proof` holds the digest sealed by a
    key that the database has not; none where there was no key.
    """

    number = models.PositiveBigIntegerField(_("numéro"), unique=True)
    kind = models.CharField(
        _("nature"),
        max_length=10,
        choices=[
            (LinkKind.BATCH.value, _("lot scellé")),
            (LinkKind.PURGE.value, _("purge")),
            (LinkKind.ACCEPTED.value, _("écart accepté")),
        ],
    )
    batch = models.PositiveBigIntegerField(_("lot"))
    first_id = models.BigIntegerField(_("premier acte"))
    last_id = models.BigIntegerField(_("dernier acte"))
    count = models.PositiveIntegerField(_("actes"))
    taken = models.PositiveIntegerField(_("actes supprimés"), default=0)
    content = models.CharField(_("empreinte des actes"), max_length=64)
    intact = models.BooleanField(_("conforme"), default=True)
    before = models.DateTimeField(_("purgé jusqu’au"), null=True, blank=True)
    at = models.DateTimeField(_("date"))
    digest = models.CharField(_("empreinte"), max_length=64)
    proof = SealedField(_("preuve"), null=True, blank=True)

    class Meta:
        verbose_name = _("maillon du journal")
        verbose_name_plural = _("maillons du journal")
        ordering = ["number"]
        indexes = [
            models.Index(fields=["batch", "number"], name="chain_link_batch"),
            models.Index(
                fields=["last_id"], condition=models.Q(kind=LinkKind.BATCH.value), name="chain_link_last"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class ChainWalk(models.Model):
    """The walk of a night along the chain: `reached` is the last link looked at, `flaws` how many are wrong
    (or their batch), `first_flaw` which one first, and why. One row."""

    began_at = models.DateTimeField(_("commencé le"))
    reached = models.PositiveBigIntegerField(_("maillon atteint"), default=0)
    ended_at = models.DateTimeField(_("terminé le"), null=True, blank=True)
    flaws = models.PositiveIntegerField(_("défauts"), default=0)
    first_flaw = models.JSONField(_("premier défaut"), null=True, blank=True)

    class Meta:
        verbose_name = _("parcours du journal")
        verbose_name_plural = _("parcours du journal")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"
