"""A prepared query runs the statement that Django would have built, with the values of this call alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from marelle.core.actor import Actor, Power, Role
from marelle.core.prepared import prepared, rounded
from marelle.journal.models import Entry
from marelle.places.models import Calendar, Commune, School

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@prepared
def _entries(since: datetime, users: list[int], verb: str) -> QuerySet[Entry]:
    return Entry.objects.filter(at__gte=since, actor_user_id__in=users, verb=verb).order_by("pk")


@prepared
def _of(actor: Actor) -> QuerySet[Entry]:
    return Entry.objects.filter(family_id=actor.family_id, actor_user_id=actor.user_id)


def _written(user: int | None, verb: str = "x", family: int | None = None, at: datetime = NOON) -> Entry:
    return Entry.objects.create(
        at=at, actor_user_id=user, actor_label="", verb=verb, subject_kind="x", family_id=family, data={}
    )


def test_each_call_has_its_own_values() -> None:
    one, two = _written(1), _written(2)
    late = _written(2, at=NOON + timedelta(hours=1))
    assert _entries(NOON, [1, 2], "x") == [one, two, late]
    assert _entries(NOON, [2, 1], "x") == [one, two, late]
    assert _entries(NOON + timedelta(minutes=1), [1, 2], "x") == [late]
    assert _entries(NOON, [2], "x") == [two, late]
    assert _entries(NOON, [1, 1], "x") == [one]
    assert _entries(NOON, [], "x") == []
    assert _entries(NOON, [1], "y") == []


def test_collections_of_many_sizes_make_few_statements() -> None:
    one, two, three = _written(1), _written(2), _written(3)
    assert [rounded(users) for users in ([], [4], [4, 4], [7, 5, 6])] == [[], [4], [4], [7, 5, 6, -1]]
    assert _entries(NOON, rounded([1, 2, 3]), "x") == [one, two, three]
    few, many = (_entries.sql(NOON, rounded(range(1, size)), "x")[0] for size in (6, 9))
    assert few == many
    assert _entries(NOON, [1, *range(10, 5_000)], "x") == [one]


def test_days_may_be_several() -> None:
    @prepared
    def on(days: list[date]) -> QuerySet[Calendar]:
        return Calendar.objects.filter(spans__first_day__in=days)

    kept = on.sql([DAY, DAY + timedelta(days=1)])[1]
    assert [str(day) for day in kept] == ["2026-11-25", "2026-11-26"]
    assert on([]) == []


def test_nothing_that_was_read_is_kept() -> None:
    assert _entries(NOON, [1], "x") == []
    one = _written(1)
    assert _entries(NOON, [1], "x") == [one]
    one.delete()
    assert _entries(NOON, [1], "x") == []


def test_an_actor_without_a_home_never_reads_as_one_with_a_home() -> None:
    nobody, home = _written(1), _written(1, family=4)
    assert _of(Actor(1, "", family_id=4)) == [home]
    assert _of(Actor(1, "", family_id=None)) == [nobody]
    assert _of(Actor(1, "", family_id=5)) == []


def test_powers_are_a_part_of_the_statement() -> None:
    @prepared
    def seen(actor: Actor) -> QuerySet[Entry]:
        return Entry.objects.all() if actor.is_administrator else Entry.objects.filter(pk=actor.user_id)

    one = _written(1)
    boss = Actor(0, "", powers=frozenset({Power(Role.ADMINISTRATOR)}))
    assert [seen(Actor(0, "")), seen(boss), seen(Actor(0, ""))] == [[], [one], []]


def test_a_value_computed_from_an_argument_is_refused() -> None:
    @prepared
    def tomorrow(day: date) -> QuerySet[Entry]:
        return Entry.objects.filter(at__date__gt=day + timedelta(days=1))

    with pytest.raises(TypeError, match="computes"):
        tomorrow(DAY)


def test_a_statement_that_hangs_on_a_value_is_refused() -> None:
    @prepared
    def first(count: int) -> QuerySet[Entry]:
        return Entry.objects.order_by("pk")[:count]

    with pytest.raises(TypeError, match="hangs on"):
        first(3)


@pytest.mark.django_db(transaction=True)
def test_what_locks_asks_for_a_transaction_each_time() -> None:
    @prepared
    def locked(pk: int) -> QuerySet[Entry]:
        return Entry.objects.select_for_update().filter(pk=pk)

    one = _written(1)
    for _each in range(2):
        with transaction.atomic():
            assert locked(one.pk) == [one]
        with pytest.raises(transaction.TransactionManagementError):
            locked(one.pk)


def test_other_arguments_are_refused() -> None:
    @prepared
    def found(value: object) -> QuerySet[Entry]:
        return Entry.objects.filter(data=value)

    with pytest.raises(TypeError, match="Not an argument"):
        found({"a": 1})


def test_a_constant_that_looks_like_a_stand_in_stays() -> None:
    @prepared
    def found(user: int) -> QuerySet[Entry]:
        return Entry.objects.filter(actor_user_id=user, family_id=10_007)

    one = _written(3, family=10_007)
    assert found(3) == [one]
    assert found(10_007) == []


def test_a_code_is_written_in_the_statement_and_any_other_text_is_a_value() -> None:
    @prepared
    def found(users: list[int], verb: str) -> QuerySet[Entry]:
        return Entry.objects.filter(
            actor_user_id__in=users, actor_label__contains=F("verb"), verb=verb
        ).order_by("pk")

    for verb in ("wishes.sent", "", "it's", "100 %s", "Envoi"):
        one = _written(7, verb)
        Entry.objects.filter(pk=one.pk).update(actor_label=f"<{verb}>")
        other = _written(7, verb)
        sql, values = found.sql([7, 8], verb)
        is_code = verb in {"wishes.sent", ""}
        assert (f"'{verb}'" in sql, verb in values) == (is_code, not is_code)
        assert found([7, 8], verb) == ([one] if verb else [one, other])


def test_related_rows_and_tuples_come_as_from_the_queryset(
    count_queries: Callable[..., AbstractContextManager[list[str]]],
) -> None:
    commune = Commune.objects.create(name="Marelle-sur-Vilaine", postal_code="35999")
    calendar = Calendar.objects.create(name="Le calendrier", zone="B")
    school = School.objects.create(name="École", commune=commune, calendar=calendar)

    @prepared
    def rows(pk: int) -> QuerySet[School]:
        return School.objects.filter(pk=pk).select_related("commune")

    @prepared
    def names(pk: int) -> QuerySet[School, tuple[str, bool]]:
        known = Commune.objects.filter(pk=OuterRef("commune_id"))
        return School.objects.filter(pk=pk).values_list("name", Exists(known))

    rows(school.pk)
    with count_queries(2):
        assert rows(school.pk)[0].commune == commune
        assert names(school.pk) == [("École", True)]


@pytest.mark.django_db(transaction=True)
def test_threads_use_their_own_connection() -> None:
    _written(1)
    _entries(NOON, [1], "x")
    found: list[int] = []

    def read() -> None:
        try:
            found.append(len(_entries(NOON, [1], "x")))
        finally:
            connection.close()

    threads = [Thread(target=read) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 4
