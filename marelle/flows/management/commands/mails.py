"""`python -m marelle mails`: what is held since a backup was put back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.core.clock import local
from marelle.flows.upkeep.held_mails import mails_drop, mails_held, mails_release


class Command(BaseCommand):
    help = "Les courriels retenus depuis qu’une sauvegarde a été remise en place : dit lesquels, en décide."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--send", action="store_true", help="les laisse partir")
        what.add_argument("--drop", action="store_true", help="les abandonne")
        parser.add_argument(
            "--after",
            help="seulement ceux qui devaient partir après cet instant, par exemple celui où l’ancien "
            "serveur s’est arrêté : 2026-12-01T03:00, à l’heure de Paris",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        after, now = _instant(options["after"]), timezone.now()
        if options["send"]:
            self.stdout.write(f"{mails_release(after=after, now=now)} courriel(s) vont partir.")
        elif options["drop"]:
            self.stdout.write(f"{mails_drop(after=after, now=now)} courriel(s) abandonnés.")
        else:
            found = mails_held(after=after)
            for one in found:
                self.stdout.write(
                    f"{one.kind}\u00a0: {one.count}, à envoyer du {_told(one.first)} au {_told(one.last)}"
                )
            self.stdout.write(f"{sum(one.count for one in found)} courriel(s) retenus.")


def _told(instant: datetime) -> str:
    return f"{local(instant):%d/%m/%Y %H:%M}"


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise CommandError(f"--after {text}\u00a0: écrivez un instant comme 2026-12-01T03:00.") from error
    return found if found is None or found.tzinfo else timezone.make_aware(found)
