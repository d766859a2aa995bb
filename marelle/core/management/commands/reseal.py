"""`marelle reseal`: what is sealed, under the first of `SEALING_KEYS`."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marelle.core.resealing import reseal
from marelle.core.sealed import CannotSeal


class Command(BaseCommand):
    help = "Rechiffre les valeurs scellées avec la première clé de SEALING_KEYS ; sans effet la seconde fois."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--new-key", action="store_true", help="écrit une clé neuve, et ne fait rien d’autre"
        )

    def handle(self, *_args: Any, new_key: bool, **_options: Any) -> None:
        if new_key:
            self.stdout.write(Fernet.generate_key().decode())
            return
        try:
            result = reseal()
        except CannotSeal as refusal:
            raise CommandError("SEALING_KEYS est vide : il n’y a pas de clé pour écrire.") from refusal
        self.stdout.write(f"{result.done} valeur(s) rechiffrée(s).")
        if result.lost:
            raise CommandError(
                f"{result.lost} valeur(s) qu’aucune clé n’ouvre : remettez la clé qui les a écrites à la fin "
                "de SEALING_KEYS."
            )
        if result.busy:
            raise CommandError(
                f"{result.busy} valeur(s) écrites entre-temps : recommencez avant d’ôter une clé."
            )
