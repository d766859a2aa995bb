"""How much may be booked."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.bounds import Bound, BoundKind, Each, Then, Unit, Whose
from marelle.activities.models.offer import Activity, Slot

KINDS = {
    BoundKind.MOST: _("au plus : un plafond"),
    BoundKind.LEAST: _("au moins, dès que l’on vient : un minimum"),
    BoundKind.RUN: _("des jours qui se suivent seulement"),
}
THENS = {
    Then.TOLD: _("le signaler à la structure"),
    Then.CANCELLED: _("annuler ce qui est réservé, avec un courriel à la famille"),
}
UNITS = {Unit.SLOTS: _("créneaux"), Unit.DAYS: _("jours")}
SPANS = {
    Each.WEEK: _("par semaine, du lundi au dimanche"),
    Each.MONTH: _("par mois"),
    Each.PERIOD: _("par période : des vacances, ou les semaines d’école entre deux"),
}
OWNERS = {Whose.CHILD: _("pour chaque enfant"), Whose.HOME: _("pour tout le foyer")}


class BookingBound(models.Model):
    """At most, or at least, so much in each span, or days that follow each other, of the openings whose day
    is within the row's dates; see `bounds.Bound`.

    All the rows of an activity count, each by itself. `then` is for a least. `set_at`: what nobody could obey
    since it was written is not judged.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="bounds")
    kind = models.CharField(
        _("règle"),
        max_length=10,
        choices=[(k.value, text) for k, text in KINDS.items()],
        default=BoundKind.MOST.value,
    )
    n = models.PositiveSmallIntegerField(_("combien"))
    unit = models.CharField(
        _("compté en"),
        max_length=10,
        choices=[(u.value, text) for u, text in UNITS.items()],
        default=Unit.DAYS.value,
    )
    each = models.CharField(
        _("chaque"),
        max_length=10,
        choices=[(e.value, text) for e, text in SPANS.items()],
        default=Each.WEEK.value,
    )
    whose = models.CharField(
        _("pour qui"),
        max_length=10,
        choices=[(w.value, text) for w, text in OWNERS.items()],
        default=Whose.CHILD.value,
    )
    slots = models.ManyToManyField(
        Slot, related_name="bounds", blank=True, verbose_name=_("créneaux comptés")
    )
    since = models.DateField(_("pour les jours depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    then = models.CharField(
        _("si le minimum n’est pas atteint au délai"),
        max_length=10,
        choices=[(t.value, text) for t, text in THENS.items()],
        default=Then.TOLD.value,
    )
    set_at = models.DateTimeField(_("réglé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("plafond de réservation")
        verbose_name_plural = _("plafonds de réservation")
        ordering = ("activity", "since", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(n__gte=1),
                name="bound_of_one_or_more",
                violation_error_message=_("Donnez au moins 1."),
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")),
                name="bound_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} · {self.n} {self.get_unit_display()} {self.get_each_display()}"

    def as_bound(self) -> Bound:
        """The pure rule that this row holds."""
        return Bound(
            id=self.pk,
            kind=BoundKind(self.kind),
            n=self.n,
            unit=Unit(self.unit),
            each=Each(self.each),
            whose=Whose(self.whose),
            since=self.since,
            until=self.until,
            slots=frozenset(slot.pk for slot in self.slots.all()),
            then=Then(self.then),
        )


class SpanJudged(models.Model):
    """A span in which a least was judged, once nothing more could be booked: it is judged once."""

    bound = models.ForeignKey(BookingBound, on_delete=models.CASCADE, related_name="judged")
    first_day = models.DateField(_("du"))
    last_day = models.DateField(_("au"))
    judged_at = models.DateTimeField(_("jugé le"))

    class Meta:
        verbose_name = _("minimum jugé")
        verbose_name_plural = _("minimums jugés")
        constraints = [models.UniqueConstraint(fields=("bound", "first_day"), name="span_judged_once")]

    def __str__(self) -> str:
        return f"{self.bound} · {self.first_day}"
