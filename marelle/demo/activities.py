"""What the Val d’Arelle offers, with as many kinds of deadlines and of quotas as there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from marelle.activities.absences import AbsenceRule, Delay, Origin, Unit, Within
from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.generation import DayScope
from marelle.activities.kinds import ActivityKind, BookingMode, EnrolmentMode, Parting, Unpaid
from marelle.activities.rules import After, Counting, Limit, LimitKind, Wave
from marelle.core.clock import instant_at
from marelle.demo.plans import TWO_DAYS_TO_PROVE, ActivityPlan, GroupPlan, OutingPlan, RulePlan, SlotPlan
from marelle.demo.year import SchoolYear
from marelle.families.rules import months_of_years
from marelle.places.rules import Span

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = 1, 2, 3, 4
SCHOOL_DAYS = (0, 1, 3, 4)
NOON, LAST_MINUTE, SEVEN = time(12), time(23, 59), time(7)
BEFORE_NINE = Limit(LimitKind.DAYS_BEFORE, time=time(9), strict=True)

GROUPS = (
    GroupPlan("petits", "3–5 ans", months_of_years(3, 5)),
    GroupPlan("grands", "6–12 ans", months_of_years(6, 12)),
)


def activities_of(year: SchoolYear) -> tuple[ActivityPlan, ...]:
    return (
        _canteen(year),
        _after_school(year),
        _wednesdays_of_brisecombe(year),
        _wednesdays_of_arelle(year),
        _holidays_of_brisecombe(year),
        _holidays_of_arelle(year),
        _childcare(year),
        _relay(year),
        _youth_club(year),
        _youth_outings(year),
        _youth_holidays(year),
    )


def days_before(n: int, hour: time, counting: Counting = Counting.CALENDAR) -> Limit:
    return Limit(LimitKind.DAYS_BEFORE, n=n, time=hour, counting=counting)


def week_before(weekday: int, hour: time) -> Limit:
    return Limit(LimitKind.WEEK_BEFORE, n=1, weekday=weekday, time=hour)


def _all_year(year: SchoolYear, book: Limit, cancel: Limit, *, slot: str | None = None) -> RulePlan:
    return RulePlan(since=year.first_day, until=None, book=book, cancel=cancel, slot=slot)


def _canteen(year: SchoolYear) -> ActivityPlan:
    two_days = days_before(2, NOON, Counting.WEEKDAYS)
    january = date(year.year + 1, 1, 1)
    return ActivityPlan(
        key="restauration",
        name="Restauration scolaire",
        kind=ActivityKind.CANTEEN,
        structure="cantine",
        ages=months_of_years(2, 12),
        schools=("École d’Arelle",),
        slots=(SlotPlan("repas", "Repas", NOON, time(13, 30), ("repas",), SCHOOL_DAYS, has_meal=True),),
        rules=(
            RulePlan(since=year.first_day, until=january - timedelta(days=1), book=two_days, cancel=two_days),
            RulePlan(
                since=january,
                until=None,
                book=two_days,
                cancel=days_before(1, time(11), Counting.SCHOOL),
                after=After.LATE,
            ),
        ),
        absences=AbsenceRule(
            year.first_day,
            None,
            told=BEFORE_NINE,
            proofs=(Delay(48, Unit.HOURS),),
            waiting_days=1,
            unannounced=3,
        ),
    )


def _after_school(year: SchoolYear) -> ActivityPlan:
    eve = days_before(1, time(18))
    return ActivityPlan(
        key="periscolaire",
        name="Périscolaire",
        kind=ActivityKind.AFTER_SCHOOL,
        asks_times=True,
        structure="periscolaire",
        ages=months_of_years(2, 12),
        schools=("École d’Arelle",),
        slots=(
            SlotPlan("matin", "Matin", time(7, 15), time(8, 30), ("matin",), SCHOOL_DAYS),
            SlotPlan("soir", "Soir", time(16, 30), time(18, 30), ("soir",), SCHOOL_DAYS),
        ),
        rules=(_all_year(year, eve, eve),),
    )


def _half_days(days: DayScope, weekdays: tuple[int, ...]) -> tuple[SlotPlan, ...]:
    return (
        SlotPlan("matin", "Matin", time(8), NOON, ("matin-{group}", "batiment-matin"), weekdays, days),
        SlotPlan(
            "repas", "Repas", NOON, time(13, 30), ("repas",), weekdays, days,
            has_meal=True, requires=("matin", "apres-midi"),
        ),
        SlotPlan(
            "apres-midi", "Après-midi", time(13, 30), time(18),
            ("apres-midi-{group}", "batiment-apres-midi"), weekdays, days,
        ),
    )  # fmt: skip


def _wednesdays_of_brisecombe(year: SchoolYear) -> ActivityPlan:
    eve = days_before(1, NOON)
    return ActivityPlan(
        key="mercredis-brisecombe",
        name="Mercredis de Brisecombe",
        kind=ActivityKind.WEDNESDAY,
        description=(
            "Jeux, ateliers et sorties avec l’équipe de Brisecombe, par groupe d’âge.\n"
            "Prévoir des bottes, une gourde et des habits qui ne craignent rien."
        ),
        cost_text="La demi-journée de 5,00 € à 8,00 € selon le quotient, 2,00 € de plus avec le repas.",
        structure="brisecombe",
        ages=months_of_years(3, 12),
        groups=GROUPS,
        slots=_half_days(DayScope.TERM, (WEDNESDAY,)),
        rules=(_all_year(year, eve, eve),),
        busy_days=(year.term_day(WEDNESDAY, weeks_ahead=1), year.term_day(WEDNESDAY, weeks_ahead=4)),
        busy_slots=("apres-midi",),
        absences=replace(TWO_DAYS_TO_PROVE, unannounced=3, within=Within.YEAR, suspends=True),
    )


def _wednesdays_of_arelle(year: SchoolYear) -> ActivityPlan:
    return ActivityPlan(
        key="mercredis-arelle",
        name="Mercredis d’Arelle",
        kind=ActivityKind.WEDNESDAY,
        structure="arelle",
        ages=months_of_years(3, 12),
        groups=GROUPS,
        slots=(
            SlotPlan(
                "matin", "Matin", time(8), NOON, ("matin-{group}",), (WEDNESDAY,), excludes=("journee",),
            ),
            SlotPlan(
                "repas", "Repas", NOON, time(13, 30), ("salle",), (WEDNESDAY,),
                has_meal=True, excludes=("journee",), requires=("matin", "apres-midi"),
            ),
            SlotPlan(
                "apres-midi", "Après-midi", time(13, 30), time(18), ("apres-midi-{group}",), (WEDNESDAY,),
                excludes=("journee",),
            ),
            SlotPlan(
                "journee", "Journée", time(8), time(18),
                ("matin-{group}", "salle", "apres-midi-{group}"), (WEDNESDAY,),
                has_meal=True, includes=("matin", "repas", "apres-midi"),
            ),
        ),
        rules=(_all_year(year, week_before(THURSDAY, NOON), days_before(1, NOON)),),
        busy_days=(year.term_day(WEDNESDAY, weeks_ahead=2),),
        absences=AbsenceRule(
            year.first_day,
            None,
            told=BEFORE_NINE,
            proofs=(Delay(0, Unit.HOURS), Delay(3, Unit.CALENDAR, Origin.FIRST)),
        ),
    )  # fmt: skip


def _period_rules(year: SchoolYear, *, residents: int, others: int, closes: int) -> tuple[RulePlan, ...]:
    """One row for each holiday, in days before its first day: opens at 7:00, closes at 23:59."""
    return tuple(_period_rule(span, residents, others, closes) for span in year.holidays)


def _fixed(day: date) -> Limit:
    return Limit(LimitKind.FIXED, at=instant_at(day, SEVEN))


def _period_rule(span: Span, residents: int, others: int, closes: int) -> RulePlan:
    end = Limit(LimitKind.FIXED, at=instant_at(span.first_day - timedelta(days=closes), LAST_MINUTE))
    return RulePlan(
        since=span.first_day,
        until=span.last_day,
        book=end,
        cancel=end,
        waves=(
            Wave(_fixed(span.first_day - timedelta(days=residents)), Audience(AudienceKind.RESIDENTS)),
            Wave(_fixed(span.first_day - timedelta(days=others)), Audience()),
        ),
    )


def _holidays_of_brisecombe(year: SchoolYear) -> ActivityPlan:
    return ActivityPlan(
        key="vacances-brisecombe",
        name="Vacances à Brisecombe",
        kind=ActivityKind.HOLIDAYS,
        structure="brisecombe",
        ages=months_of_years(3, 12),
        groups=GROUPS,
        slots=_half_days(DayScope.HOLIDAYS, (0, 1, 2, 3, 4)),
        rules=_period_rules(year, residents=17, others=10, closes=3),
        days_of_a_period=20,
        unpaid=Unpaid.WARN,
    )


def _holidays_of_arelle(year: SchoolYear) -> ActivityPlan:
    return ActivityPlan(
        key="vacances-arelle",
        name="Vacances à Arelle, semaine complète",
        kind=ActivityKind.HOLIDAYS,
        structure="arelle",
        ages=months_of_years(3, 12),
        groups=GROUPS,
        slots=(
            SlotPlan(
                "journee", "Journée", time(8), time(18),
                ("matin-{group}", "salle", "apres-midi-{group}"), days=DayScope.HOLIDAYS, has_meal=True,
            ),
        ),
        rules=_period_rules(year, residents=45, others=38, closes=5),
        by_week=True,
        unpaid=Unpaid.BOOKINGS,
    )  # fmt: skip


def _childcare(year: SchoolYear) -> ActivityPlan:
    tuesday = week_before(TUESDAY, LAST_MINUTE)
    return ActivityPlan(
        key="creche",
        name="Multi-accueil",
        kind=ActivityKind.CHILDCARE,
        asks_times=True,
        structure="creche",
        ages=(2, 47),
        slots=(
            SlotPlan(
                "accueil",
                "Accueil",
                time(7, 30),
                time(18, 30),
                ("accueil",),
                days=DayScope.BOTH,
                by_hour=True,
            ),
        ),
        rules=(_all_year(year, tuesday, tuesday),),
        enrolment_mode=EnrolmentMode.BY_STRUCTURE,
        booking_mode=BookingMode.VALIDATED,
    )


def _relay(year: SchoolYear) -> ActivityPlan:
    return ActivityPlan(
        key="relais",
        name="Matinées d’éveil du relais",
        kind=ActivityKind.RELAY,
        structure="relais",
        ages=(2, 47),
        slots=(SlotPlan("matinee", "Matinée", time(9, 30), time(11, 30), ("matinee",), (THURSDAY,)),),
        rules=(_all_year(year, days_before(1, NOON), days_before(1, time(18))),),
        enrolment_mode=EnrolmentMode.NONE,
        booking_mode=BookingMode.ACCOMPANIED,
    )


def _youth_club(year: SchoolYear) -> ActivityPlan:
    start = Limit(LimitKind.START)
    return ActivityPlan(
        key="jeunes",
        name="Espace jeunes, accueil libre",
        kind=ActivityKind.YOUTH,
        structure="jeunes",
        ages=months_of_years(12, 17),
        slots=(
            SlotPlan("accueil", "Accueil libre", time(14), time(19), (), (WEDNESDAY, FRIDAY), DayScope.BOTH),
        ),
        rules=(_all_year(year, start, start),),
        booking_mode=BookingMode.FREE,
    )


def _youth_outings(year: SchoolYear) -> ActivityPlan:
    outings = (
        OutingPlan("sortie", year.term_day(WEDNESDAY, weeks_ahead=-2), "Bowling", 12),
        OutingPlan("sortie", year.term_day(WEDNESDAY, weeks_ahead=2), "Patinoire", 4),
        OutingPlan("sortie", year.term_day(WEDNESDAY, weeks_ahead=5), "Escalade en salle", 12),
    )
    return ActivityPlan(
        key="sorties",
        name="Espace jeunes, sorties et repas",
        kind=ActivityKind.YOUTH,
        structure="jeunes",
        ages=months_of_years(12, 17),
        slots=(
            SlotPlan("repas", "Repas", NOON, time(13, 30), ("salle",), (WEDNESDAY,), has_meal=True),
            SlotPlan(
                "sortie", "Sortie", time(13, 30), time(17, 30), (), (WEDNESDAY,),
                one_off=True, requires=("repas",), parting=Parting.STAYS,
            ),
        ),
        rules=(
            _all_year(year, week_before(FRIDAY, NOON), days_before(1, NOON)),
            _all_year(
                year, Limit(LimitKind.HOURS_BEFORE, n=72), days_before(0, time(8, 30)), slot="repas"
            ),
        ),
        outings=outings,
        from_age=11,
        busy_days=(outings[1].day,),
    )  # fmt: skip


def _youth_holidays(year: SchoolYear) -> ActivityPlan:
    """In the mornings: the club is open in the afternoons."""
    two_days = days_before(2, NOON, Counting.WEEKDAYS)
    return ActivityPlan(
        key="matinees",
        name="Espace jeunes, matinées des vacances",
        kind=ActivityKind.YOUTH,
        structure="jeunes",
        ages=months_of_years(12, 17),
        slots=(
            SlotPlan("matinee", "Matinée", time(9, 30), NOON, (), days=DayScope.HOLIDAYS),
            SlotPlan(
                "repas", "Repas", NOON, time(13, 30), (), days=DayScope.HOLIDAYS,
                has_meal=True, requires=("matinee",),
            ),
        ),
        rules=(_all_year(year, two_days, two_days),),
    )  # fmt: skip
