"""`manage.py demo`: the invented world, built where there is none or where it is of a week gone by."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.demo.accounts import LISTED, PASSWORD
from marelle.demo.builder import FAMILIES, NotOurs, build, is_fresh, wipe
from marelle.demo.older import OfAnotherVersion, put_aside
from marelle.files.clamd import answers
from marelle.files.rules import Tie
from marelle.files.store import StoreRefused, store_tie, store_turn

CLAMD_SECONDS: Final = 4.0


class Command(BaseCommand):
    help = (
        "Make the tables, and build the demo world. A world built this week is left as people made it; an "
        "older one is built again around today. A database that the demo did not build is never touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", action="store_true", help="build again, even this week's world")
        parser.add_argument("--families", type=int, default=FAMILIES, help="how many homes (60)")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if put_aside():
                self.stdout.write("The demo of another version is put aside (…before), and made again.")
        except OfAnotherVersion as error:
            raise CommandError(
                "Another version of Marelle made this database: give the demo a DATABASE_URL of its own."
            ) from error
        call_command("migrate", interactive=False, verbosity=0)
        today = timezone.localdate()
        found = store_tie()
        if is_fresh(today) and found is not Tie.LOST and not options["reset"]:
            self.stdout.write("This week’s demo world is there: left as it is (--reset builds it again).")
            return
        if settings.CLAMD is not None and not answers(settings.CLAMD, seconds=CLAMD_SECONDS):
            raise CommandError(
                f"No clamd answers at CLAMD ({settings.CLAMD}), and the demo sends files: start it, or leave "
                "CLAMD out. No world was taken away, nor built."
            )
        try:
            # Files that are gone are made again with the world.
            store_turn(now=timezone.now(), adopt=found is Tie.LOST)
            wipe()
            build(today=today, families=options["families"])
        except StoreRefused as refusal:
            raise CommandError(f"Nothing was built: {refusal}") from refusal
        except NotOurs as error:
            raise CommandError(
                "This database holds families or accounts that the demo did not build: nothing was touched. "
                "Give the demo a DATABASE_URL of its own."
            ) from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        names = ", ".join(account.identifier for account in LISTED)
        self.stdout.write(f"The demo world is built. Accounts: {names}; password: {PASSWORD}")
