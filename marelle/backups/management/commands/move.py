"""`python -m marelle move`: from SQLite to PostgreSQL, the portal stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marelle.backups.moving import portal_move
from marelle.backups.refusals import BackupRefused


class Command(BaseCommand):
    help = "Copie une base SQLite dans celle de DATABASE_URL (PostgreSQL), puis les compare ligne à ligne."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="le fichier SQLite du portail arrêté")

    def handle(self, *_args: Any, **options: Any) -> None:
        rows = 0
        try:
            for table, moved in portal_move(path=options["source"]):
                rows += moved
                if options["verbosity"] > 1:
                    self.stdout.write(f"{table}\u00a0: {moved}")
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{rows} lignes copiées\u00a0; toutes les tables sont les mêmes, ligne à ligne.")
