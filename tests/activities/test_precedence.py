"""Which of several rules of booking holds on a day, and what hides one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from marelle.activities.rules import After, Rule, hiding, rule_on
from tests.activities.test_rules import FRIDAY_BEFORE, TUESDAY_BEFORE, rule


class TestPrecedence:
    """What ends, then some weekdays, then all days."""

    USUAL = rule(TUESDAY_BEFORE)
    WEDNESDAYS = replace(USUAL, book=FRIDAY_BEFORE, weekdays=frozenset({2}))
    TOUSSAINT = replace(USUAL, since=date(2026, 10, 17), until=date(2026, 11, 1))
    LAST = date(2027, 7, 7)

    def on(self, day: date, *rules: Rule) -> Rule | None:
        return rule_on(rules, day, self.LAST)

    def test_a_dated_rule_holds_on_weekdays_that_have_their_own(self) -> None:
        every = self.USUAL, self.WEDNESDAYS, self.TOUSSAINT
        assert self.on(date(2026, 10, 14), *every) is self.WEDNESDAYS
        assert self.on(date(2026, 10, 21), *every) is self.TOUSSAINT
        assert self.on(date(2026, 10, 22), *every) is self.TOUSSAINT
        own = replace(self.TOUSSAINT, weekdays=frozenset({2}))
        assert self.on(date(2026, 10, 21), *every, own) is own

    def test_one_that_ends_with_the_activity_is_as_one_without_an_end(self) -> None:
        whole = replace(self.USUAL, until=self.LAST)
        assert self.on(date(2026, 10, 14), whole, self.WEDNESDAYS) is self.WEDNESDAYS

    def test_what_hides_a_rule_is_found(self) -> None:
        def hidden(one: Rule, *others: Rule) -> dict[int | None, Rule]:
            return hiding((*others, one), one, one.since, self.LAST)

        both = replace(self.USUAL, weekdays=frozenset({1, 2}))
        assert hidden(both, self.USUAL, self.WEDNESDAYS) == {2: self.WEDNESDAYS}
        assert hidden(replace(both, since=both.since + timedelta(days=1)), self.WEDNESDAYS) == {}
        assert hidden(self.WEDNESDAYS, self.USUAL, self.TOUSSAINT) == {}, "before and after it"
        within = replace(self.WEDNESDAYS, since=date(2026, 10, 20), until=date(2026, 10, 30))
        assert hidden(self.TOUSSAINT, within) == {}
        every = replace(self.USUAL, weekdays=frozenset(range(7)))
        assert hidden(replace(self.USUAL, after=After.LATE), every) == {None: every}
