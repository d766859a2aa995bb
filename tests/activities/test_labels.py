from __future__ import annotations

from datetime import datetime, time

import pytest
from django.apps import apps

from marelle.activities.labels import after_label, limit_label
from marelle.activities.rules import After, Anchor, Counting, Limit, LimitKind, OffDay
from marelle.core.clock import PARIS

NOON = time(12)
DAYS, WEEK = LimitKind.DAYS_BEFORE, LimitKind.WEEK_BEFORE


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (Limit(LimitKind.START), "jusqu’au début"),
        (Limit(WEEK, n=0, weekday=0, time=NOON), "jusqu’au lundi de la même semaine, 12 h 00"),
        (Limit(WEEK, n=1, weekday=1, time=time(23, 59)), "jusqu’au mardi de la semaine d’avant, 23 h 59"),
        (Limit(WEEK, n=2, weekday=4, time=NOON), "jusqu’au vendredi, 2 semaines avant, 12 h 00"),
        (Limit(DAYS, n=0, time=time(8, 30)), "jusqu’au jour même, 8 h 30"),
        (Limit(DAYS, n=1, time=time(18)), "jusqu’à la veille, 18 h 00"),
        (Limit(DAYS, n=3, time=NOON), "jusqu’à 3 jours avant, 12 h 00"),
        (
            Limit(DAYS, n=1, time=NOON, counting=Counting.WEEKDAYS),
            "jusqu’au jour précédent, du lundi au vendredi, 12 h 00",
        ),
        (
            Limit(DAYS, n=2, time=NOON, counting=Counting.WEEKDAYS),
            "jusqu’à 2 jours avant, du lundi au vendredi, 12 h 00",
        ),
        (
            Limit(DAYS, n=1, time=time(11), counting=Counting.SCHOOL),
            "jusqu’au jour d’école précédent, 11 h 00",
        ),
        (Limit(DAYS, n=2, time=NOON, counting=Counting.SCHOOL), "jusqu’à 2 jours d’école avant, 12 h 00"),
        (Limit(LimitKind.HOURS_BEFORE, n=1), "jusqu’à 1 heure avant"),
        (Limit(LimitKind.HOURS_BEFORE, n=72), "jusqu’à 72 heures avant"),
        (Limit(LimitKind.MONTH_BEFORE, n=1, time=NOON), "jusqu’au 1er du mois d’avant, 12 h 00"),
        (
            Limit(LimitKind.MONTH_BEFORE, n=20, time=time(23, 59)),
            "jusqu’au 20 du mois d’avant, 23 h 59",
        ),
        (
            Limit(LimitKind.FIXED, at=datetime(2026, 10, 2, 18, tzinfo=PARIS)),
            "jusqu’au vendredi 2 octobre 2026 à 18 h 00",
        ),
        (Limit(LimitKind.NEVER), "jamais en ligne"),
        (Limit(LimitKind.START, strict=True), "avant le début"),
        (Limit(DAYS, n=1, time=time(10), strict=True), "avant 10 h 00 la veille"),
        (Limit(DAYS, n=0, time=time(9), strict=True), "avant 9 h 00 le jour même"),
        (
            Limit(WEEK, n=1, weekday=4, time=NOON, strict=True),
            "avant 12 h 00 le vendredi de la semaine d’avant",
        ),
        (Limit(LimitKind.HOURS_BEFORE, n=48, strict=True), "plus de 48 heures avant"),
        (
            Limit(LimitKind.FIXED, at=datetime(2026, 10, 2, 18, tzinfo=PARIS), strict=True),
            "avant le vendredi 2 octobre 2026 à 18 h 00",
        ),
        (Limit(DAYS, n=1, time=NOON, counting=Counting.WORKING), "jusqu’au jour ouvré précédent, 12 h 00"),
        (Limit(DAYS, n=2, time=NOON, counting=Counting.WORKING), "jusqu’à 2 jours ouvrés avant, 12 h 00"),
        (Limit(DAYS, n=1, time=NOON, counting=Counting.CLEAR), "jusqu’à 1 jour franc avant, 12 h 00"),
        (
            Limit(DAYS, n=15, time=time(23, 59), counting=Counting.CLEAR, anchor=Anchor.PERIOD),
            "jusqu’à 15 jours francs avant le premier jour de la période, 23 h 59",
        ),
        (
            Limit(DAYS, n=0, time=NOON, anchor=Anchor.MONTH, off_day=OffDay.BEFORE),
            "jusqu’au premier jour du mois (le jour ouvré d’avant si c’est un jour fermé), 12 h 00",
        ),
        (
            Limit(DAYS, n=3, time=NOON, anchor=Anchor.WEEK, strict=True),
            "avant 12 h 00, 3 jours avant le premier jour de la semaine",
        ),
    ],
)
def test_every_limit_has_its_words(limit: Limit, told: str) -> None:
    assert limit_label(limit) == told


def test_what_comes_after_the_limit() -> None:
    assert after_label(After.LATE) == "passé ce délai, la réservation est notée « tardive »"
    assert after_label(After.WAIT) == "passé ce délai, la demande va sur la liste d’attente"
    assert after_label(After.REFUSE) == "passé ce délai, la réservation n’est plus possible en ligne"


def test_every_name_that_an_s_does_not_make_plural_says_its_own():
    """What stops a deletion is counted by these names: « 3 jauge d’un créneaus », it said."""
    names = [
        (str(model._meta.verbose_name), str(model._meta.verbose_name_plural))
        for model in apps.get_models()
        if model.__module__.startswith("marelle.") and not model.__module__.startswith("marelle.demo")
    ]
    assert len(names) > 80
    irregular = [pair for pair in names if " " in pair[0] or pair[0].endswith(("s", "x", "au", "eu", "al"))]
    assert [one for one, several in irregular if several == f"{one}s"] == []
