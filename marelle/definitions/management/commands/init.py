"""`python -m marelle init [FILE]`: an authority set up, or changed, from one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from marelle.core.clock import local
from marelle.core.rehearsal import is_rehearsal
from marelle.definitions.asking import asked, model_text
from marelle.definitions.held import Held
from marelle.definitions.reading import DefinitionsRefused
from marelle.definitions.rehearsal import NotEmpty, rehearsal_write
from marelle.definitions.services import (
    Written,
    administers_nobody,
    definitions_compared,
    definitions_write,
)
from marelle.definitions.telling import difference_lines
from marelle.definitions.tree import definitions_read
from marelle.places.models import Authority

NEW_FILE: Final = Path("marelle.yaml")
YES: Final = {"o", "oui", "y", "yes"}


class Command(BaseCommand):
    help = "Met en place une collectivité depuis un fichier, ou montre et écrit ce que le fichier change."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, help="le fichier ; sans lui, quelques questions l’écrivent"
        )
        parser.add_argument("--yes", action="store_true", help="écrit sans demander")
        parser.add_argument("--dry-run", action="store_true", help="montre, et n’écrit rien")
        parser.add_argument(
            "--rehearsal",
            action="store_true",
            help="une répétition : familles inventées, rien ne part ; où il n’y a personne",
        )
        parser.add_argument(
            "--invitation-link", action="store_true", help="affiche le lien des invitations, à usage unique"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"] or self._asked()
        text = _read(path)
        try:
            self._bring_in(path, text, options)
        except DefinitionsRefused as refused:
            for fault in refused.data["faults"]:
                self.stderr.write(f"{path}, {fault}" if fault.line else str(fault))
            if refused.code == "moved":
                raise CommandError(
                    "Quelqu’un a changé quelque chose entre-temps : rien n’est écrit. Recommencez."
                ) from refused
            n = len(refused.data["faults"])
            raise CommandError(f"Rien n’est écrit : {n} erreur{'s' * (n > 1)} dans {path}.") from refused

    def _bring_in(self, path: Path, text: str, options: dict[str, Any]) -> None:
        if options["dry_run"] and _pending() and _is_empty():
            read = definitions_read(text)
            self.stdout.write(
                f"{path} se lit bien : {len(read.entries)} définitions, dans une base encore vide."
            )
            return
        _migrate(text)
        now = timezone.now()
        found, held = definitions_compared(text, now=now)
        for line in difference_lines(found, held.entries):
            self.stdout.write(line)
        if found.is_empty and not options["rehearsal"]:
            self.stdout.write("Rien à changer.")
            return
        if options["dry_run"]:
            self.stdout.write("Rien n’est écrit (--dry-run).")
            return
        if not options["yes"] and not self._agreed():
            self.stdout.write("Rien n’est écrit.")
            return
        if options["rehearsal"]:
            self._rehearse(path, text, held)
            return
        written = definitions_write(text=text, mark=found.mark, now=timezone.now())
        self._tell(path, written, held, links=options["invitation_link"] or is_rehearsal())

    def _rehearse(self, path: Path, text: str, held: Held) -> None:
        try:
            done = rehearsal_write(text=text, now=timezone.now())
        except NotEmpty as refusal:
            raise CommandError(
                "Rien n’est écrit : une répétition ne commence que dans une base où il n’y a ni famille, ni "
                "compte."
            ) from refusal
        if done.written is not None:
            self._tell(path, done.written, held, links=True)
        self.stdout.write(
            f"C’est une répétition, pour de bon : {done.homes} foyers inventés, "
            f"{done.enrolments} inscriptions, {done.bookings} réservations. Aucun courriel ne part."
        )
        for home in done.invited:
            for sent in home.invitations:
                self.stdout.write(
                    f"Un parent inventé entre ici, une seule fois : {settings.PUBLIC_URL}{sent.path}"
                )

    def _asked(self) -> Path:
        if not sys.stdin.isatty():
            raise CommandError(
                "Donnez un fichier : python -m marelle init FICHIER. (docs/definitions.md en montre un.)"
            )
        if NEW_FILE.exists():
            raise CommandError(f"{NEW_FILE} est déjà là : python -m marelle init {NEW_FILE}, ou renommez-le.")
        answers = asked(self.stdout.write, input)
        NEW_FILE.write_text(model_text(answers, local(timezone.now()).date()), encoding="utf-8")
        self.stdout.write(f"{NEW_FILE} est écrit : vos réponses, et de quoi le compléter.")
        return NEW_FILE

    def _agreed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Rien n’est écrit : ajoutez --yes pour écrire sans question.")
        return input("Écrire ces changements ? [o/N] ").strip().casefold() in YES

    def _tell(self, path: Path, written: Written, held: Held, *, links: bool) -> None:
        for one in written.opened:
            kept = f", {one.kept} gardées car réservées" if one.kept else ""
            self.stdout.write(
                f"{one.activity} : {one.created} ouvertures créées, {one.moved} déplacées, "
                f"{one.removed} retirées{kept}."
            )
        for agent, sent in written.invited:
            if sent is None:
                self.stdout.write(f"{agent.name} a déjà un compte : ses rôles y sont.")
            elif links or not settings.MAIL_IS_SENT:
                self.stdout.write(
                    f"{agent.name} choisit son mot de passe ici, une seule fois : "
                    f"{settings.PUBLIC_URL}{sent.path}"
                )
            else:
                self.stdout.write(f"{agent.name} reçoit une invitation à {agent.email}.")
        self.stdout.write("C’est écrit.")
        if administers_nobody():
            self.stdout.write(
                "Personne n’administre encore le portail : ajoutez à « premiers agents » qui le fera, puis "
                f"python -m marelle init {path}"
            )
        if not held.entries:
            self.stdout.write(
                "La suite : python -m marelle check, puis python -m marelle serve ; complétez "
                f"{path} et relancez init, autant de fois que vous voulez."
            )


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} n’est pas un texte en UTF-8 : enregistrez-le ainsi.") from error
    except OSError as error:
        raise CommandError(f"{path} ne s’ouvre pas : {error.strerror}.") from error


def _pending() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _is_empty() -> bool:
    """Whether nothing is in the database, be some of its tables there: an init that was killed made them."""
    if Authority._meta.db_table not in connection.introspection.table_names():
        return True
    return not Authority.objects.order_by().values_list("pk").exists()


def _migrate(text: str) -> None:
    """Make the tables of an empty database, once the file can be read. Raises CommandError of one that waits
    for an update."""
    if not _pending():
        return
    if not _is_empty():
        raise CommandError("La base attend une mise à jour : python -m marelle migrate, puis recommencez.")
    definitions_read(text)
    call_command("migrate", interactive=False, verbosity=0)
