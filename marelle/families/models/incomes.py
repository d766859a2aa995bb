"""What homes said or showed of their incomes: sealed, so that the database alone tells none."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.core.sealed import Sealed, SealedField, opened, seal
from marelle.families.incomes.rules import IncomeKind, IncomeStatus, Told
from marelle.families.models.file import ChangeRequest
from marelle.families.models.homes import Family
from marelle.places.models import Authority

SOURCE_LENGTH = 80


class Income(models.Model):
    """One fact of a home that prices stand on, from a date; the last row of its kind that has begun holds,
    until its last day where it has one.

    `authority`: of that one alone, where two of a portal differ. `status` and `amount` are sealed: a status
    says as much as an amount. `amount` is text: "734.00", "3"; "" where the status says none.
    """

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="incomes")
    authority = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incomes",
        verbose_name=_("pour la collectivité"),
    )
    kind = models.CharField(_("nature"), max_length=10, choices=IncomeKind)
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    status = SealedField(_("connu comme"))
    amount = SealedField(_("montant ou nombre"))
    source = models.CharField(_("justifié par"), max_length=SOURCE_LENGTH)

    class Meta:
        verbose_name = _("revenu")
        verbose_name_plural = _("revenus et enfants à charge")
        ordering = ("-since", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("family", "kind", "since"),
                condition=models.Q(authority__isnull=True),
                name="income_once_a_day",
            ),
            models.UniqueConstraint(
                fields=("family", "authority", "kind", "since"),
                condition=models.Q(authority__isnull=False),
                name="income_once_a_day_for_one",
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="income_ends_after_it_begins",
                violation_error_message=_("Le dernier jour vient après le premier."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.since})"

    @property
    def told(self) -> Told:
        """Raises CannotOpen."""
        return told_of(self.status, self.amount)


def told_of(status: Sealed, amount: Sealed) -> Told:
    """Raises CannotOpen."""
    text = opened(amount)
    return Told(IncomeStatus(opened(status)), Decimal(text) if text else None)


def sealed_of(told: Told) -> dict[str, Sealed]:
    """The two columns that hold it. Raises CannotSeal."""
    text = "" if told.amount is None else str(told.amount)
    return {"status": seal(told.status.value), "amount": seal(text)}


class ProposedIncome(models.Model):
    """The quotient that a home proposes, beside the one it saw: written nowhere else, gone once decided.

    It outlives its decision by the minute in which that is undone; then `written_since` is the day from which
    the accepted one counts, and what is `former` the row that this day had before.
    """

    change = models.OneToOneField(ChangeRequest, on_delete=models.CASCADE, related_name="income")
    amount = SealedField(_("quotient familial"))
    since = models.DateField(_("depuis le"))
    seen = SealedField(_("quotient connu alors"), null=True)
    seen_since = models.DateField(_("connu depuis le"), null=True)
    written_since = models.DateField(_("compte depuis le"), null=True, blank=True)
    former_amount = SealedField(_("quotient remplacé"), null=True, blank=True)
    former_status = SealedField(_("connu alors comme"), null=True, blank=True)
    former_source = models.CharField(_("quotient remplacé justifié par"), max_length=80, blank=True)
    former_until = models.DateField(_("quotient remplacé, jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("quotient proposé")
        verbose_name_plural = _("quotients proposés")

    def __str__(self) -> str:
        return f"{self.change_id} ({self.since})"


class IncomeImport(models.Model):
    """A spreadsheet of incomes that was read and waits to be confirmed: its lines are sealed from then on,
    and gone once it is done, or a day later. The file itself is kept nowhere."""

    class State(models.TextChoices):
        PREPARED = "prepared", _("à vérifier")
        DONE = "done", _("terminé")

    file_name = models.CharField(_("fichier"), max_length=120)
    lines = SealedField(_("lignes"), null=True, blank=True)
    authority = models.ForeignKey(
        Authority, on_delete=models.CASCADE, null=True, blank=True, related_name="income_imports"
    )
    status = models.CharField(_("connu comme"), max_length=10, choices=IncomeStatus)
    since = models.DateField(_("depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    source = models.CharField(_("justifié par"), max_length=SOURCE_LENGTH)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PREPARED)
    counts = models.JSONField(_("décompte"), default=dict, blank=True)
    prepared_at = models.DateTimeField(_("lu le"))
    prepared_by = models.CharField(_("lu par"), max_length=200)
    account_id = models.BigIntegerField(_("compte"), null=True, blank=True)
    done_at = models.DateTimeField(_("terminé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("import de revenus")
        verbose_name_plural = _("imports de revenus")
        ordering = ("-prepared_at", "-pk")

    def __str__(self) -> str:
        return f"{self.file_name} ({self.prepared_at:%Y-%m-%d})"
