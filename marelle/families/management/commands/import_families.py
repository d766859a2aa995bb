"""`python -m marelle import_families FILE [--dry-run]`: the same import as on screen, for a script.

With --dry-run it only reads and tells what it would do. A file with a line to correct is not imported, unless
--skip-wrong leaves those lines out. It ends with an error when nothing is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.core.actor import Actor, Power, Role
from marelle.core.refusals import Refusal
from marelle.families.imports.drafts import columns_missing
from marelle.families.imports.kept import ImportNotReady
from marelle.families.imports.labels import counts_text, reason_text, refusal_text
from marelle.families.imports.services import (
    Report,
    import_drop,
    import_prepare,
    import_report,
    import_start,
    imports_advance,
)
from marelle.families.models import FamilyImport

OPERATOR = Actor(None, "Marelle", powers=frozenset({Power(Role.ADMINISTRATOR)}))
"""Whoever may run a command on the server may read its database."""


class Command(BaseCommand):
    help = "Importe des familles (CSV ou XLSX), une ligne par enfant."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="lit, et dit ce qui serait fait")
        parser.add_argument("--skip-wrong", action="store_true", help="importe sans les lignes à corriger")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            row = import_prepare(actor=OPERATOR, upload=_upload(options["file"]), now=timezone.now())
            try:
                self._run(row, dry_run=options["dry_run"], skip_wrong=options["skip_wrong"])
            finally:
                import_drop(actor=OPERATOR, import_id=row.pk)
        except Refusal as refusal:
            raise CommandError(refusal_text(refusal)) from refusal

    def _run(self, row: FamilyImport, *, dry_run: bool, skip_wrong: bool) -> None:
        if missing := columns_missing(row.columns):
            raise ImportNotReady("missing_columns", columns=missing)
        report = import_report(row, now=timezone.now())
        for problem in report.problems:
            self.stderr.write(f"Ligne {problem.where} : {reason_text(problem.code, problem.data)}")
        self.stdout.write(counts_text(_counts(report)))
        if dry_run:
            self.stdout.write("Rien n’est importé : c’est un essai.")
            return
        if report.problems and not skip_wrong:
            raise CommandError("Rien n’est importé : corrigez ces lignes, ou ajoutez --skip-wrong.")
        import_start(actor=OPERATOR, import_id=row.pk, all_or_none=not skip_wrong, now=timezone.now())
        while imports_advance(now=timezone.now()):
            pass
        row.refresh_from_db()
        if row.state == FamilyImport.State.DONE:
            self.stdout.write(f"C’est importé : {counts_text(row.counts)}")
        else:  # a worker has the next homes, or gave up
            self.stdout.write("L’import est lancé : la page « Importer des familles » dit où il en est.")


def _counts(report: Report) -> dict[str, int]:
    return {
        "created": len(report.new),
        "present": len(report.known),
        "wrong": len({problem.where for problem in report.problems}),
    }


def _upload(path: Path) -> SimpleUploadedFile:
    try:
        return SimpleUploadedFile(path.name, path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} ne se lit pas : {error.strerror}.") from error
