"""`python -m marelle verify`: whether all that is kept holds together. Ends with 1 where it does not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.backups.verifying import CHECKS, faults, repair


class Command(BaseCommand):
    help = "Vérifie compteurs, factures, fichiers, valeurs scellées, journal et courriels, sans rien écrire."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="recompte les compteurs et reprend de la corbeille, d’abord"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["repair"]:
            for said in repair(now=now):
                self.stdout.write(said)
        found = 0
        for fault in faults(now=now):
            found += 1
            self.stderr.write(f"{fault.check}\u00a0: {fault.text}")
        if found:
            raise CommandError(f"{found} défaut(s).")
        self.stdout.write(f"Tout concorde\u00a0: {', '.join(CHECKS)}.")
