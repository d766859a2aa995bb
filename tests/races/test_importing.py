"""The same families enter by two files at the same moment: each is written once, whoever writes it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.refusals import NotYours
from marelle.families.imports import services
from marelle.families.imports.services import import_drop, import_prepare, import_start, imports_advance
from marelle.families.models import Family, FamilyImport, Member
from marelle.flows.actor.actors import actor_for
from tests.families.imports.files import changed, csv_of
from tests.races.together import together, together_or_errors
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 25, 9, tzinfo=PARIS)
HOMES = 9


@pytest.fixture
def offices(monkeypatch):
    """Two agents, and batches of two homes."""
    monkeypatch.setattr(services, "BATCH", 2)
    world = Scenario()
    assert world.the_authority
    return [actor_for(world.staff(name, Role.OFFICE)) for name in ("guichet", "accueil")]


def file(reference: str = "R") -> SimpleUploadedFile:
    """Without a reference, homes are known by their people alone."""
    letters = "abcdefghi"[:HOMES]
    return csv_of(
        *[
            changed(
                c0=f"{reference}{n}" if reference else "",
                c1=f"Parent{one}",
                c3=f"{one}@famille.example",
                c4="",
                c6=f"Enfant{one}",
            )
            for n, one in enumerate(letters)
        ]
    )


def prepared(offices, reference: str) -> list[FamilyImport]:
    return [import_prepare(actor=office, upload=file(reference), now=NOW) for office in offices]


def all_written() -> None:
    while imports_advance(now=NOW):
        pass
    assert Family.objects.count() == HOMES
    assert Member.objects.filter(kind=Member.Kind.CHILD).count() == HOMES
    rows = FamilyImport.objects.all()
    assert {row.state for row in rows} == {"done"}
    assert sum(row.counts["created"] for row in rows) == HOMES
    for row in rows:
        assert row.counts["created"] + row.counts["present"] == HOMES


@pytest.mark.parametrize("reference", ["R", ""])
def test_two_agents_import_the_same_file_while_two_workers_write(offices, reference):
    rows = prepared(offices, reference)
    together(
        [
            lambda office=office, row=row: import_start(
                actor=office, import_id=row.pk, all_or_none=False, now=NOW
            )
            for office, row in zip(offices, rows, strict=True)
        ]
    )
    together([lambda: imports_advance(now=NOW)] * 3)
    all_written()


def test_two_agents_start_one_import(offices):
    (row, other) = prepared(offices, "R")
    other.delete()
    together(
        [
            lambda office=office: import_start(actor=office, import_id=row.pk, all_or_none=False, now=NOW)
            for office in offices
        ]
    )
    together([lambda: imports_advance(now=NOW)] * 2)
    all_written()


def test_one_agent_starts_an_import_that_another_forgets(offices):
    (row, other) = prepared(offices, "R")
    other.delete()
    started, dropped = together_or_errors(
        [
            lambda: import_start(actor=offices[0], import_id=row.pk, all_or_none=False, now=NOW),
            lambda: import_drop(actor=offices[1], import_id=row.pk),
        ]
    )
    assert (isinstance(started, NotYours), dropped) in [(True, True), (False, False)]
    if not dropped:
        all_written()
