"""The rules of an activity as families read them: sentences made from its rows, and nothing typed beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.utils.translation import gettext as _

from marelle.activities.absence_labels import absence_rule_lines
from marelle.activities.bound_labels import bound_lines
from marelle.activities.condition_labels import condition_label
from marelle.activities.facts import ActivityFacts
from marelle.activities.kept_labels import kept_line
from marelle.activities.kinds import BookingMode
from marelle.activities.labels import rule_lines, weekdays_label
from marelle.activities.rules import Dated, hiding
from marelle.core.clock import local
from marelle.core.french import day_plain, range_sentence

DatedRule = TypeVar("DatedRule", bound=Dated)


@dataclass(frozen=True, slots=True)
class DatedLines:
    """Sentences, and the days for which they hold; "" for all that are left of the activity."""

    when: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    dated: list[DatedLines]


@dataclass(frozen=True, slots=True)
class RulesTold:
    """Of one activity: a part for each thing that is ruled, and for each slot that has rules of its own."""

    id: int
    name: str
    structure: str
    parts: list[Part]


Drawn = Mapping[tuple[int, int], Sequence[str]]
"""The slots of an activity that draw on a gauge, by both ids."""


def rules_told(facts: ActivityFacts, today: date, drawn: Drawn) -> RulesTold:
    """What holds today or later, in the order of the days; `drawn` as `selectors.kept_drawn` gives it."""
    parts = [
        *_booking(facts, today),
        *_for_whom(facts, today),
        *_how_much(facts, today),
        *_kept(facts, today, drawn),
        *_absences(facts, today),
    ]
    return RulesTold(facts.id, facts.name, facts.structure_name, parts)


def _booking(facts: ActivityFacts, today: date) -> Iterator[Part]:
    title = _("Réserver et annuler")
    if facts.booking_mode is BookingMode.FREE:
        yield Part(title, [DatedLines("", [_("L’accès est libre\u00a0: il n’y a rien à réserver.")])])
        return
    if facts.booking_mode is BookingMode.STRUCTURE:
        yield Part(title, [DatedLines("", [_("C’est la structure qui réserve\u00a0: contactez-la.")])])
    none = [DatedLines("", [_("Rien ne se réserve en ligne.")])]
    yield Part(title, _dated(facts.rules, facts, today, rule_lines) or none)
    yield from _of_slots(facts, facts.slot_rules, title, today, rule_lines)


def _for_whom(facts: ActivityFacts, today: date) -> Iterator[Part]:
    names = {slot.id: slot.name for slot in facts.slots.values()}
    left = [one for one in facts.conditions if one.until is None or one.until >= today]
    if left:
        told = [
            DatedLines(_when(one.since, one.until, today), [f"{condition_label(one, names)}."])
            for one in left
        ]
        yield Part(_("Qui peut réserver"), told)


def _how_much(facts: ActivityFacts, today: date) -> Iterator[Part]:
    names = {slot.id: slot.name for slot in facts.slots.values()}
    left = [one for one in facts.bounds if one.until is None or one.until >= today]
    if left:
        ordered = sorted(left, key=lambda one: (one.since, one.id))
        told = [DatedLines(_when(one.since, one.until, today), bound_lines(one, names)) for one in ordered]
        yield Part(_("Combien réserver"), told)


def _kept(facts: ActivityFacts, today: date, drawn: Drawn) -> Iterator[Part]:
    left = [
        one
        for one in facts.kept
        if (one.until is None or one.until >= today)
        and (one.release.at is None or local(one.release.at).date() >= today)
        and (facts.id, one.gauge_id) in drawn
    ]
    if left:
        ordered = sorted(left, key=lambda one: (one.since, one.id))
        told = [
            DatedLines(_when(one.since, one.until, today), [kept_line(one, drawn[facts.id, one.gauge_id])])
            for one in ordered
        ]
        yield Part(_("Places gardées"), told)


def _absences(facts: ActivityFacts, today: date) -> Iterator[Part]:
    title = _("En cas d’absence")
    told = _dated(facts.absence_rules, facts, today, absence_rule_lines)
    if told:
        yield Part(title, told)
    yield from _of_slots(facts, facts.slot_absence_rules, title, today, absence_rule_lines)


def _of_slots(
    facts: ActivityFacts,
    rules: Mapping[int, Sequence[DatedRule]],
    title: str,
    today: date,
    lines: Callable[[DatedRule], list[str]],
) -> Iterator[Part]:
    for slot in sorted(facts.slots.values(), key=lambda one: (one.order, one.id)):
        told = _dated(rules.get(slot.id, ()), facts, today, lines)
        if told:
            yield Part(_("%(title)s\u00a0: « %(slot)s »") % {"title": title, "slot": slot.name}, told)


def _dated(
    rules: Sequence[DatedRule], facts: ActivityFacts, today: date, lines: Callable[[DatedRule], list[str]]
) -> list[DatedLines]:
    """Those that hold on some day to come, each with the weekdays on which it does."""
    left = {}
    for number, rule in enumerate(rules):
        hidden = hiding(rules, rule, today, facts.last_day)
        weekdays = rule.weekdays - hidden.keys()
        if (rule.until is None or rule.until >= today) and (weekdays or not hidden):
            left[number] = weekdays
    ordered = sorted(left, key=lambda number: (rules[number].since, bool(rules[number].weekdays)))
    return [
        *(DatedLines(_when_of(rules[one], left[one], today), lines(rules[one])) for one in ordered),
        *_order([rules[one] for one in ordered], facts.last_day),
    ]


def _order(rules: Sequence[Dated], last_day: date) -> Iterator[DatedLines]:
    """Which comes first, where several hold together."""
    if len({bool(rule.weekdays) for rule in rules}) > 1 and any(
        rule.until is not None and rule.until < last_day for rule in rules
    ):
        yield DatedLines(
            "",
            [
                _(
                    "Ce qui a une fin passe avant ce qui est de certains jours, "
                    "qui passe avant ce qui est de tous les jours."
                )
            ],
        )


def _when_of(rule: Dated, weekdays: frozenset[int], today: date) -> str:
    when = _when(rule.since, rule.until, today)
    if not weekdays:
        return when
    days = _("Les %(days)s") % {"days": weekdays_label(weekdays)}
    return f"{days}, {when}" if when else days


def _when(since: date, until: date | None, today: date) -> str:
    if since <= today:
        return "" if until is None else _("Jusqu’au %(day)s") % {"day": day_plain(until)}
    if until is None:
        return _("À partir du %(day)s") % {"day": day_plain(since)}
    span = range_sentence(since, until)
    return f"{span[:1].upper()}{span[1:]}"
