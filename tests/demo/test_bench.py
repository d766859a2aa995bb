"""The bench measures what it says, and leaves the database as it found it."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from marelle.activities.models import Quota
from marelle.billing.models import BillingRun
from marelle.bookings.models import Booking
from marelle.bookings.states import HOLDING
from marelle.core.actor import Role
from marelle.demo import bench, bench_ids, bench_import, bench_report, bench_staff
from marelle.demo.bench_queries import counting
from marelle.demo.bench_rows import write_staff_rows
from marelle.demo.builder import build
from marelle.families.imports.services import import_prepare, import_report
from marelle.families.models import Family
from marelle.flows.actor.actors import actor_for
from marelle.places.models import Closure
from marelle.portal.access.stand_ins import client_of
from tests.scenario import Scenario

TODAY = date(2026, 11, 30)

SEVERAL_TERRITORIES = 2 * 40
"""The fewest homes of a world made as that of the bench is: at a desk where nobody has worked."""

SOME = ("/agents/", "/agents/places/attente/<id:waited_id>/", "/agents/reglages/journal/")

pytestmark = pytest.mark.django_db


@pytest.mark.prove
def test_a_measure_gives_every_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "HOMES", 2)
    monkeypatch.setattr(bench, "ROUNDS", 1)
    monkeypatch.setattr("marelle.demo.bench_import.HOMES", 20)
    monkeypatch.setattr("marelle.demo.bench_rows.LINES", 100)
    every_page = bench_staff.pages
    monkeypatch.setattr(bench_staff, "pages", lambda: list(SOME))
    with time_machine.travel(datetime(2026, 11, 30, 9, tzinfo=UTC), tick=True):
        build(today=TODAY, families=SEVERAL_TERRITORIES)
        write_staff_rows(timezone.now())
        places = list(Quota.objects.order_by("pk").values_list("pk", "capacity", "taken"))
        held = set(Booking.objects.filter(state__in=HOLDING).values_list("pk", flat=True))
        measures = bench.measure(TODAY)
        unseen = every_page()
        for role in bench.ROLES:  # each is asked for what the one before does not open
            monkeypatch.setattr(bench_staff, "pages", partial(list, unseen))
            unseen = bench_staff.unseen(bench_staff.addresses(role, TODAY))
        assert unseen == []
    assert measures.planning_ms > 0
    assert measures.planning_bytes > 10_000
    assert 5 < measures.save_queries < 30
    assert set(measures.searches) == {"name", "mistake", "phone", "mail", "number", "child"}
    assert measures.search_queries < 10
    assert measures.imported.written_s > 0
    assert not Family.objects.filter(name__startswith="Banc").exists()
    assert measures.closing.bookings > 20
    assert measures.trial.homes > 20
    assert measures.trial.queries < 10
    assert measures.bills.homes > 20
    assert measures.bills.lines > measures.bills.homes
    assert measures.bills.issue.queries > 20
    assert measures.bills.pdfs > 20
    assert measures.bills.pdfs_a_second > 0
    assert measures.bills.pieces == measures.bills.pdfs
    assert measures.bills.file.s > 0
    assert not BillingRun.objects.filter(started_by="Bench").exists()
    assert not Closure.objects.filter(reason="Neige").exists()
    assert set(measures.staff_pages) == {
        "/agents/ · director",
        "/agents/ · office",
        "/agents/places/attente/<id:waited_id>/ · director",
        "/agents/places/attente/<id:waited_id>/ · office",
        "/agents/reglages/journal/ · office",
    }
    assert all(page.queries < 40 for page in measures.staff_pages.values())
    assert list(Quota.objects.order_by("pk").values_list("pk", "capacity", "taken")) == places
    assert set(Booking.objects.filter(state__in=HOLDING).values_list("pk", flat=True)) == held


@pytest.mark.once
def test_the_families_that_are_timed_come_with_a_school_a_class_and_a_meal() -> None:
    world = Scenario()
    assert world.the_school
    office = actor_for(world.staff("guichet", Role.OFFICE))
    upload = SimpleUploadedFile("familles.csv", bench_import.content(3))
    now = timezone.now()
    report = import_report(import_prepare(actor=office, upload=upload, now=now), now=now)
    assert report.problems == ()
    assert len(report.new) == 3
    assert all(child.pupil and child.diet for draft in report.new for child in draft.children)


def test_statements_that_end_a_transaction_are_not_counted() -> None:
    with counting() as seen, transaction.atomic():
        Booking.objects.count()
    assert len(seen) == 1


@pytest.mark.once
def test_every_page_of_the_agents_is_measured_with_a_row_that_is_known() -> None:
    """A route with a new argument stops here, not the bench of an evening."""
    Scenario().staff("admin", Role.ADMINISTRATOR)
    pages = bench_staff.pages()
    assert len(pages) > 100
    assert set(bench_staff.NOT_MEASURED).isdisjoint(pages)
    asked = "".join(query for queries in bench_staff.ASKED.values() for query in queries)
    named = {name for page in pages for name in bench_staff.ARGUMENT.findall(page + asked)}
    unknown = named - {*bench_ids.CHOICES}
    assert not unknown, f"say in marelle/demo/bench_ids.py which row the bench takes for {unknown}"


def test_a_page_that_nobody_opens_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_staff, "pages", lambda: list(SOME))
    labels = ["/agents/ · office", "/agents/places/attente/<id:waited_id>/ · director"]
    assert bench_staff.unseen(labels) == ["/agents/reglages/journal/"]


def _page(cpu_ms: float) -> dict[str, float]:
    return {"ms": cpu_ms + 1, "cpu_ms": cpu_ms, "queries": 7, "size": 900}


def test_what_is_printed_is_what_the_documentation_shows() -> None:
    figures: dict[str, Any] = {key.partition(".")[0]: 1 for _label, key, _shape in bench_report.FIGURES}
    groups = ("searches", "imported", "closing", "trial", "meanwhile")
    figures |= {name: defaultdict(int) for name in groups}
    figures |= {
        "bills": defaultdict(int, preview=defaultdict(int), issue=defaultdict(int), file=defaultdict(int))
    }
    figures |= {"pages": {"Ma famille": _page(16)}}
    figures |= {"staff_pages": {f"/agents/<id:x>/ · {number}": _page(number) for number in range(1, 42)}}
    lines = list(bench_report.report({"SQLite": {1_000: figures}, "PostgreSQL": {1_000: figures}}, 1_000))
    told = (Path(bench_report.__file__).parents[2] / "docs" / "performance.md").read_text()
    headers = [line for line, below in pairwise(lines) if below.startswith("|---")]
    assert len(headers) == 3
    assert [header for header in headers if header not in told] == []
    assert "| Ma famille | 17.0 ms | 16.0 ms | 17.0 ms | 16.0 ms | 7 | 900 B |" in lines
    assert any("1 pages, SQLite median 16.0 ms, 1 past 15 ms" in line for line in lines)
    staff = [line for line in lines if line.startswith("| `/agents/<id:x>/` · ")]
    assert len(staff) == bench_report.LONGEST
    assert staff[0].startswith("| `/agents/<id:x>/` · 41 |")
    assert len(list(bench_report.pages({"SQLite": figures["staff_pages"]}))) == 2 + 41


def test_who_asks_has_just_logged_in() -> None:
    assert client_of(Scenario().home("Roy").user).get("/tableau-de-bord/").status_code == 200
