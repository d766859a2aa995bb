# ruff: noqa: N999 - the name of the command
"""`python -m marelle import all FOLDER`: what `export all` has written, into a portal that holds nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.backups.whole.cells import WholeRefused
from marelle.backups.whole.labels import refusal_text
from marelle.backups.whole.reading import whole_read
from marelle.definitions.reading import DefinitionsRefused


class Command(BaseCommand):
    help = "Relit un dossier d’« export all » dans un portail vide."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["all"], help="ce qui est relu")
        parser.add_argument("folder", type=Path, help="le dossier")

    def handle(self, *_args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            counts = whole_read(folder, now=timezone.now())
        except WholeRefused as refusal:
            raise CommandError(refusal_text(refusal)) from refusal
        except DefinitionsRefused as refused:
            for fault in refused.data["faults"]:
                self.stderr.write(f"definitions.yaml, {fault}")
            raise CommandError("Les définitions ne se relisent pas ici : rien n’est lu.") from refused
        except OSError as error:
            raise CommandError(f"{folder} ne se lit pas : {error.strerror}.") from error
        for name, count in counts.items():
            self.stdout.write(f"{name} : {count}")
        self.stdout.write("Tout est là. Invitez maintenant les agents et les familles.")
