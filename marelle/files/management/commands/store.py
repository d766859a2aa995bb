"""`python -m marelle store`: whose the folder of files is, and what to do when it is not this database's."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.files.models import StoredFile
from marelle.files.rules import Scan, Tie
from marelle.files.services import shelf
from marelle.files.store import StoreRefused, contents, named, store_tie, store_turn
from marelle.files.sweeping import TRASH, trash_put_back

STANDS = {Tie.OURS: "is this database’s", Tie.FREE: "is free: it becomes this database’s at the first start"}


class Command(BaseCommand):
    help = (
        "Say whether the folder of files is this database’s, and what in it or in the database has no match."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--adopt",
            action="store_true",
            help="the folder is this database’s from now on, and no other’s; files without a row stay there",
        )
        parser.add_argument(
            "--put-back", action="store_true", help="bring back from the trash what the database names"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["adopt"]:
            store_turn(now=timezone.now(), adopt=True)
        found = store_tie()
        if found in STANDS:
            self.stdout.write(f"{shelf()} {STANDS[found]}.")
        else:
            self.stderr.write(f"Refused: {StoreRefused(found.value, shelf())}")
        if options["put_back"]:
            if found is Tie.FOREIGN:
                raise CommandError("Nothing was brought back.")
            self.stdout.write(f"Brought back from the trash: {trash_put_back()}.")
        there = [(len(keys), len(named(keys))) for _folder, keys in contents(shelf())]
        kept, known = sum(one for one, _known in there), sum(known for _one, known in there)
        trashed = sum(1 for _one in shelf().below(TRASH))
        self.stdout.write(f"Files kept: {known}. Without a row: {kept - known}. In the trash: {trashed}.")
        rows = StoredFile.objects.exclude(scan=Scan.INFECTED.value).count()
        self.stdout.write(f"Rows whose file is missing: {rows - known}.")
