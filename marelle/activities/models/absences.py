"""What an absence is: told in time or not, until when a proof counts, which days stay due."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.absences import AbsenceRule as Rule
from marelle.activities.absences import Delay, Origin, Unit, Within
from marelle.activities.models.offer import Activity, Slot
from marelle.activities.rules import Counting, Limit, LimitKind

TOLD_KINDS = (LimitKind.DAYS_BEFORE, LimitKind.HOURS_BEFORE, LimitKind.START)


class AbsenceRuleQuerySet(models.QuerySet["AbsenceRule"]):
    def with_delays(self) -> AbsenceRuleQuerySet:
        return self.prefetch_related("delays")


class AbsenceRule(models.Model):
    """What an absence is on the days within the row's dates; rows follow each other as those of bookings do.

    `told_kind` empty: told in time until the start. See `absences.AbsenceRule` and `rules.Limit`.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="absence_rules")
    slot = models.ForeignKey(
        Slot, on_delete=models.CASCADE, null=True, blank=True, related_name="absence_rules"
    )
    since = models.DateField(_("pour les jours depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    weekdays = models.JSONField(
        _("jours de la semaine"),
        default=list,
        blank=True,
        help_text=_("vide\u00a0: tous\u00a0; 0 pour lundi"),
    )
    told_kind = models.CharField(
        _("prévenir jusqu’à"), max_length=20, blank=True, choices=[(k.value, k.value) for k in TOLD_KINDS]
    )
    told_n = models.PositiveSmallIntegerField(default=0)
    told_counting = models.CharField(
        max_length=10, choices=[(c.value, c.value) for c in Counting], default=Counting.CALENDAR
    )
    told_time = models.TimeField(null=True, blank=True)
    told_strict = models.BooleanField(default=False)
    waiting_days = models.PositiveSmallIntegerField(_("jours de carence"), default=0)
    waiting_opened = models.BooleanField(_("carence en jours d’ouverture"), default=False)
    unannounced = models.PositiveSmallIntegerField(_("absences sans prévenir"), null=True, blank=True)
    within = models.CharField(
        _("comptées sur"), max_length=10, choices=[(w.value, w.value) for w in Within], default=Within.MONTH
    )
    suspends = models.BooleanField(_("l’agent peut suspendre"), default=False)

    objects = AbsenceRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("règle d’absence")
        verbose_name_plural = _("règles d’absence")
        ordering = ("activity", "since", "pk")

    def __str__(self) -> str:
        return f"{self.activity} · {self.since}"

    def as_rule(self) -> Rule:
        """The pure rule that this row and its delays hold; `with_delays` reads those of many at once."""
        return Rule(
            since=self.since,
            until=self.until,
            told=self._told(),
            proofs=tuple(row.as_delay() for row in self.delays.all()),
            waiting_days=self.waiting_days,
            waiting_opened=self.waiting_opened,
            unannounced=self.unannounced,
            within=Within(self.within),
            suspends=self.suspends,
            weekdays=frozenset(self.weekdays),
        )

    def set_rule(self, rule: Rule) -> None:
        """Write all but its delays into the columns (the row is not saved)."""
        for name in ("until", "waiting_days", "waiting_opened", "unannounced", "within", "suspends"):
            setattr(self, name, getattr(rule, name))
        self.told_kind = rule.told.kind.value if rule.told else ""
        told = rule.told or Limit(LimitKind.START)
        for name in ("n", "counting", "time", "strict"):
            setattr(self, f"told_{name}", getattr(told, name))

    def _told(self) -> Limit | None:
        if not self.told_kind:
            return None
        return Limit(
            LimitKind(self.told_kind),
            n=self.told_n,
            time=self.told_time,
            counting=Counting(self.told_counting),
            strict=self.told_strict,
        )


class ProofDelay(models.Model):
    """Until when a proof counts for something, the shortest first; see `absences.Delay`."""

    rule = models.ForeignKey(AbsenceRule, on_delete=models.CASCADE, related_name="delays")
    n = models.PositiveSmallIntegerField(_("combien"))
    unit = models.CharField(_("de quoi"), max_length=10, choices=[(u.value, u.value) for u in Unit])
    origin = models.CharField(
        _("à compter de"), max_length=10, choices=[(o.value, o.value) for o in Origin], default=Origin.START
    )

    class Meta:
        verbose_name = _("délai de justificatif")
        verbose_name_plural = _("délais de justificatif")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.rule} · {self.n} {self.unit}"

    def as_delay(self) -> Delay:
        return Delay(self.n, Unit(self.unit), Origin(self.origin))
