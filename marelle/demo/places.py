"""Writes the places of a plan: authorities, communes, schools, structures, activities and their rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from marelle.activities.bounds import Each
from marelle.activities.models import (
    AbsenceRule,
    Activity,
    AgeGroup,
    BookingBound,
    BookingCondition,
    BookingRule,
    Gauge,
    GaugeLevel,
    Slot,
    SlotGauge,
)
from marelle.activities.services.absence_rules import delays_write
from marelle.activities.services.booking_rules import waves_write
from marelle.demo.plans import ActivityPlan, GroupPlan, StructurePlan, WorldPlan
from marelle.demo.year import SchoolYear
from marelle.families.rules import months_of_years
from marelle.places.models import (
    Authority,
    Calendar,
    CalendarSpan,
    Closure,
    Commune,
    School,
    Structure,
    StructureContact,
)


@dataclass
class Places:
    """The rows written, by the keys of the plan."""

    calendar: Calendar
    authorities: dict[str, Authority] = field(default_factory=dict)
    communes: dict[str, Commune] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)
    structures: dict[str, Structure] = field(default_factory=dict)
    gauges: dict[tuple[str, str], Gauge] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    groups: dict[tuple[str, str], AgeGroup] = field(default_factory=dict)
    slots: dict[tuple[str, str], Slot] = field(default_factory=dict)
    draws: dict[tuple[int, int | None], tuple[Gauge, ...]] = field(default_factory=dict)
    """Gauges by slot and group."""


def write_places(plan: WorldPlan, year: SchoolYear) -> Places:
    places = Places(calendar=_write_calendar(year))
    for name, postal_code in plan.communes:
        places.communes[name] = Commune.objects.create(name=name, postal_code=postal_code)
    for authority in plan.authorities:
        row = Authority.objects.create(
            name=authority.name,
            short_name=authority.short_name,
            email=authority.email,
            phone=authority.phone,
            address=authority.address,
            siret=authority.siret,
            publication_director=authority.publication_director,
            host_name=authority.host[0],
            host_address=authority.host[1],
            host_phone=authority.host[2],
            dpo_name=authority.dpo[0],
            dpo_email=authority.dpo[1],
            incomes_count=authority.incomes_count.value,
        )
        row.communes.set([places.communes[name] for name in authority.communes])
        places.authorities[authority.key] = row
    for name, commune in plan.schools:
        places.schools[name] = School.objects.create(
            name=name, commune=places.communes[commune], calendar=places.calendar
        )
    for order, structure in enumerate(plan.structures):
        _write_structure(places, structure, order)
    for order, activity in enumerate(plan.activities):
        _write_activity(places, plan, activity, order)
    return places


def _write_calendar(year: SchoolYear) -> Calendar:
    calendar = Calendar.objects.create(
        name="Zone A, école quatre jours", zone="A", school_weekdays=sorted(year.calendar.school_weekdays)
    )
    CalendarSpan.objects.bulk_create(
        CalendarSpan(
            calendar=calendar,
            kind=span.kind.value,
            name=span.name,
            first_day=span.first_day,
            last_day=span.last_day,
        )
        for span in year.spans
    )
    return calendar


def _write_structure(places: Places, plan: StructurePlan, order: int) -> None:
    row = Structure.objects.create(
        authority=places.authorities[plan.authority],
        name=plan.name,
        kind=plan.kind,
        street=plan.street,
        commune=places.communes[plan.commune],
        order=order,
    )
    places.structures[plan.key] = row
    StructureContact.objects.bulk_create(
        StructureContact(
            structure=row,
            label=contact.label,
            ages=contact.ages,
            email=contact.email,
            phone=contact.phone,
            order=rank,
        )
        for rank, contact in enumerate(plan.contacts)
    )
    Closure.objects.bulk_create(
        Closure(structure=row, reason=closure.reason, first_day=closure.first_day, last_day=closure.last_day)
        for closure in plan.closures
    )
    for gauge in plan.gauges:
        places.gauges[plan.key, gauge.key] = Gauge.objects.create(
            structure=row, name=gauge.name, unit=gauge.unit
        )


def write_levels(places: Places, plan: WorldPlan) -> None:
    """The capacity of each gauge since the first day of the year."""
    GaugeLevel.objects.bulk_create(
        GaugeLevel(
            gauge=places.gauges[structure.key, gauge.key], since=plan.first_day, capacity=gauge.capacity
        )
        for structure in plan.structures
        for gauge in structure.gauges
    )


def _write_activity(places: Places, plan: WorldPlan, activity: ActivityPlan, order: int) -> None:
    row = Activity.objects.create(
        structure=places.structures[activity.structure],
        calendar=places.calendar,
        name=activity.name,
        kind=activity.kind,
        first_day=plan.first_day,
        last_day=plan.last_day,
        min_age_months=activity.ages[0],
        max_age_months=activity.ages[1],
        enrolment_mode=activity.enrolment_mode,
        asks_times=activity.asks_times,
        unpaid=activity.unpaid,
        description=activity.description,
        cost_text=activity.cost_text,
        booking_mode=activity.booking_mode,
        order=order,
    )
    row.schools.set([places.schools[name] for name in activity.schools])
    places.activities[activity.key] = row
    for group in activity.groups:
        places.groups[activity.key, group.key] = AgeGroup.objects.create(
            activity=row, name=group.name, min_age_months=group.months[0], max_age_months=group.months[1]
        )
    _write_slots(places, activity)
    if activity.days_of_a_period is not None:
        BookingBound.objects.create(
            activity=row, n=activity.days_of_a_period, each=Each.PERIOD, since=row.first_day
        )
    if activity.from_age is not None:
        months = months_of_years(activity.from_age, activity.from_age)[0]
        BookingCondition.objects.create(activity=row, min_age_months=months, since=row.first_day)
    for rule in activity.rules:
        limits = BookingRule(
            activity=row,
            slot=places.slots[activity.key, rule.slot] if rule.slot else None,
            since=rule.since,
            until=rule.until,
            after=rule.after,
        )
        limits.set_limits(book=rule.book, cancel=rule.cancel)
        limits.save()
        waves_write(limits, rule.waves)
    absences = AbsenceRule(activity=row, since=activity.absences.since)
    absences.set_rule(activity.absences)
    absences.save()
    delays_write(absences, activity.absences.proofs)


def _write_slots(places: Places, activity: ActivityPlan) -> None:
    for order, slot in enumerate(activity.slots):
        places.slots[activity.key, slot.key] = Slot.objects.create(
            activity=places.activities[activity.key],
            name=slot.name,
            starts=slot.starts,
            ends=slot.ends,
            weekdays=list(slot.weekdays),
            days=slot.days,
            has_meal=slot.has_meal,
            by_hour=slot.by_hour,
            one_off=slot.one_off,
            parting=slot.parting,
            order=order,
        )
    for slot in activity.slots:
        row = places.slots[activity.key, slot.key]
        for relation, keys in (
            (row.excludes, slot.excludes),
            (row.requires, slot.requires),
            (row.includes, slot.includes),
        ):
            relation.add(*(places.slots[activity.key, key] for key in keys))
        for group in activity.groups or (None,):
            _write_draws(places, activity, row, slot.draws, group)


def _write_draws(
    places: Places, activity: ActivityPlan, slot: Slot, names: tuple[str, ...], group: GroupPlan | None
) -> None:
    gauges = tuple(
        gauge_named(places, activity.structure, name.format(group=group.key if group else ""))
        for name in names
    )
    group_row = places.groups[activity.key, group.key] if group else None
    SlotGauge.objects.bulk_create(SlotGauge(slot=slot, group=group_row, gauge=gauge) for gauge in gauges)
    places.draws[slot.pk, group_row.pk if group_row else None] = gauges


def gauge_named(places: Places, structure: str, name: str) -> Gauge:
    """The structure's gauge, or that of the neighbour whose room it shares."""
    own = places.gauges.get((structure, name))
    if own is not None:
        return own
    return next(gauge for (_structure, key), gauge in places.gauges.items() if key == name)
