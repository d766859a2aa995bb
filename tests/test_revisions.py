"""Whoever changes what processes keep under a revision gives it another: a new service that does not is
refused here, unless it says why nothing kept is changed by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marelle.activities.catalogue import _read
from marelle.activities.models import Activity, AgeGroup, Slot
from marelle.activities.services import part_change
from marelle.activities.services.shared import shared_change
from marelle.core import kept
from marelle.core.actor import Role
from marelle.core.models import Revision
from marelle.flows.actor.actors import actor_for
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, Structure, StructureContact
from marelle.pricing.selectors import tariff_books
from tests.roles.world import NOW
from tests.scenario import Scenario
from tests.writers import follows, functions, reaching, writers


@dataclass(frozen=True)
class Kind:
    """`read` reads what is kept, `goal` gives it another revision; `but` are who need not, and why."""

    goal: str
    read: Callable[[Scenario], object]
    but: dict[str, str] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    """Where the tables that it reads are known; else it is read, and they are seen."""

    @property
    def goals(self) -> frozenset[str]:
        return frozenset({self.goal})


ANOTHER_ROW: Final = {
    "activities.services.booking_rules.waves_write": "waves, for who writes their rule and then says so",
    "billing.payers.payer_set": "who pays besides homes",
    "billing.runs.services.run_start": "a run, with the structures that it bills",
    "flows.door.evening.evening_set": "where lists go, read each time",
    "messaging.services.thread_pass": "a thread, which goes to another structure",
    "papers.services.publishing.publication_correct": "what a structure publishes",
}
TARIFFS: Final = {
    f"pricing.writing.{name}": "a tariff of slots, not what they are"
    for name in ("_parts", "adjustment_write", "span_rule_write")
}
TARIFF_TABLES: Final = frozenset(one.__name__ for one in apps.get_app_config("pricing").get_models())
KINDS: Final = {
    "definitions": Kind(
        "marelle.activities.catalogue.definition_changed",
        lambda world: list(_read([world.wednesdays.pk])),
        {
            **ANOTHER_ROW,
            **TARIFFS,
            "billing.payers.coverage_take": "what somebody else pays of a home's bills, and of which",
            "pricing.services.row_end": "a tariff, not what it is of",
            "pricing.services.row_take_away": "a tariff, not what it is of",
            "pricing.products._write": "what a product covers, not what it is",
            "activities.services.booking_rules.rows_end": "dated rows, for who ends them and then says so",
            "activities.services.draws.outing_add": "an opening, which is read each time",
            "flows.catalogue.closing.reducing._closure": "fewer places, which close no day",
            "flows.catalogue.closing.undoing.closing_end": "a closing, for who ends it and then says so",
            "places.look._look_set": "how an authority is named, not what it decides",
            "places.services.authority_describe": "how an authority is reached, not what it decides",
        },
    ),
    "choices": Kind(
        "marelle.core.kept.kept_changed",
        lambda _world: [one.read() for one in kept.ALL if one is not tariff_books],
        ANOTHER_ROW | {"papers.services.asking._written": "a paper to ask for"},
    ),
    "tariffs": Kind(
        "marelle.core.kept.kept_changed",
        lambda _world: None,
        {
            f"pricing.writing.{name}": "rows, for who writes a tariff and then says so"
            for name in (
                "_checked",
                "_parts",
                "adjustment_write",
                "price_write",
                "span_rule_write",
                "tariff_write",
            )
        }
        | {
            f"pricing.subscriptions.subscription_{name}": "what a home has, read each time"
            for name in ("take", "end")
        }
        | {"flows.moving.counters.subscriptions_write": "what homes have, read each time"},
        TARIFF_TABLES,
    ),
}


@pytest.fixture
def world() -> Scenario:
    world = Scenario()
    world.wednesdays = world.activity()
    world.morning = world.slot(world.wednesdays)
    return world


def tables_of(kind: Kind, world: Scenario) -> frozenset[str]:
    """The models that what is kept is read from; of a relation of many to many, those that it joins."""
    with CaptureQueriesContext(connection) as asked:
        kind.read(world)
    tables = {name for query in asked for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    found = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in tables]
    assert len(found) == len(tables)
    return frozenset(
        name.__name__
        for model in found
        for name in (
            [one.related_model for one in model._meta.fields if one.related_model]
            if model._meta.auto_created
            else [model]
        )
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", KINDS)
def test_whoever_changes_what_is_kept_gives_it_another_revision(name: str, world: Scenario) -> None:
    kind = KINDS[name]
    found = writers(kind.tables or tables_of(kind, world))
    assert len(found) > 8, "the reading of the code finds nothing"
    bare = {one.removeprefix("marelle.") for one in found if not follows(one, kind.goals)}
    assert sorted(bare ^ set(kind.but)) == []


@pytest.mark.parametrize(
    ("name", "writer", "by"),
    [
        (
            "definitions",
            "activities.services.booking_rules.booking_rule_set",
            "activities.services.booking_rules._written",
        ),
        (
            "definitions",
            "activities.services.definitions.part_add",
            "activities.services.definitions._follow",
        ),
        ("definitions", "activities.services.shared.shared_remove", "activities.services.shared._follow"),
        ("definitions", "places.services.calendar_refresh", "flows.catalogue.calendars.calendar_applied"),
        ("choices", "flows.messages.wordings.wording_save", "itself"),
        ("choices", "places.look._locked", "places.look._kept"),
    ],
)
def test_one_that_does_not_is_found(name: str, writer: str, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: each kind of writer, without the call."""
    goals = KINDS[name].goals
    one = functions()[f"marelle.{writer if by == 'itself' else by}"]
    assert follows(f"marelle.{writer}", goals)
    monkeypatch.setattr(one, "calls", one.calls - goals)
    reaching.cache_clear()
    assert not follows(f"marelle.{writer}", goals)
    monkeypatch.undo()
    reaching.cache_clear()


SHARED: Final = (Authority, Commune, Calendar, CalendarSpan)
CHANGES: Final[dict[type[Any], dict[str, Any]]] = {
    Activity: {"name": "Autre"},
    AgeGroup: {"name": "Autre"},
    Authority: {"name": "Autre"},
    Calendar: {"school_weekdays": [0, 1]},
    CalendarSpan: {"name": "Autre"},
    Commune: {"name": "Autre"},
    Slot: {"name": "Autre"},
    Structure: {"name": "Autre"},
    StructureContact: {"label": "Autre"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["definitions", "choices"])
def test_a_row_of_each_table_that_a_form_changes_is_read_again(name: str, world: Scenario) -> None:
    """A service that writes rows of many tables calls it for those that are kept: the code alone does not say
    for which."""
    kind = KINDS[name]
    authority, admin = world.the_authority, actor_for(world.staff("admin", Role.ADMINISTRATOR))
    world.the_commune.authorities.add(authority)
    AgeGroup.objects.create(activity=world.wednesdays, name="Grands", min_age_months=72)
    StructureContact.objects.create(structure=world.wednesdays.structure, label="Accueil")
    CalendarSpan.objects.create(
        calendar=world.wednesdays.calendar, kind="school_holiday", name="Pont",
        first_day=date(2027, 5, 7), last_day=date(2027, 5, 8),
    )  # fmt: skip
    held = {
        model for model in CHANGES if model.__name__ in tables_of(kind, world) and (name, model) not in NAMES
    }
    for model in sorted(held, key=lambda one: one.__name__):
        before = revisions()[name]
        row = model._default_manager.order_by("pk").first()
        change = shared_change if model in SHARED else part_change
        seen = {"seen": None} if model in SHARED else {}
        assert change(actor=admin, model=model, pk=row.pk, changes=CHANGES[model], now=NOW, **seen), model
        assert revisions()[name] != before, model
    assert len(held) > 3


NAMES: Final = {("definitions", Authority)}
"""An authority is in what is kept by its key alone."""


def revisions() -> dict[str, int]:
    return {
        "definitions": Activity.objects.get().revision,
        "choices": Revision.objects.values_list("number", flat=True).first() or 0,
    }
