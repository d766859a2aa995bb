"""Tables of the package, by subject: what is offered, places and for whom they are kept, openings, the adults
planned, until when, how much and on what conditions one may book, what an absence is."""

from __future__ import annotations

from marelle.activities.models.absences import AbsenceRule, ProofDelay
from marelle.activities.models.awaited import AwaitedOpening
from marelle.activities.models.bounds import BookingBound, SpanJudged
from marelle.activities.models.conditions import BookingCondition
from marelle.activities.models.gauges import (
    Gauge,
    GaugeCut,
    GaugeLevel,
    Quota,
    SlotGauge,
    full_to_all,
    kept_left,
    places_left,
)
from marelle.activities.models.kept import KeptPlaces, KeptQuota
from marelle.activities.models.limits import BookingRule, BookingWave, LimitColumns
from marelle.activities.models.offer import Activity, AgeGroup, Question, Slot, SlotBefore, new_revision
from marelle.activities.models.openings import Bundle, Opening
from marelle.activities.models.staff import StaffMember, StaffPlan

__all__ = [
    "AbsenceRule",
    "Activity",
    "AgeGroup",
    "AwaitedOpening",
    "BookingBound",
    "BookingCondition",
    "BookingRule",
    "BookingWave",
    "Bundle",
    "Gauge",
    "GaugeCut",
    "GaugeLevel",
    "KeptPlaces",
    "KeptQuota",
    "LimitColumns",
    "Opening",
    "ProofDelay",
    "Question",
    "Quota",
    "Slot",
    "SlotBefore",
    "SlotGauge",
    "SpanJudged",
    "StaffMember",
    "StaffPlan",
    "full_to_all",
    "kept_left",
    "new_revision",
    "places_left",
]
