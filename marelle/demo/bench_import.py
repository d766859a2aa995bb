"""How long a list of families takes to enter: read, matched, checked, and written as the worker does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from marelle.core.tabular import csv_written
from marelle.demo.bench_search import office
from marelle.families.imports.services import import_prepare, import_report, import_start, imports_advance
from marelle.files.apart import alone
from marelle.flows.actor.actors import actor_for
from marelle.places.models import School

HOMES: Final = 2_000
HEADINGS: Final = (
    "référence", "prénom parent 1", "nom parent 1", "mail parent 1", "téléphone parent 1", "lien parent 1",
    "prénom parent 2", "nom parent 2", "lien parent 2", "prénom enfant", "date de naissance",
    "rue", "code postal", "ville", "quotient", "école", "classe", "repas",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """Seconds for `HOMES` homes: the file read, what it would do, and all written, batch by batch."""

    read_s: float
    report_s: float
    written_s: float


def import_figures() -> ImportFigures:
    """`HOMES` homes of two adults and two children; nothing of it is kept."""
    upload = SimpleUploadedFile("familles.csv", content(HOMES))
    now = timezone.now()
    with transaction.atomic(), alone():
        actor = actor_for(office())
        began = time.perf_counter()
        row = import_prepare(actor=actor, upload=upload, now=now)
        read = time.perf_counter()
        import_report(row, now=now)
        reported = time.perf_counter()
        import_start(actor=actor, import_id=row.pk, all_or_none=True, now=now)
        started = time.perf_counter()
        while imports_advance(now=now):
            pass
        written = time.perf_counter()
        transaction.set_rollback(True)
    return ImportFigures(read - began, reported - read, written - started)


def content(homes: int, *, diet: str = "sans porc") -> bytes:
    """The file that the office sends, all at a school of the portal; `diet` is that of the elder ones."""
    school = School.objects.select_related("commune").order_by("pk")[0]
    name = f"{school.name} {school.commune.name}"
    lines = (
        _line(number, child, name, level, meal)
        for number in range(homes)
        for child, level, meal in (("Alix", "CE2 A", diet), ("Sasha", "CE1", "habituel"))
    )
    return csv_written([HEADINGS, *lines])


def _line(number: int, child: str, school: str, level: str, diet: str) -> tuple[object, ...]:
    name = _name(number)
    return (
        f"BANC-{number}", f"Dominique {name}", f"Banc {name}", f"{name.lower()}@banc.example",
        f"06 39 {number // 100:02} {number % 100:02} 01", "mère", f"Claude {name}", f"Banc {name}", "père",
        child, f"{1 + number % 28:02}/05/2018", f"{number} rue du Banc", "21999", "Arelle", "734,50",
        school, level, diet,
    )  # fmt: skip


def _name(number: int) -> str:
    """A name of letters for each number: what is searched by a mistake is a word of letters."""
    letters = "abcdefghij"
    return "".join(letters[int(digit)] for digit in f"{number:04}").capitalize()
