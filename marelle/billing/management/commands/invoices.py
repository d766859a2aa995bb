"""`python -m marelle invoices import|pdfs|payments|returns|returns-csv FILE`: the import of the screen.

Without --apply it only reads and tells what it would do. It ends with an error when something is to correct.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.billing.imports import values
from marelle.billing.imports.services import import_confirm, import_drop, import_prepare, import_report
from marelle.billing.labels import counts_text, problem_text, refusal_text
from marelle.billing.models import ImportRun
from marelle.core.actor import Actor, Power, Role
from marelle.core.refusals import No
from marelle.files.store import StoreRefused, store_start
from marelle.places.models import Authority

KINDS = {
    "import": ImportRun.Kind.INVOICES,
    "pdfs": ImportRun.Kind.PDFS,
    "payments": ImportRun.Kind.PAYMENTS,
    "returns": ImportRun.Kind.TRESOR,
    "returns-csv": ImportRun.Kind.TRESOR_CSV,
}
OPERATOR = Actor(None, "Marelle", powers=frozenset({Power(Role.ADMINISTRATOR)}))
"""Whoever may run a command on the server may read its database."""


class Command(BaseCommand):
    help = (
        "Importe des factures (CSV), leurs PDF (ZIP), leurs paiements (CSV), un retour du Trésor (XML, CSV)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=KINDS)
        parser.add_argument("file", type=Path)
        parser.add_argument("--authority", required=True, help="nom, nom court ou SIRET de la collectivité")
        parser.add_argument("--month", default="", help="mois facturé, par exemple 2026-11")
        parser.add_argument("--correction", action="store_true", help="remplace ce qui est déjà importé")
        parser.add_argument(
            "--apply", action="store_true", help="importe ; sans cela le fichier est seulement lu"
        )
        parser.add_argument("--no-mail", action="store_true", help="ne prévient pas les familles")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            store_start(now=timezone.now())
            self._run(options)
        except StoreRefused as refusal:
            raise CommandError(f"Rien n’est importé : {refusal}") from refusal
        except No as refusal:
            raise CommandError(refusal_text(refusal)) from refusal

    def _run(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        kind = KINDS[options["what"]]
        run = import_prepare(
            actor=OPERATOR,
            authority_id=_authority(options["authority"]).pk,
            kind=kind,
            month=_month(options["month"]) if kind is ImportRun.Kind.INVOICES else None,
            correction=options["correction"],
            upload=_upload(options["file"]),
            now=now,
        )
        try:
            _run, report = import_report(actor=OPERATOR, run_id=run.pk, now=now)
            for problem in report.problems:
                self.stderr.write(problem_text(problem))
            if report.already is not None:
                self.stdout.write("Ce fichier est déjà importé : rien n’a changé.")
            elif report.problem_count:
                raise CommandError(f"{report.problem_count} ligne(s) à corriger : rien n’est importé.")
            else:
                self.stdout.write(counts_text(kind, report.counts))
                self._finish(run, options)
        finally:
            import_drop(actor=OPERATOR, run_id=run.pk)

    def _finish(self, run: ImportRun, options: dict[str, Any]) -> None:
        if not options["apply"]:
            self.stdout.write("Rien n’est importé : ajoutez --apply pour importer.")
            return
        import_confirm(actor=OPERATOR, run_id=run.pk, tell=not options["no_mail"], now=timezone.now())
        self.stdout.write("C’est importé.")


def _upload(path: Path) -> SimpleUploadedFile:
    try:
        return SimpleUploadedFile(path.name, path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path} ne se lit pas : {error.strerror}.") from error


def _authority(name: str) -> Authority:
    rows = list(Authority.objects.all())
    found = [row for row in rows if name in {row.name, row.short_name, row.siret}]
    if len(found) != 1:
        known = ", ".join(row.name for row in rows)
        raise CommandError(f"« {name} » n’est pas une collectivité : {known}.")
    return found[0]


def _month(text: str) -> date:
    try:
        return values.month(text)
    except values.Bad as error:
        raise CommandError("Dites de quel mois sont ces factures : --month 2026-11.") from error
