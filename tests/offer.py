"""What a scenario offers: activities, groups, slots, gauges, openings, rules. Rows straight to the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from typing import Any

from marelle.activities.absences import AbsenceRule, Delay, Unit
from marelle.activities.catalogue import definition_changed
from marelle.activities.generation import half_hours
from marelle.activities.kinds import Qualification
from marelle.activities.models import AbsenceRule as AbsenceRuleRow
from marelle.activities.models import (
    Activity,
    AgeGroup,
    BookingRule,
    Bundle,
    Gauge,
    GaugeLevel,
    Opening,
    Quota,
    Slot,
    SlotGauge,
    StaffMember,
)
from marelle.activities.rules import Limit, LimitKind, Wave
from marelle.activities.services.absence_rules import delays_write
from marelle.activities.services.booking_rules import waves_write
from marelle.core.clock import instant_at, local
from marelle.core.kept import kept_changed
from marelle.places.models import Calendar, Structure
from marelle.pricing import tariffs as pure
from marelle.pricing.amounts import Amount
from marelle.pricing.models import Tariff
from marelle.pricing.tariffs import Sets
from marelle.pricing.writing import tariff_write

LONG_AGO = date(2020, 1, 1)
FIRST_DAY, LAST_DAY = date(2026, 9, 1), date(2027, 8, 31)

THE_DAY_BEFORE_AT_NOON = Limit(LimitKind.DAYS_BEFORE, n=1, time=time(12))


class Offer:
    """The half of `tests.scenario.Scenario` that knows no home."""

    def activity(
        self,
        name: str = "Mercredis",
        *,
        kind: str = "wednesday",
        structure: Structure | None = None,
        calendar: Calendar | None = None,
        years: tuple[int, int] = (3, 12),
        first_day: date = FIRST_DAY,
        last_day: date = LAST_DAY,
        **fields: Any,
    ) -> Activity:
        """`years` are both included; `fields` are those of the model (`booking_mode`, `age_day`…)."""
        first, last = years
        return Activity.objects.create(
            **{
                "structure": structure or self.the_structure,
                "calendar": calendar or self.the_calendar,
                "name": name,
                "kind": kind,
                "first_day": first_day,
                "last_day": last_day,
                "min_age_months": first * 12,
                "max_age_months": last * 12 + 11,
                "enrolment_mode": "asked",
                "booking_mode": "parent",
                **fields,
            }
        )

    def group(self, activity: Activity, name: str, years: tuple[int, int]) -> AgeGroup:
        first, last = years
        return AgeGroup.objects.create(
            activity=activity, name=name, min_age_months=first * 12, max_age_months=last * 12 + 11
        )

    def slot(
        self,
        activity: Activity,
        name: str = "Matin",
        starts: str = "08:00",
        ends: str = "12:00",
        *,
        weekdays: Sequence[int] = (2,),
        capacity: int | None = None,
        gauges: Iterable[Gauge] = (),
        **fields: Any,
    ) -> Slot:
        """Draws on `gauges`, for every group; `capacity` makes one of its own (by half-hour if `by_hour`)."""
        slot = Slot.objects.create(
            **{
                "activity": activity,
                "name": name,
                "starts": time.fromisoformat(starts),
                "ends": time.fromisoformat(ends),
                "weekdays": list(weekdays),
                "order": next(self._numbers),
                **fields,
            }
        )
        for gauge in gauges:
            self.draws(slot, gauge)
        if capacity is not None:
            unit = Gauge.Unit.HALF_HOUR if slot.by_hour else Gauge.Unit.DAY
            self.draws(slot, self.gauge(f"{activity} · {name}", capacity, unit, activity.structure))
        return slot

    def gauge(
        self,
        name: str,
        capacity: int,
        unit: str = Gauge.Unit.DAY,
        structure: Structure | None = None,
        *,
        since: date = LONG_AGO,
    ) -> Gauge:
        gauge = Gauge.objects.create(structure=structure or self.the_structure, name=name, unit=unit)
        GaugeLevel.objects.create(gauge=gauge, since=since, capacity=capacity)
        return gauge

    def worker(
        self,
        first_name: str,
        last_name: str = "Roussel",
        qualification: str = Qualification.LEADS,
        *,
        days: tuple[date, date] = (date(2026, 9, 1), date(2027, 8, 31)),
        structure: Structure | None = None,
    ) -> StaffMember:
        """Somebody of the register of the staff."""
        return StaffMember.objects.create(
            structure=structure or self.the_structure,
            first_name=first_name,
            last_name=last_name,
            qualification=qualification,
            first_day=days[0],
            last_day=days[1],
        )

    def draws(self, slot: Slot, gauge: Gauge, group: AgeGroup | None = None) -> None:
        SlotGauge.objects.create(slot=slot, gauge=gauge, group=group)

    def bundle(self, activity: Activity, name: str, openings: Iterable[Opening]) -> Bundle:
        bundle = Bundle.objects.create(activity=activity, name=name)
        Opening.objects.filter(pk__in=[opening.pk for opening in openings]).update(bundle=bundle)
        return bundle

    def opening(self, slot: Slot, day: date, *, group: AgeGroup | None = None, **fields: Any) -> Opening:
        """The slot on a day, with the quotas of every gauge that it draws on."""
        opening = Opening.objects.create(
            **{
                "activity_id": slot.activity_id,
                "slot": slot,
                "group": group,
                "day": day,
                "starts_at": instant_at(day, slot.starts),
                "ends_at": instant_at(day, slot.ends),
                **fields,
            }
        )
        draws = SlotGauge.objects.filter(slot=slot).select_related("gauge")
        opening.quotas.set(
            quota
            for draw in draws
            if draw.group_id in {None, opening.group_id}
            for quota in self.quotas(draw.gauge, opening)
        )
        return opening

    def openings(
        self, activity: Activity, first_day: date, last_day: date | None = None, group: AgeGroup | None = None
    ) -> list[Opening]:
        """Every slot on each of its weekdays from `first_day` to `last_day`; holidays are not looked at."""
        slots = list(Slot.objects.filter(activity=activity))
        span = range(((last_day or first_day) - first_day).days + 1)
        days = [first_day + timedelta(days=offset) for offset in span]
        return [
            self.opening(slot, day, group=group)
            for day in days
            for slot in slots
            if day.weekday() in slot.weekdays
        ]

    def tariff(self, *slots: Slot, amount: Amount, since: date = FIRST_DAY, **fields: Any) -> Tariff:
        """What these slots cost together, to all."""
        what = Sets((frozenset(slot.pk for slot in slots),), fields.pop("started", None))
        row = pure.Tariff(0, fields.pop("name", "Tarif"), since, None, what, amount, **fields)
        written = tariff_write(slots[0].activity.structure.authority_id, row)
        kept_changed()
        return written

    def quotas(self, gauge: Gauge, opening: Opening) -> list[Quota]:
        level = gauge.levels.filter(since__lte=opening.day).order_by("-since").first()
        assert level is not None
        hours = half_hours(local(opening.starts_at).time(), local(opening.ends_at).time())
        parts = hours if gauge.unit == Gauge.Unit.HALF_HOUR else (Quota.WHOLE_DAY,)
        return [
            Quota.objects.get_or_create(
                gauge=gauge, day=opening.day, part=part, defaults={"capacity": level.capacity}
            )[0]
            for part in parts
        ]

    def rule(
        self,
        activity: Activity,
        *,
        book: Limit = THE_DAY_BEFORE_AT_NOON,
        cancel: Limit | None = None,
        slot: Slot | None = None,
        since: date = LONG_AGO,
        waves: Iterable[Wave] = (),
        **fields: Any,
    ) -> BookingRule:
        """Until when one may book and cancel; the same limit for both unless `cancel` is given.

        `absence_proof_hours`: a proof of absence then counts so long after the start.
        """
        if (hours := fields.pop("absence_proof_hours", None)) is not None:
            proofs = (Delay(hours, Unit.HOURS),)
            self.absence_rule(activity, AbsenceRule(since, None, proofs=proofs), slot=slot)
        row = BookingRule(activity=activity, slot=slot, since=since, **fields)
        row.set_limits(book=book, cancel=cancel or book)
        row.save()
        waves_write(row, waves)
        return row

    def absence_rule(
        self, activity: Activity, rule: AbsenceRule, *, slot: Slot | None = None
    ) -> AbsenceRuleRow:
        """What an absence is, from the first day that `rule` says."""
        row = AbsenceRuleRow(activity=activity, slot=slot, since=rule.since, weekdays=sorted(rule.weekdays))
        row.set_rule(rule)
        row.save()
        delays_write(row, rule.proofs)
        definition_changed(Activity.objects.filter(pk=activity.pk))
        activity.refresh_from_db(fields=["revision"])
        return row
