"""What things cost in the demo, as its offices voted it, with as many ways of pricing as règlements have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from marelle.accounts.models import User
from marelle.activities.absences import Told
from marelle.core.actor import Actor
from marelle.core.clock import instant_at
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.flows.actor.actors import actor_for
from marelle.pricing import tariffs as pure
from marelle.pricing.amounts import Amount, Bracket, Brackets, ByNumber, Effort, EffortRate, Fixed, Linear
from marelle.pricing.facts import ANYBODY, Period, SpanKind, Trait, TraitKind, Traits
from marelle.pricing.products import ProductTerms, product_add
from marelle.pricing.services import resource_bound_set, tariff_set
from marelle.pricing.tariffs import Adjustment, Sets, SpanRule, Started, Tariff

OUTSIDE: Final = frozenset({Trait(TraitKind.OUTSIDE)})
OWN_MEAL: Final = frozenset({Trait(TraitKind.OWN_MEAL)})
REGULAR: Final = frozenset({Trait(TraitKind.REGULAR)})
EVERY_SCHOOL_DAY: Final = frozenset({Trait(TraitKind.EVERY_SCHOOL_DAY)})
OF_STAFF: Final = frozenset({Trait(TraitKind.STAFF)})
FROM: Final = (0, 360, 565, 716, 816, 1001, 1201)
MEAL: Final = "3.15"
"""What of a price pays the plate, where a meal is in it."""
FREE: Final = pure.Becomes(Fixed(Decimal(0)))
NEW: Final = 0
"""The id of what is not written yet."""


def set_tariffs(places: Places, year: SchoolYear) -> None:
    """All voted before the year begins; those of the canteen change in January."""
    office = actor_for(User.objects.get(identifier="guichet"))
    at = instant_at(year.first_day - timedelta(days=60), time(14, 30))
    _wednesdays(_Writer(office, places, "mercredis-brisecombe", year.first_day, at))
    _wednesdays_by_quotient(_Writer(office, places, "mercredis-arelle", year.first_day, at))
    for key in ("vacances-brisecombe", "vacances-arelle"):
        _holidays(_Writer(office, places, key, year.first_day, at))
    _after_school(_Writer(office, places, "periscolaire", year.first_day, at))
    _canteen(_Writer(office, places, "restauration", year.first_day, at), date(year.year + 1, 1, 1))
    _card(_Writer(office, places, "restauration", year.first_day, at))
    _fee(_Writer(office, places, "jeunes", year.first_day, at))
    _outings(_Writer(office, places, "sorties", year.first_day, at))
    _youth_holidays(_Writer(office, places, "matinees", year.first_day, at))
    _nursery(_Writer(office, places, "creche", year.first_day, at))


class _Writer:
    """Writes what concerns one activity, from a day on."""

    def __init__(self, actor: Actor, places: Places, key: str, since: date, at: datetime) -> None:
        self.actor, self.since, self.at = actor, since, at
        self.authority = places.activities[key].structure.authority_id
        self.slots = {slot: row.pk for (activity, slot), row in places.slots.items() if activity == key}
        self.held = frozenset(self.slots.values())
        self.voted = pure.Voted(f"{at.year}-47", at.date() - timedelta(days=9))

    def sets(self, *sets: str) -> tuple[pure.Slots, ...]:
        return tuple(frozenset(self.slots[slot] for slot in one.split("+")) for one in sets)

    def tariff(
        self,
        name: str,
        what: pure.Sets | pure.LateFetch | pure.Product,
        amount: Amount,
        *,
        who: Traits = ANYBODY,
        order: int = 0,
        since: date | None = None,
        replaces: int | None = None,
        food: str | None = None,
    ) -> int:
        row = Tariff(
            NEW, name, since or self.since, None, what, amount, who=who, order=order, voted=self.voted,
            food=None if food is None else _euros(food),
        )  # fmt: skip
        return self._write(row, replaces)

    def adjustment(
        self,
        name: str,
        step: int,
        case: pure.OwnCase | pure.DoneCase,
        effect: pure.Effect,
        *,
        who: Traits = ANYBODY,
        slot: str = "",
        since: date | None = None,
        replaces: int | None = None,
    ) -> int:
        row = Adjustment(
            NEW, name, since or self.since, None, step, case, effect, slots=self._about(slot), who=who
        )
        return self._write(row, replaces)

    def week(self, name: str, rule: pure.Most | pure.Flat, *, slot: str = "") -> None:
        about = self._about(slot)
        self._write(SpanRule(NEW, name, self.since, None, SpanKind.WEEK, 1, rule, slots=about), None)

    def _about(self, slot: str) -> pure.Slots:
        return frozenset({self.slots[slot]}) if slot else self.held

    def _write(self, row: Tariff | Adjustment | SpanRule, replaces: int | None) -> int:
        written = tariff_set(
            actor=self.actor, authority_id=self.authority, tariff=row, replaces=replaces, now=self.at
        )
        return written.pk


def _wednesdays(write: _Writer) -> None:
    lunches = write.sets("matin+repas", "repas+apres-midi")
    whole = write.sets("matin+repas+apres-midi")
    for name, sets, first, more, food in (
        ("Demi-journée", write.sets("matin", "apres-midi"), 5, "0.50", "0"),
        ("Demi-journée avec repas", lunches, 7, "0.50", MEAL),
        ("Journée", whole, 10, "1", MEAL),
    ):
        write.tariff(name, Sets(sets), _steps(FROM, first, Decimal(more)), food=food)
    outside = pure.Plus(Decimal(2))
    write.adjustment("Familles hors commune", 10, pure.Always(), outside, who=OUTSIDE)
    write.adjustment("Deuxième enfant", 20, pure.Rank(2, 2), pure.Percent(Decimal(-10)))
    write.adjustment("À partir du troisième", 20, pure.Rank(3), pure.Percent(Decimal(-20)))


def _wednesdays_by_quotient(write: _Writer) -> None:
    """A part of the quotient, between two prices. An absence told before nine costs nothing with a letter."""
    halves, whole = write.sets("matin", "apres-midi"), write.sets("matin+repas+apres-midi")
    for name, sets, percent, floor, ceiling, food in (
        ("Demi-journée", halves, "0.70", "4.00", "9.00", "0"),
        ("Repas", write.sets("repas"), "0.36", "2.60", "4.50", MEAL),
        ("Journée", whole, "1.40", "8.50", "18.00", MEAL),
    ):
        amount = Linear(Decimal(percent), Decimal(floor), Decimal(ceiling))
        write.tariff(name, Sets(sets), amount, food=food)
    told = pure.Missed(frozenset({Told.IN_TIME}), excused=True)
    write.adjustment("Absence dite avant 9 h, justifiée", 50, told, FREE)


def _holidays(write: _Writer) -> None:
    """By half-days as on Wednesdays where they are booked so, else the whole day alone."""
    if "journee" in write.slots:
        day = Sets(write.sets("journee"))
        write.tariff("Journée de vacances", day, _steps(FROM, 11, Decimal(1)), food=MEAL)
        write.adjustment("Familles hors commune", 10, pure.Always(), pure.Plus(Decimal(3)), who=OUTSIDE)
        write.week("Semaine entière", pure.Most(_euros("70")))
    else:
        _wednesdays(write)


def _canteen(write: _Writer, january: date) -> None:
    meal = Sets(write.sets("repas"))
    late, unbooked = (pure.Becomes(_euros(price)) for price in ("4.05", "5.05"))
    row = write.tariff("Repas", meal, _brackets((0, "1.00"), (400, "3.15"), (601, "3.60")))
    write.tariff("Repas apporté (PAI)", meal, _euros("1.75"), who=OWN_MEAL, order=1)
    third = pure.Rank(3, by=pure.By.HOUSEHOLD)
    write.adjustment(
        "Troisième enfant, chaque jour", 20, third, pure.Percent(Decimal(-50)), who=EVERY_SCHOOL_DAY
    )
    hurried = write.adjustment("Repas réservé hors délai", 30, pure.Late(), late)
    write.adjustment("Repas sans réservation", 40, pure.Unbooked(), unbooked)
    write.adjustment("Absence justifiée", 50, pure.Missed(excused=True, within=0), FREE)
    write.tariff(
        "Repas", meal, _brackets((0, "1.00"), (400, "3.30"), (601, "3.75")), since=january, replaces=row
    )
    dearer = pure.Becomes(_euros("4.30"))
    write.adjustment("Repas réservé hors délai", 30, pure.Late(), dearer, since=january, replaces=hurried)


def _card(write: _Writer) -> None:
    """Meals of a month paid at once, less by child, one missed with a letter given back."""
    meals = frozenset({write.slots["repas"]})
    terms = ProductTerms("Carte mensuelle de repas", Period.MONTH, meals)
    product = product_add(actor=write.actor, authority_id=write.authority, terms=terms, now=write.at)
    ways = (pure.Missed(excused=True),)
    what = pure.Product(product.pk, _euros("3.85"), ways)
    write.tariff("Carte", what, ByNumber((_euros("59"), _euros("57"), _euros("55"))))


def _fee(write: _Writer) -> None:
    """For a calendar year, whatever the attendance."""
    terms = ProductTerms("Cotisation de l’espace jeunes", Period.CALENDAR_YEAR, write.held)
    fee = product_add(actor=write.actor, authority_id=write.authority, terms=terms, now=write.at)
    write.tariff("Cotisation annuelle", pure.Product(fee.pk), _euros("15"))


def _outings(write: _Writer) -> None:
    """An outing at one price. A meal booked late is dearer; what becomes of it replaces its price."""
    outing = Sets(write.sets("sortie"))
    write.tariff("Sortie", outing, _euros("8"))
    write.tariff("Sortie, habitués", outing, _euros("6.50"), who=REGULAR, order=1)
    write.tariff("Repas", Sets(write.sets("repas")), _brackets((0, "3.15"), (601, "3.60")))
    for name, step, case, effect in (
        ("Repas réservé hors délai", 30, pure.Late(), pure.Percent(Decimal(50))),
        ("Repas sans réservation", 40, pure.Unbooked(), pure.Becomes(_euros("10"))),
        ("Absence justifiée", 50, pure.Missed(excused=True), FREE),
        ("Absence injustifiée", 50, pure.Missed(excused=False), pure.Becomes(_euros("2.99"))),
    ):
        write.adjustment(name, step, case, effect, slot="repas")


def _youth_holidays(write: _Writer) -> None:
    """A price for who comes regularly and one for the others; a week costs no more from its fifth morning."""
    write.tariff("Matinée", Sets(write.sets("matinee")), _euros("4"))
    write.week("Semaine de cinq matinées", pure.Flat(5, _euros("19.80")), slot="matinee")
    meal = Sets(write.sets("repas"))
    write.tariff("Repas", meal, _euros("6.10"))
    write.tariff("Repas apporté (PAI)", meal, _euros("1.75"), who=OWN_MEAL, order=1)
    write.tariff("Repas, habitués", meal, _euros("5.20"), who=REGULAR, order=2)


def _after_school(write: _Writer) -> None:
    half_hours = Sets(write.sets("matin", "soir"), Started(pure.Hours.SEEN))
    write.tariff("Demi-heure", half_hours, _brackets((0, "0.30"), (651, "0.48"), (1151, "0.63")))
    doubled = pure.Percent(Decimal(100))
    write.adjustment("Familles hors commune", 10, pure.Always(), doubled, who=OUTSIDE)
    write.adjustment("Enfants du personnel", 20, pure.Always(), FREE, who=OF_STAFF)
    write.tariff("Retard à la fermeture", pure.LateFetch(write.held, spared=1), _euros("26"))
    write.tariff("Retard, enfants du personnel", pure.LateFetch(write.held), FREE.amount, who=OF_STAFF)


def _nursery(write: _Writer) -> None:
    """The hour by the effort rate of the CNAF, by half-hours started, as booked."""
    resource_bound_set(
        actor=write.actor, authority_id=write.authority, since=write.since, floor=Decimal("814.62"),
        ceiling=Decimal("8500.00"), now=write.at,
    )  # fmt: skip
    rates = ((1, "0.0619"), (2, "0.0516"), (3, "0.0413"), (4, "0.0310"), (8, "0.0206"))
    effort = Effort(tuple(EffortRate(children, Decimal(percent)) for children, percent in rates), ())
    write.tariff("Heure d’accueil", Sets(write.sets("accueil"), Started(pure.Hours.BOOKED, 30, 60)), effort)


def _steps(limits: Sequence[int], first: int, more: Decimal) -> Brackets:
    return _of((limit, first + more * number) for number, limit in enumerate(limits))


def _brackets(*rows: tuple[int, str]) -> Brackets:
    return _of((since, Decimal(price)) for since, price in rows)


def _of(rows: Iterable[tuple[int, Decimal]]) -> Brackets:
    return Brackets(tuple(Bracket(Decimal(since), price) for since, price in rows))


def _euros(price: str) -> Fixed:
    return Fixed(Decimal(price))
