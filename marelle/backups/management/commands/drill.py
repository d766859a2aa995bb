"""`python -m marelle drill`: the last backup put back beside the portal, verified, its pages opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.backups.drilling import Drilled, drill, drill_note
from marelle.backups.places import found
from marelle.backups.refusals import BackupRefused
from marelle.backups.visiting import pages_opened


class Command(BaseCommand):
    help = "Essaie la dernière sauvegarde à côté du portail, et le dit aux administrateurs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "backup",
            nargs="?",
            default=settings.BACKUP_TO,
            help="la sauvegarde, ou le dossier où est la dernière (sinon BACKUP_TO)",
        )
        parser.add_argument("--identity", type=Path, help="le fichier de la clé secrète de age")
        parser.add_argument("--pages-here", type=int, help="ouvre des pages de cette base (interne)")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["pages_here"]:
            self._open(options["pages_here"])
            return
        if not options["backup"]:
            raise CommandError(str(BackupRefused("nowhere")))
        began, name = timezone.now(), "La dernière sauvegarde"
        try:
            path = found(str(options["backup"]))
            name = path.name
            drilled = drill(path=path, identity=options["identity"])
        except BackupRefused as refused:
            drilled = Drilled(name, 0, [str(refused)])
            self.stderr.write(str(refused))
        drill_note(drilled, began=began)
        if drilled.troubles:
            raise CommandError(f"{drilled.name} ne se restaure pas telle quelle.")
        self.stdout.write(f"{drilled.name}\u00a0: restaurée, vérifiée, {drilled.pages} pages ouvertes.")

    def _open(self, at_most: int) -> None:
        wrong = 0
        for address, status in pages_opened(at_most):
            self.stdout.write(address)
            if status >= 400:
                wrong += 1
                self.stderr.write(f"{address}\u00a0: {status}")
        if wrong:
            raise CommandError(f"{wrong} page(s) ne s’ouvrent pas.")
