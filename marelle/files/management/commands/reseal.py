"""`marelle reseal`: what is sealed, in the database and in the folder, under the first of `SEALING_KEYS`."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marelle.core.resealing import reseal
from marelle.core.sealed import CannotSeal
from marelle.files.resealing import files_reseal


class Command(BaseCommand):
    help = (
        "Rechiffre les valeurs et les fichiers scellés avec la première clé de SEALING_KEYS, et chiffre les "
        "fichiers d’avant ; sans effet la seconde fois."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--new-key", action="store_true", help="écrit une clé neuve, et ne fait rien d’autre"
        )

    def handle(self, *_args: Any, new_key: bool, **_options: Any) -> None:
        if new_key:
            self.stdout.write(Fernet.generate_key().decode())
            return
        try:
            values = reseal()
            files = files_reseal()
        except CannotSeal as refusal:
            raise CommandError("SEALING_KEYS est vide : il n’y a pas de clé pour écrire.") from refusal
        self.stdout.write(f"{values.done} valeur(s) rechiffrée(s).")
        self.stdout.write(f"{files.done} fichier(s) rechiffré(s).")
        if values.lost:
            raise CommandError(
                f"{values.lost} valeur(s) qu’aucune clé n’ouvre : remettez la clé qui les a écrites à la fin "
                "de SEALING_KEYS."
            )
        if files.lost:
            raise CommandError(
                f"{files.lost} fichier(s) qu’aucune clé n’ouvre, ou abîmé(s) : remettez la clé qui les a "
                "écrits à la fin de SEALING_KEYS."
            )
        if values.busy:
            raise CommandError(
                f"{values.busy} valeur(s) écrites entre-temps : recommencez avant d’ôter une clé."
            )
        if files.busy:
            raise CommandError(
                f"{files.busy} fichier(s) touchés entre-temps : recommencez avant d’ôter une clé."
            )
