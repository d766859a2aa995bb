from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marelle.core import french
from marelle.core.clock import PARIS, instant_at, local, universal

TUESDAY = datetime(2026, 9, 8, 23, 59, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 9, 8), "mardi 8 septembre"),
        (date(2026, 12, 1), "mardi 1er décembre"),
        (date(2027, 8, 31), "mardi 31 août"),
    ],
)
def test_a_day_in_words(day: date, told: str) -> None:
    assert french.day_long(day) == told
    assert french.day_long_year(day) == f"{told} {day.year}"


@pytest.mark.parametrize(
    ("amount", "told"),
    [("0", "0,00\u00a0€"), ("734.5", "734,50\u00a0€"), ("1405", "1\u202f405,00\u00a0€")],
)
def test_an_amount_in_words(amount: str, told: str) -> None:
    assert french.euros_text(Decimal(amount)) == told


def test_short_forms_of_a_day() -> None:
    assert french.day_short(date(2026, 9, 8)) == "mar. 8"
    assert french.day_short(date(2026, 12, 1)) == "mar. 1er"
    assert french.day_compact(date(2026, 12, 2)) == "2\u00a0déc."
    assert french.day_compact(date(2026, 12, 2), named=True) == "mer.\u00a02\u00a0déc."


def test_days_for_a_narrow_column_name_each_month_once():
    days = [date(2026, 11, 6), date(2026, 11, 3), date(2026, 10, 29), date(2026, 11, 1)]
    assert french.days_compact(days) == "29\u00a0oct., 1er, 3, 6\u00a0nov."
    assert french.days_compact([]) == ""
    assert french.day_plain(date(2026, 12, 4)) == "4 décembre 2026"
    assert french.month_text(date(2026, 12, 4)) == "décembre 2026"


def test_days_of_another_month_name_it():
    november = date(2026, 11, 1)
    own = [date(2026, 11, 18), date(2026, 11, 4)]
    late = [date(2026, 9, 16), date(2026, 9, 2), date(2026, 9, 1)]
    assert french.days_in(own, november) == "les 4 et 18"
    assert french.days_in(late, november) == "les 1er, 2 et 16 septembre"
    assert french.days_in([*own, *late[:1]], november) == "le 16 septembre et les 4 et 18 novembre"
    assert french.days_in(late[:1], date(2027, 1, 1)) == "le 16 septembre 2026"
    assert french.days_text([*own, *late[:1]]) == "le 16 septembre 2026 et les 4 et 18 novembre 2026"
    assert french.days_named([*own, *late[:1]]) == "le 16 septembre et les 4 et 18 novembre"


def test_hours() -> None:
    assert french.time_text(time(18)) == "18 h"
    assert french.time_text(time(12, 30)) == "12 h 30"
    assert french.time_text(time(8, 5)) == "8 h 05"
    assert french.time_text(time(0)) == "0 h"
    assert french.time_long(time(18)) == "18 h 00"
    assert french.hours_text(time(8, 30), time(12)) == "8 h 30 – 12 h"


def test_instants_are_told_on_the_clocks_of_paris() -> None:
    assert french.instant_long(datetime(2026, 9, 8, 21, 59, tzinfo=UTC)) == "mardi 8 septembre à 23 h 59"
    assert french.until_long(TUESDAY) == "jusqu’au mardi 8 septembre à 23 h 59"
    assert french.since_long(TUESDAY) == "depuis le mardi 8 septembre à 23 h 59"
    assert french.from_long(datetime(2026, 8, 21, 5, tzinfo=UTC)) == "à partir du vendredi 21 août à 7 h 00"
    assert french.instant_long_year(TUESDAY) == "mardi 8 septembre 2026 à 23 h 59"


@pytest.mark.parametrize(
    ("now", "limit", "told"),
    [
        ((30, 9, 0), (30, 18, 0), "jusqu’à ce soir 18 h"),
        ((30, 9, 0), (30, 12, 0), "jusqu’à aujourd’hui 12 h"),
        ((30, 7, 0), (30, 8, 30), "jusqu’à ce matin 8 h 30"),
        ((30, 23, 59), (31, 0, 0), "jusqu’à demain 0 h"),
        ((24, 9, 0), (25, 12, 0), "jusqu’à demain 12 h"),
        ((24, 9, 0), (26, 18, 0), "jusqu’à lun. 18 h"),
        ((24, 9, 0), (30, 18, 0), "jusqu’à ven. 18 h"),
        ((24, 9, 0), (31, 18, 0), "jusqu’au 31 oct. 18 h"),
        ((3, 9, 0), (1, 18, 0), "jusqu’au 1er oct. 18 h"),
    ],
)
def test_the_shortest_clear_words_for_a_limit(
    now: tuple[int, int, int], limit: tuple[int, int, int], told: str
) -> None:
    def october(day: int, hour: int, minute: int) -> datetime:
        return datetime(2026, 10, day, hour, minute, tzinfo=PARIS)

    assert french.until_short(october(*limit), october(*now)) == told


@pytest.mark.parametrize(
    ("day", "told"),
    [(1, "jusqu’à mar. 23 h 59"), (2, "jusqu’à mar. 23 h 59"), (3, "jusqu’au 27 oct. 23 h 59")],
)
def test_a_weekday_that_comes_again_before_the_day_of_the_cell_says_its_date(day: int, told: str) -> None:
    limit, now = datetime(2026, 10, 27, 23, 59, tzinfo=PARIS), datetime(2026, 10, 24, 9, tzinfo=PARIS)
    assert french.until_short(limit, now, date(2026, 11, day)) == told


def test_a_limit_of_tomorrow_is_tomorrow_s_whatever_the_day_of_the_cell() -> None:
    limit, now = datetime(2026, 10, 25, 12, tzinfo=PARIS), datetime(2026, 10, 24, 9, tzinfo=PARIS)
    assert french.until_short(limit, now, date(2026, 11, 30)) == "jusqu’à demain 12 h"


def test_today_is_that_of_paris() -> None:
    now = datetime(2026, 9, 7, 22, 30, tzinfo=UTC)
    assert french.until_short(TUESDAY, now) == "jusqu’à ce soir 23 h 59"


@pytest.mark.parametrize(
    ("first", "last", "told", "sentence"),
    [
        (
            date(2026, 11, 30),
            date(2026, 12, 4),
            "30 novembre – 4 décembre 2026",
            "du 30 novembre au 4 décembre 2026",
        ),
        (date(2026, 12, 1), date(2026, 12, 4), "1er – 4 décembre 2026", "du 1er au 4 décembre 2026"),
        (
            date(2026, 12, 28),
            date(2027, 1, 1),
            "28 décembre 2026 – 1er janvier 2027",
            "du 28 décembre 2026 au 1er janvier 2027",
        ),
        (date(2026, 12, 4), date(2026, 12, 4), "4 décembre 2026", "le 4 décembre 2026"),
    ],
)
def test_ranges_say_once_what_both_ends_share(first: date, last: date, told: str, sentence: str) -> None:
    assert french.range_text(first, last) == told
    assert french.range_sentence(first, last) == sentence


def test_lists() -> None:
    assert french.join_and([]) == ""
    assert french.join_and(["Zoé"]) == "Zoé"
    assert french.join_and(["Zoé", "Léo"]) == "Zoé et Léo"
    assert french.join_and(["Zoé", "Léo", "Noé"]) == "Zoé, Léo et Noé"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_an_instant_keeps_its_place_on_both_clocks(naive: datetime) -> None:
    instant = naive.replace(tzinfo=UTC)
    assert universal(local(instant)) == instant


def test_the_hour_shown_twice_is_the_first_and_the_skipped_one_moves_on() -> None:
    assert universal(instant_at(date(2026, 10, 25), time(2, 30))) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert universal(instant_at(date(2027, 3, 28), time(2, 30))) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("read", [local, universal])
def test_an_instant_needs_a_zone(read: object) -> None:
    assert callable(read)
    with pytest.raises(ValueError, match="time zone"):
        read(datetime(2026, 9, 8))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Zoé", "de Zoé"),
        ("Inès", "d’Inès"),
        ("Élise Durand", "d’Élise Durand"),
        ("Œnone", "d’Œnone"),
        ("Hélène", "d’Hélène"),
        ("Henri-Pierre", "d’Henri-Pierre"),
        ("Hugo", "de Hugo"),
        ("Hamza", "de Hamza"),
        ("Yves", "d’Yves"),
        ("Yasmine", "de Yasmine"),
        ("", "de "),
    ],
)
def test_de_and_que_drop_their_vowel_before_another_and_a_mute_h(name: str, said: str) -> None:
    assert french.of_name(name) == said
    assert french.that_name(name) == said.replace("de ", "que ").replace("d’", "qu’")


@pytest.mark.parametrize(
    ("name", "said", "of"),
    [
        (
            "Communauté de communes de Brise",
            "la Communauté de communes de Brise",
            "de la Communauté de communes de Brise",
        ),
        ("SIVOM du Val", "le SIVOM du Val", "du SIVOM du Val"),
        ("Agglomération d’Arelle", "l’Agglomération d’Arelle", "de l’Agglomération d’Arelle"),
        ("Arelle", "Arelle", "d’Arelle"),
        ("Le Creux", "Le Creux", "du Creux"),
        ("Les Aulnes", "Les Aulnes", "des Aulnes"),
    ],
)
def test_an_authority_takes_the_article_of_what_it_is(name: str, said: str, of: str) -> None:
    assert french.authority_text(name) == said
    assert french.of_authority(name) == of
