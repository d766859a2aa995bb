"""`python -m marelle restore`: a backup put back on a machine that has neither a database nor files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marelle.backups.places import found
from marelle.backups.refusals import BackupRefused
from marelle.backups.restoring import backup_restore


class Command(BaseCommand):
    help = "Remet en place une sauvegarde, dans une base et un dossier de fichiers vides."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "backup",
            nargs="?",
            default=settings.BACKUP_TO,
            help="la sauvegarde, ou le dossier ou le bucket où est la dernière (sinon BACKUP_TO)",
        )
        parser.add_argument("--identity", type=Path, help="le fichier de la clé secrète de age")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            path = found(str(options["backup"]))
            reader, held = backup_restore(path=path, identity=options["identity"])
        except BackupRefused as refused:
            raise CommandError(str(refused)) from refused
        about, end = reader.about, reader.end
        files = end.files if end else 0
        self.stdout.write(
            f"{path.name}, du {about.made_at}\u00a0: {sum(about.tables.values())} lignes et {files} fichiers "
            "remis en place. Vérifiez par python -m marelle verify avant d’ouvrir."
        )
        if held:
            self.stdout.write(
                f"{held} courriel(s) attendaient à la sauvegarde et sont sans doute partis depuis\u00a0: ils "
                "sont retenus. python -m marelle mails dit lesquels, et les laisse partir ou non."
            )
        if end and end.missing:
            self.stderr.write(f"{len(end.missing)} fichier(s) manquaient déjà à la sauvegarde.")
