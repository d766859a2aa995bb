"""Until when one may book and cancel."""

from __future__ import annotations

from dataclasses import fields

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.models.offer import Activity, Slot
from marelle.activities.rules import After, Anchor, Counting, Limit, LimitKind, OffDay, Rule


class LimitColumns(models.Model):
    """Two limits, to book and to cancel, as columns that a screen can edit. See `rules.Limit` for units."""

    book_kind = models.CharField(
        _("réserver jusqu’à"), max_length=20, choices=[(k.value, k.value) for k in LimitKind]
    )
    book_n = models.PositiveSmallIntegerField(default=0)
    book_weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    book_time = models.TimeField(null=True, blank=True)
    book_counting = models.CharField(
        max_length=10, choices=[(c.value, c.value) for c in Counting], default=Counting.CALENDAR
    )
    book_at = models.DateTimeField(null=True, blank=True)
    book_anchor = models.CharField(
        max_length=10, choices=[(a.value, a.value) for a in Anchor], default=Anchor.DAY
    )
    book_off_day = models.CharField(
        max_length=10,
        choices=[(o.value, o.value) for o in OffDay],
        default=OffDay.KEPT,
    )
    book_strict = models.BooleanField(default=False)
    cancel_kind = models.CharField(
        _("annuler jusqu’à"), max_length=20, choices=[(k.value, k.value) for k in LimitKind]
    )
    cancel_n = models.PositiveSmallIntegerField(default=0)
    cancel_weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    cancel_time = models.TimeField(null=True, blank=True)
    cancel_counting = models.CharField(
        max_length=10, choices=[(c.value, c.value) for c in Counting], default=Counting.CALENDAR
    )
    cancel_at = models.DateTimeField(null=True, blank=True)
    cancel_anchor = models.CharField(
        max_length=10, choices=[(a.value, a.value) for a in Anchor], default=Anchor.DAY
    )
    cancel_off_day = models.CharField(
        max_length=10,
        choices=[(o.value, o.value) for o in OffDay],
        default=OffDay.KEPT,
    )
    cancel_strict = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def set_limits(self, *, book: Limit, cancel: Limit) -> None:
        """Write both limits into the columns (the row is not saved)."""
        for prefix, limit in (("book", book), ("cancel", cancel)):
            for one in fields(limit):
                setattr(self, f"{prefix}_{one.name}", getattr(limit, one.name))

    def limit(self, prefix: str) -> Limit:
        """The limit held by the columns of `prefix`, "book" or "cancel"."""
        return Limit(
            kind=LimitKind(getattr(self, f"{prefix}_kind")),
            n=getattr(self, f"{prefix}_n"),
            weekday=getattr(self, f"{prefix}_weekday"),
            time=getattr(self, f"{prefix}_time"),
            counting=Counting(getattr(self, f"{prefix}_counting")),
            at=getattr(self, f"{prefix}_at"),
            anchor=Anchor(getattr(self, f"{prefix}_anchor")),
            off_day=OffDay(getattr(self, f"{prefix}_off_day")),
            strict=getattr(self, f"{prefix}_strict"),
        )


class BookingRule(LimitColumns):
    """Until when one may book and cancel the openings of an activity whose day is within the row's dates.

    A row of a `slot` counts before a row of the whole activity, one of some `weekdays` before one of all
    days; among several, the one that began last.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="booking_rules")
    slot = models.ForeignKey(
        Slot, on_delete=models.CASCADE, null=True, blank=True, related_name="booking_rules"
    )
    since = models.DateField(_("pour les jours depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    weekdays = models.JSONField(
        _("jours de la semaine"),
        default=list,
        blank=True,
        help_text=_("vide : tous ; 0 pour lundi"),
    )
    opens_residents_at = models.DateTimeField(_("ouvre aux habitants le"), null=True, blank=True)
    opens_others_at = models.DateTimeField(_("ouvre aux autres le"), null=True, blank=True)
    after = models.CharField(
        _("passé le délai"), max_length=10, choices=[(a.value, a.value) for a in After], default=After.REFUSE
    )
    absence_proof_hours = models.PositiveSmallIntegerField(
        _("justificatif d’absence, en heures après le début"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("délai de réservation")
        verbose_name_plural = _("délais de réservation")
        ordering = ("activity", "since", "pk")

    def __str__(self) -> str:
        return f"{self.activity} · {self.since}"

    def as_rule(self) -> Rule:
        """The pure rule that this row holds."""
        return Rule(
            since=self.since,
            until=self.until,
            book=self.limit("book"),
            cancel=self.limit("cancel"),
            opens_residents_at=self.opens_residents_at,
            opens_others_at=self.opens_others_at,
            after=After(self.after),
            absence_proof_hours=self.absence_proof_hours,
            weekdays=frozenset(self.weekdays),
        )
