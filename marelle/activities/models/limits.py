"""Until when one may book and cancel."""

from __future__ import annotations

from dataclasses import fields

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.models.offer import Activity, Slot
from marelle.activities.rules import After, Anchor, Counting, Judged, Limit, LimitKind, OffDay, Rule, Wave
from marelle.places.models import Commune, School


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


class BookingRuleQuerySet(models.QuerySet["BookingRule"]):
    def with_waves(self) -> BookingRuleQuerySet:
        return self.prefetch_related("waves__communes", "waves__schools")


class BookingRule(LimitColumns):
    """Until when one may book and cancel the openings of an activity whose day is within the row's dates.

    A row of a `slot` counts before a row of the whole activity; then one that ends (before the activity
    does), one of some `weekdays`, one of all days; among several, the one that began last.
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
    after = models.CharField(
        _("passé le délai"), max_length=10, choices=[(a.value, a.value) for a in After], default=After.REFUSE
    )

    objects = BookingRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("délai de réservation")
        verbose_name_plural = _("délais de réservation")
        ordering = ("activity", "since", "pk")

    def __str__(self) -> str:
        return f"{self.activity} · {self.since}"

    def as_rule(self) -> Rule:
        """The pure rule that this row and its waves hold; `with_waves` reads those of many at once."""
        return Rule(
            since=self.since,
            until=self.until,
            book=self.limit("book"),
            cancel=self.limit("cancel"),
            waves=tuple(wave.as_wave() for wave in self.waves.all()),
            after=After(self.after),
            weekdays=frozenset(self.weekdays),
        )


class BookingWave(models.Model):
    """From when bookings of a rule's days open to an audience. `kind` empty: always. See `rules.Limit`."""

    rule = models.ForeignKey(BookingRule, on_delete=models.CASCADE, related_name="waves")
    audience = models.CharField(
        _("pour qui"),
        max_length=12,
        choices=[(a.value, a.value) for a in AudienceKind if a is not AudienceKind.NAMED],
    )
    communes = models.ManyToManyField(Commune, related_name="+", blank=True)
    schools = models.ManyToManyField(School, related_name="+", blank=True)
    judged = models.CharField(
        max_length=5, choices=[(j.value, j.value) for j in Judged], default=Judged.ON_THE_DAY
    )
    kind = models.CharField(
        _("ouvre"), max_length=20, blank=True, choices=[(k.value, k.value) for k in LimitKind]
    )
    n = models.PositiveSmallIntegerField(default=0)
    weekday = models.PositiveSmallIntegerField(null=True, blank=True)
    time = models.TimeField(null=True, blank=True)
    counting = models.CharField(
        max_length=10, choices=[(c.value, c.value) for c in Counting], default=Counting.CALENDAR
    )
    at = models.DateTimeField(null=True, blank=True)
    anchor = models.CharField(max_length=10, choices=[(a.value, a.value) for a in Anchor], default=Anchor.DAY)
    off_day = models.CharField(
        max_length=10, choices=[(o.value, o.value) for o in OffDay], default=OffDay.KEPT
    )

    class Meta:
        verbose_name = _("vague d’ouverture")
        verbose_name_plural = _("vagues d’ouverture")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.rule} · {self.audience}"

    def as_wave(self) -> Wave:
        """The pure wave that this row holds."""
        named = {AudienceKind.COMMUNES: self.communes, AudienceKind.SCHOOLS: self.schools}
        kind = AudienceKind(self.audience)
        rows = named[kind].all() if kind in named else ()
        return Wave(self._opens(), Audience(kind, frozenset(row.pk for row in rows)), Judged(self.judged))

    def set_opens(self, opens: Limit | None) -> None:
        """Write when it opens into the columns (the row is not saved)."""
        self.kind = ""
        if opens is not None:
            for name in OPENING_COLUMNS:
                setattr(self, name, getattr(opens, name))

    def _opens(self) -> Limit | None:
        if not self.kind:
            return None
        return Limit(
            LimitKind(self.kind),
            n=self.n,
            weekday=self.weekday,
            time=self.time,
            counting=Counting(self.counting),
            at=self.at,
            anchor=Anchor(self.anchor),
            off_day=OffDay(self.off_day),
        )


OPENING_COLUMNS = ("kind", "n", "weekday", "time", "counting", "at", "anchor", "off_day")
"""The fields of a limit that an opening has: all but "avant"."""
