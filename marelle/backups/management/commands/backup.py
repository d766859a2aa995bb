"""`python -m marelle backup`: the whole portal kept elsewhere, while it runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.backups.making import JOB, Made, backup_make
from marelle.backups.places import Place, place_at
from marelle.backups.refusals import BackupRefused
from marelle.flows.upkeep.rounds import Outcome, rounds_note


class Command(BaseCommand):
    help = "Sauvegarde la base et les fichiers, du même instant, pendant que le portail fonctionne."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", default=settings.BACKUP_TO, help="le dossier, ou s3://… (sinon BACKUP_TO)"
        )
        parser.add_argument(
            "--recipient",
            default=settings.BACKUP_RECIPIENT,
            help="la clé publique age ou GnuPG à laquelle chiffrer (sinon BACKUP_RECIPIENT)",
        )
        parser.add_argument(
            "--keep",
            type=int,
            default=settings.BACKUP_KEEP,
            help="combien de sauvegardes garder, les dernières (sinon BACKUP_KEEP)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        began = timezone.now()
        try:
            place = place_at(options["to"])
            made = backup_make(place=place, recipient=options["recipient"], now=began)
            forgotten = place.forget(but=max(1, options["keep"]))
        except BackupRefused as refused:
            rounds_note([Outcome(JOB, began, timezone.now() - began, failure=refused.code)])
            raise CommandError(str(refused)) from refused
        rounds_note([Outcome(JOB, began, timezone.now() - began, done=1)])
        self._say(place, made, forgotten)

    def _say(self, place: Place, made: Made, forgotten: list[str]) -> None:
        rows = sum(made.about.tables.values())
        self.stdout.write(
            f"{place}/{made.name}\u00a0: {rows} lignes, {made.end.files} fichiers, {made.end.size} octets."
        )
        if made.end.missing:
            self.stderr.write(
                f"{len(made.end.missing)} fichier(s) que la base nomme ne sont nulle part\u00a0: "
                "python -m marelle verify dit lesquels."
            )
        if not made.about.probe:
            self.stderr.write(
                "SEALING_KEYS manque\u00a0: rien ne dira si la clé est la bonne à la restauration."
            )
        if forgotten:
            self.stdout.write(f"Sauvegardes supprimées, plus anciennes\u00a0: {len(forgotten)}.")
