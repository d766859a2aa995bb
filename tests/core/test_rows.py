"""A row has names: what its columns do not fit is refused before any query, and each value has its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from django.db.models import CharField, QuerySet, Value

from marelle.core.prepared import prepared
from marelle.core.rows import columns
from marelle.journal.models import Entry
from marelle.places.models import Calendar, Commune, School
from tests.sources import nodes

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Written(NamedTuple):
    verb: str
    by: str
    about: str


@dataclass(frozen=True, slots=True)
class Noted:
    verb: str
    by: str
    times: int = 1


class Place(NamedTuple):
    id: int
    code: str


class Taught(NamedTuple):
    name: str
    place: Place
    kind: str


WRITTEN = columns(Written, about="subject_kind", verb="verb", by="actor_label")
PLACE = columns(Place, id="pk", code="postal_code")


def _entry(verb: str, by: str) -> None:
    Entry.objects.create(at=NOON, actor_label=by, verb=verb, subject_kind="y", data={})


@pytest.mark.parametrize(
    ("make", "given"),
    [
        (Written, {"verb": "verb", "by": "actor_label"}),
        (Written, {"verb": "verb", "by": "actor_label", "about": "subject_kind", "more": "at"}),
        (Written, {"verb": "verb", "by": "actor_label", "about": "verb"}),
        (Noted, {"verb": "verb", "times": "pk"}),
        (Taught, {"name": "name", "place": PLACE, "kind": "pk"}),
    ],
    ids=["no column", "no field", "a column twice", "a hole", "twice in a part"],
)
def test_columns_that_do_not_fit_the_row_are_refused_at_once(
    make: Callable[..., Any], given: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match=make.__name__):
        columns(make, **given)


@pytest.mark.parametrize("same", [("verb", "by"), ("verb", "verb")])
def test_an_argument_has_one_column(same: tuple[str, ...]) -> None:
    with pytest.raises(TypeError, match="Noted"):
        columns(Noted, *same, by="actor_label")


@pytest.mark.django_db
def test_a_column_goes_to_the_field_of_its_name_whatever_their_order() -> None:
    _entry("x", "Ana")
    assert WRITTEN.of(Entry.objects.all()).get() == Written(verb="x", by="Ana", about="y")
    noted = columns(Noted, "verb", by="actor_label").of(Entry.objects.all())
    assert list(noted) == [Noted("x", "Ana", 1)]
    said = columns(lambda verb, by: f"{by}: {verb}", verb="verb", by="actor_label")
    assert list(said.of(Entry.objects.all())) == ["Ana: x"]


@pytest.mark.django_db
def test_a_part_of_a_row_is_a_row() -> None:
    commune = Commune.objects.create(name="Nulle-Part", postal_code="99000")
    calendar = Calendar.objects.create(name="Le calendrier", zone="B")
    school = School.objects.create(name="École", commune=commune, calendar=calendar)
    taught = columns(Taught, kind="pk", place=PLACE.through("commune"), name="name").of(School.objects.all())
    assert list(taught) == [Taught("École", Place(commune.pk, "99000"), school.pk)]
    assert str(taught.query) == str(
        School.objects.values_list("name", "commune__pk", "commune__postal_code", "pk").query
    )


@pytest.mark.django_db
def test_a_union_and_a_prepared_query_give_named_rows() -> None:
    silent = columns(Written, verb="verb", by=Value("nobody", output_field=CharField()), about="subject_kind")

    @prepared
    def found(verb: str) -> QuerySet[Entry, Written]:
        rows = Entry.objects.filter(verb=verb).order_by()
        return WRITTEN.of(rows).union(silent.of(rows), all=True)

    _entry("x", "Ana")
    for _each in range(2):
        assert {row.by for row in found("x")} == {"Ana", "nobody"}
        assert all(isinstance(row, Written) for row in found("x"))


def _returned(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """What a function returns, and what it gave to the name that it returns."""
    values = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
    names = {value.id for value in values if isinstance(value, ast.Name)}
    yield from values
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(getattr(one, "id", "") in names for one in node.targets):
            yield node.value


def _is_wide(call: ast.AST) -> bool:
    """Three columns or more."""
    if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") != "values_list":
        return False
    return len(call.args) > 2 or any(isinstance(one, ast.Starred) for one in call.args)


def test_a_row_of_three_columns_leaves_the_function_that_asked_for_it_with_names():
    """Two may be a key and its value; one that is unpacked where it is asked for is read in one glance."""
    found = {
        path
        for path, function in nodes("values_list")
        if isinstance(function, ast.FunctionDef)
        for value in _returned(function)
        if not isinstance(value, ast.DictComp | ast.ListComp | ast.SetComp)  # unpacked there and then
        if any(map(_is_wide, ast.walk(value)))
    }
    # This one makes named rows of them; the other counts each table, all alike.
    assert found == {"core/rows.py", "flows/home/personal_rows.py"}
