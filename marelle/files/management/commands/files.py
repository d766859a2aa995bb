"""`python -m marelle files move`: all files from the folder to the bucket, or back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.core.buckets import StoreAway
from marelle.files.moving import Moved, MoveRefused, files_move
from marelle.files.shelves import Folder, Shelf


class Command(BaseCommand):
    help = "Déplace les fichiers de FILES_DIR vers le bucket de STORAGE_URL, ou l’inverse."

    def add_arguments(self, parser: CommandParser) -> None:
        move = parser.add_subparsers(dest="action", required=True).add_parser(
            "move",
            help="copie, compare, puis la base ne connaît plus que l’arrivée",
        )
        move.add_argument("--to", required=True, choices=("bucket", "folder"), help="où ils doivent être")
        how = move.add_mutually_exclusive_group()
        how.add_argument(
            "--ahead", action="store_true", help="copie seulement, pendant que le portail fonctionne"
        )
        how.add_argument(
            "--remove", action="store_true", help="à la fin, supprime du départ ce qui est à l’arrivée"
        )

    def handle(self, *_args: Any, to: str, ahead: bool, remove: bool, **_options: Any) -> None:
        try:
            folder, bucket = Folder(settings.FILES_DIR), _bucket()
            source, there = (folder, bucket) if to == "bucket" else (bucket, folder)
            moved = files_move(source=source, to=there, ahead=ahead, remove=remove, now=timezone.now())
        except (MoveRefused, StoreAway) as refused:
            raise CommandError(str(refused)) from refused
        self._say(moved, source, there, ahead=ahead)

    def _say(self, moved: Moved, source: Shelf, there: Shelf, *, ahead: bool) -> None:
        self.stdout.write(f"{there}\u00a0: {moved.copied} copié(s), {moved.there} déjà là.")
        if ahead:
            self.stdout.write("Arrêtez le portail, puis relancez sans --ahead.")
            return
        if moved.removed or moved.left:
            self.stdout.write(f"{source}\u00a0: {moved.removed} supprimé(s), {moved.left} laissé(s).")
        way = "avec" if isinstance(source, Folder) else "sans"
        self.stdout.write(f"Relancez le portail {way} STORAGE_URL.")


def _bucket() -> Shelf:
    if settings.STORAGE is None:
        raise MoveRefused("no_bucket")
    from marelle.files.buckets import SealedBucket  # noqa: PLC0415 - its libraries are there where one is named

    return SealedBucket(settings.STORAGE).shelf
