"""`marelle journal_verify`: walks along the chain of the journal, and says the first link that is broken.

It ends with an error (1) when anything is wrong. With --head, when the chain has no such digest any more:
those told by mail, or noted by hand, show that its end was cut off. With --accept, batches are taken as they
are, once somebody has seen why.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marelle.journal.chain import batch_accept, waiting_count
from marelle.journal.labels import WHY
from marelle.journal.models import ChainLink
from marelle.journal.walking import Flaw, chain_cut, chain_walked


class Command(BaseCommand):
    help = (
        "Vérifie que le journal n’a pas été modifié hors de Marelle\u00a0; dit le premier maillon en défaut."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", help="une empreinte notée plus tôt, qui doit encore être dans la chaîne"
        )
        parser.add_argument(
            "--accept", type=int, nargs="+", metavar="LOT", help="accepte ces lots tels qu’ils sont"
        )

    def handle(self, *_args: Any, head: str | None, accept: list[int] | None, **_options: Any) -> None:
        for number in accept or ():
            if not batch_accept(number, now=timezone.now()):
                raise CommandError(f"Aucun lot {number}.")
            self.stdout.write(f"Lot {number} accepté tel qu’il est.")
        links = entries = flaws = 0
        first: Flaw | None = None
        digest = ""
        for step in chain_walked():
            links, entries, digest = links + 1, entries + step.count, step.digest
            flaws += len(step.flaws)
            first = first or next(iter(step.flaws), None)
        cut = chain_cut()
        first, flaws = first or cut, flaws + (cut is not None)
        if first is not None:
            at = timezone.localtime(first.sealed_at)
            raise CommandError(
                f"Maillon {first.link}, lot {first.batch}, du {at:%d/%m/%Y %H:%M}\u00a0: {WHY[first.why]}. "
                f"{flaws} défaut(s) en tout."
            )
        if head and not ChainLink.objects.filter(digest=head.strip().lower()).exists():
            raise CommandError(
                "Cette empreinte n’est plus dans la chaîne\u00a0: sa fin a été coupée, ou refaite."
            )
        self.stdout.write(
            f"Rien n’a été modifié\u00a0: {links} maillon(s), {entries} acte(s) scellé(s), "
            f"{waiting_count()} qui attendent."
        )
        if digest:
            self.stdout.write(f"Dernier maillon\u00a0: {links} {digest}")
