"""`marelle search_index`: what families are found by, written again from their files."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from marelle.families.finding.index import index_rebuild


class Command(BaseCommand):
    help = "Réécrit l’index de la recherche de familles."

    def handle(self, *_args: Any, **_options: Any) -> None:
        count = index_rebuild(day=timezone.localdate())
        self.stdout.write(f"{count} famille(s) dans l’index.")
