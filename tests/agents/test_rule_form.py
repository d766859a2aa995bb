"""The form of a rule: every rule that the tables can hold is shown and comes back unchanged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

from django.forms import BoundField
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from marelle.activities.audiences import Audience, AudienceKind
from marelle.activities.rules import (
    TIMED,
    After,
    Anchor,
    Counting,
    Judged,
    Limit,
    LimitKind,
    OffDay,
    Rule,
    Wave,
)
from marelle.agents.activities.forms.limits import LINE_OF, LimitForm
from marelle.agents.activities.forms.rules import RuleForm
from marelle.agents.activities.forms.waves import NAMED, WaveForm

DAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))
INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2099, 12, 31)).map(
    lambda told: told.replace(second=0, microsecond=0, tzinfo=UTC)
)
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
LIMITS = st.one_of(
    st.builds(Limit, st.sampled_from((LimitKind.START, LimitKind.NEVER))),
    st.builds(
        Limit, st.just(LimitKind.WEEK_BEFORE), n=st.integers(0, 52), weekday=st.integers(0, 6), time=TIMES
    ),
    st.builds(
        Limit,
        st.just(LimitKind.DAYS_BEFORE),
        n=st.integers(0, 366),
        counting=st.sampled_from(Counting),
        anchor=st.sampled_from(Anchor),
        time=TIMES,
    ),
    st.builds(Limit, st.just(LimitKind.HOURS_BEFORE), n=st.integers(0, 366 * 24)),
    st.builds(Limit, st.just(LimitKind.MONTH_BEFORE), n=st.integers(1, 31), time=TIMES),
    st.builds(Limit, st.just(LimitKind.FIXED), at=INSTANTS),
)
LIMITS = st.builds(
    lambda limit, strict, off_day: replace(
        limit,
        strict=strict and limit.kind is not LimitKind.NEVER,
        off_day=off_day if limit.kind in TIMED else OffDay.KEPT,
    ),
    LIMITS,
    st.booleans(),
    st.sampled_from(OffDay),
)
OPENINGS = LIMITS.filter(lambda limit: limit.kind in TIMED or limit.kind is LimitKind.FIXED).map(
    lambda limit: replace(limit, strict=False)
)
UNTOLD = {*NAMED, AudienceKind.NAMED}
"""Those that need rows, or that no wave is for."""
WAVES = st.builds(
    Wave,
    opens=st.none() | OPENINGS,
    audience=st.sampled_from([kind for kind in AudienceKind if kind not in UNTOLD]).map(Audience),
    judged=st.sampled_from(Judged),
)
RULES = st.builds(
    Rule,
    since=DAYS,
    until=st.none() | DAYS,
    book=LIMITS,
    cancel=LIMITS,
    waves=st.lists(WAVES, max_size=3).map(tuple),
    after=st.sampled_from(After),
    weekdays=st.frozensets(st.integers(0, 6)),
)


MANY = {"weekdays", "communes", "schools", "waves_shown"}


def posted(form: RuleForm) -> QueryDict:
    """What a browser sends back of a form that nobody touched."""
    data = QueryDict(mutable=True)
    data["waves_shown"] = str(len(form.waves))
    for part in (form, form.book, form.cancel, *form.waves):
        for bound in (bound for bound in part if bound.name not in MANY):
            value = shown(bound)
            if value is not None:
                data[bound.html_name] = value
    data.setlist("weekdays", form["weekdays"].value())
    return data


def shown(bound: BoundField) -> str | None:
    value = bound.value()
    told = bound.field.widget.format_value(value)
    return (told[0] if told else None) if isinstance(told, list) else told


@given(RULES)
def test_a_rule_shown_and_sent_back_is_the_same(rule: Rule) -> None:
    sent = posted(RuleForm(None, rule=rule, since=rule.since, version="v", weekdays=rule.weekdays))
    form = RuleForm(sent, rule=rule, since=rule.since, version="v")
    assert form.is_valid(), (form.errors, form.book.errors, form.cancel.errors)
    assert form.rule() == rule


@given(LIMITS, LIMITS)
def test_another_sentence_chosen_leaves_the_blanks_of_the_first_unread(first: Limit, second: Limit) -> None:
    data = QueryDict(mutable=True)
    for limit in (first, second):
        form = LimitForm(None, prefix="book", legend="", limit=limit)
        for name in ("kind", "strict", "off_day", *LINE_OF[limit.kind].blanks):
            data[f"book-{name}"] = shown(form[name]) or ""
    form = LimitForm(data, prefix="book", legend="", limit=second)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["limit"] == second


def test_an_empty_blank_or_nonsense_is_said_in_french() -> None:
    for typed in (
        {},
        {"book-kind": "x"},
        {"book-kind": "week_before"},
        {"book-kind": "days_before", "book-days_n": "400", "book-days_time": "12:00"},
        {"book-kind": "fixed", "book-at": "demain"},
        {"book-kind": "month_before", "book-month_n": "0", "book-month_time": "25:00"},
    ):
        data = QueryDict(mutable=True)
        data.update(typed)
        form = LimitForm(data, prefix="book", legend="Réserver", limit=None)
        assert not form.is_valid()
        assert form.faults()


def test_each_kind_of_limit_has_its_sentence() -> None:
    assert set(LINE_OF) == set(LimitKind)


def test_a_wave_does_not_open_at_the_end_of_a_day_by_itself():
    new, days = WaveForm(None, number=0, wave=None), Limit(LimitKind.DAYS_BEFORE, n=3, time=time(23, 59))
    for name in ("week_time", "days_time", "month_time"):
        assert new[name].value() == time(8)
    kept = WaveForm(None, number=0, wave=Wave(days))
    assert (kept["days_time"].value(), kept["week_time"].value()) == (time(23, 59), time(8))
