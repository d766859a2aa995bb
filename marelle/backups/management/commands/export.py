"""`python -m marelle export definitions`, `python -m marelle export all`: what is defined, or the whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.backups.whole.cells import WholeRefused
from marelle.backups.whole.labels import refusal_text
from marelle.backups.whole.writing import whole_write
from marelle.definitions.dumping import definitions_text
from marelle.definitions.services import definitions_kept


class Command(BaseCommand):
    help = "Écrit ce que le portail définit (definitions), ou tout ce qu’il tient (all), qu’« import » relit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["definitions", "all"], help="ce qui est écrit")
        parser.add_argument(
            "to", nargs="?", type=Path, help="le fichier ; sans lui, l’écran. De tout : un dossier vide"
        )
        parser.add_argument(
            "--health", action="store_true", help="de tout : les fiches sanitaires aussi, en clair"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["what"] == "all":
            self._whole(options["to"], health=options["health"])
        else:
            self._definitions(options["to"])

    def _definitions(self, path: Path | None) -> None:
        text = definitions_text(definitions_kept().entries)
        if path is None:
            self.stdout.write(text, ending="")
            return
        unfinished = path.with_name(f".{path.name}.unfinished")
        try:
            unfinished.write_text(text, encoding="utf-8")
            os.replace(unfinished, path)
        except OSError as error:
            raise CommandError(f"{path} ne s’écrit pas : {error.strerror}.") from error
        self.stdout.write(f"{path} : {len(text.splitlines())} lignes.")

    def _whole(self, folder: Path | None, *, health: bool) -> None:
        if folder is None:
            raise CommandError("Dites dans quel dossier : marelle export all DOSSIER")
        try:
            written = whole_write(folder, health=health, now=timezone.now())
        except WholeRefused as refusal:
            raise CommandError(refusal_text(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{folder} ne s’écrit pas : {error.strerror}.") from error
        for name, count in written.rows.items():
            self.stdout.write(f"{name} : {count}")
        if written.waiting:
            self.stdout.write(
                f"{written.waiting} demandes attendent une réponse et n’y sont pas : répondez-y d’abord."
            )
        self.stdout.write(f"contenus : {written.contents}")
        self.stdout.write(
            f"Tout est dans {folder}, en clair : donnez-le à qui doit le lire, à personne d’autre."
        )
