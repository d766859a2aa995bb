"""`marelle migrate`: Django's, behind which nobody waits for long.

Who asks for a whole table stands in the queue for it, and all who come after stand behind: one long reading,
a backup for example, would stop the portal for as long as it lasts. So a lock that does not come within
seconds is let go, those behind pass, and it is asked for again.
"""

from __future__ import annotations

import time
from typing import Any, Final

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from marelle.core.migrating import POSTGRESQL, lock_patience

LOCK_SECONDS: Final = 2
"""How long everybody else may have to wait behind it."""

TRIES: Final = 30
PAUSE_SECONDS: Final = 10
"""Between two tries: five minutes in all, longer than a backup's copy of a city's tables."""

NOT_HELD: Final = "55P03"
"""PostgreSQL's code of a lock that was not given in time."""


class Command(migrate.Command):
    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tries", type=int, default=TRIES, help="how often a lock is asked for")

    def handle(self, *args: Any, **options: Any) -> Any:
        connection, tries = connections[options["database"]], options.pop("tries", TRIES)
        # Behind a pooler what a connection is told would stay with whom it is given to next.
        if connection.vendor != POSTGRESQL or connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]:
            return super().handle(*args, **options)
        for left in reversed(range(tries)):
            try:
                with lock_patience(connection, f"{LOCK_SECONDS}s"):
                    return super().handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != NOT_HELD:
                    raise
                if not left:
                    raise CommandError(
                        "Un autre programme lit ou écrit une table depuis trop longtemps (une sauvegarde, "
                        "une requête oubliée). Ce qui est fait est gardé. Recommencez quand il a fini."
                    ) from error
                self.stderr.write(f"Une table est occupée. Nouvel essai dans {PAUSE_SECONDS} secondes.")
            time.sleep(PAUSE_SECONDS)
        return None
