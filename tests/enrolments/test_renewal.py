"""Which activity is last year's, and which of its wishes still hold."""

from __future__ import annotations

from marelle.enrolments.renewal import Edition, renewals, same_wishes


def test_the_years_in_a_name_are_left_out():
    past = {1: Edition(7, "wednesday", "Mercredis 2025-2026"), 2: Edition(7, "holidays", "Vacances 2025")}
    offered = {
        11: Edition(7, "wednesday", "mercredis 2026-2027"),
        12: Edition(8, "holidays", "Vacances 2026"),
        13: Edition(7, "holidays", "Vacances de Noël 2026"),
    }
    assert renewals(past, offered) == {11: 1}


def test_wishes_are_kept_by_the_name_of_their_slots_on_days_that_still_exist():
    wished = {0: frozenset({"Matin"}), 2: frozenset({"Matin", "Repas", "Soir"})}
    slots = {31: "Matin", 32: "Repas"}
    weekdays = {31: frozenset({2}), 32: frozenset({0, 2})}
    assert same_wishes(wished, slots, weekdays) == {2: frozenset({31, 32})}
