"""`python -m marelle worker`: the background work, in a process of its own or in a web process's thread."""

from __future__ import annotations

import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.files.store import StoreRefused, store_start
from marelle.flows.upkeep.worker import one_round, work


class Command(BaseCommand):
    help = (
        "Send the mails that are due and hand freed places on to those who wait, over and over. Several "
        "copies may run; any may be killed at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop (for cron)")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            store_start(now=timezone.now())
        except StoreRefused as refusal:
            raise CommandError(f"The worker cannot start: {refusal}") from refusal
        if options["once"]:
            if not one_round(now=timezone.now()):
                raise CommandError(
                    "Some of the work failed: see the log. It will be tried at the next round."
                )
            return
        try:
            work(stop=threading.Event())
        except KeyboardInterrupt:
            self.stderr.write("Stopped.")
