"""Places kept for some."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.kept import Kept
from marelle.activities.models.gauges import Gauge, Quota
from marelle.activities.models.offer import Activity
from marelle.activities.rules import Counting, Limit, LimitKind
from marelle.places.models import Commune, School

AUDIENCES = {
    AudienceKind.NAMED: _("des enfants que vous désignez : suivi social, handicap…"),
    AudienceKind.RESIDENTS: _("les familles de vos communes"),
    AudienceKind.AGREEMENT: _("les familles des communes avec convention"),
    AudienceKind.COMMUNES: _("les familles de certaines communes"),
    AudienceKind.RETURNING: _("les enfants venus l’an dernier"),
    AudienceKind.SIBLINGS: _("les frères et sœurs d’enfants inscrits"),
    AudienceKind.SCHOOLS: _("les enfants de certaines écoles"),
    AudienceKind.STAFF: _("les enfants du personnel"),
}
"""All but everybody."""

COUNTINGS = {
    Counting.CALENDAR: _("jours"),
    Counting.CLEAR: _("jours francs"),
    Counting.WORKING: _("jours ouvrés"),
    Counting.SCHOOL: _("jours d’école"),
}


class KeptPlaces(models.Model):
    """So many places of a gauge, on the days within the row's dates, for those of an audience who book an
    activity; see `kept.Kept`.

    They are kept until `release_n` days before at `release_time`, or until `release_at` for all the days.
    `name` is for agents alone: it may tell of whom a family would not have it told.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="kept_places")
    gauge = models.ForeignKey(
        Gauge, on_delete=models.PROTECT, related_name="kept_places", verbose_name=_("jauge")
    )
    name = models.CharField(_("nom"), max_length=80)
    places = models.PositiveSmallIntegerField(_("places"))
    audience = models.CharField(
        _("pour qui"), max_length=12, choices=[(kind.value, text) for kind, text in AUDIENCES.items()]
    )
    communes = models.ManyToManyField(Commune, related_name="+", blank=True, verbose_name=_("ces communes"))
    schools = models.ManyToManyField(School, related_name="+", blank=True, verbose_name=_("ces écoles"))
    since = models.DateField(_("pour les jours depuis le"))
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    release_n = models.PositiveSmallIntegerField(_("gardées jusqu’à"), default=1)
    release_counting = models.CharField(
        _("comptés en"),
        max_length=10,
        choices=[(kind.value, text) for kind, text in COUNTINGS.items()],
        default=Counting.CALENDAR.value,
    )
    release_time = models.TimeField(_("heure"), null=True, blank=True)
    release_at = models.DateTimeField(_("instant"), null=True, blank=True)

    class Meta:
        verbose_name = _("places gardées")
        verbose_name_plural = _("places gardées")
        ordering = ("activity", "since", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(places__gte=1),
                name="kept_places_one_or_more",
                violation_error_message=_("Donnez au moins 1."),
            ),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")),
                name="kept_places_in_order",
                violation_error_message=_("La fin vient avant le début."),
            ),
            models.CheckConstraint(
                condition=models.Q(release_at=None) ^ models.Q(release_time=None),
                name="kept_places_one_release",
                violation_error_message=_("Dites jusqu’à quelle heure, ou jusqu’à quel instant."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity} · {self.name}"

    def as_kept(self) -> Kept:
        """The pure rule that this row holds."""
        kind = AudienceKind(self.audience)
        named = self._named(kind)
        return Kept(
            id=self.pk,
            gauge_id=self.gauge_id,
            places=self.places,
            audience=Audience(kind, frozenset({self.pk} if kind is AudienceKind.NAMED else named)),
            release=self._release(),
            since=self.since,
            until=self.until,
            whom=tuple(sorted(named.values())),
        )

    def _named(self, kind: AudienceKind) -> dict[int, str]:
        """The communes or the schools of the audience."""
        if kind is AudienceKind.COMMUNES:
            return {row.pk: row.name for row in self.communes.all()}
        if kind is AudienceKind.SCHOOLS:
            return {row.pk: row.name for row in self.schools.all()}
        return {}

    def _release(self) -> Limit:
        if self.release_at is not None:
            return Limit(LimitKind.FIXED, at=self.release_at)
        return Limit(
            LimitKind.DAYS_BEFORE,
            n=self.release_n,
            time=self.release_time,
            counting=Counting(self.release_counting),
        )


class KeptQuota(models.Model):
    """Places of a quota that are kept still: `taken` of `places` by children who count for them, each once,
    even where they are more. Gone once `until` has passed: they are places like any other."""

    kept = models.ForeignKey(KeptPlaces, on_delete=models.CASCADE, related_name="quotas")
    quota = models.ForeignKey(Quota, on_delete=models.CASCADE, related_name="kept_parts")
    places = models.PositiveSmallIntegerField(_("places"))
    taken = models.PositiveSmallIntegerField(_("prises"), default=0)
    until = models.DateTimeField(_("gardées jusqu’à"), db_index=True)

    class Meta:
        verbose_name = _("places gardées d’un jour")
        verbose_name_plural = _("places gardées par jour")
        constraints = [models.UniqueConstraint(fields=("quota", "kept"), name="kept_quota_once")]

    def __str__(self) -> str:
        return f"{self.kept} · {self.quota}"
