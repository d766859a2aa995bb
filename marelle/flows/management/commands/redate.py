"""`marelle redate`: the ticks of the door that were taken with a date far from their day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from marelle.attendance.redating import ticks_redate


class Command(BaseCommand):
    help = "Revoit les pointages datés loin de leur jour, reçus avant d’être vérifiés ; une fois suffit."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = ticks_redate(now=timezone.now())
        for one in found:
            self.stdout.write(
                f"{one.structure}, {one.day:%d/%m/%Y} : {one.set_right} pointage(s) remis à leur jour, "
                f"{one.to_settle} à régler."
            )
        self.stdout.write(f"{sum(one.set_right + one.to_settle for one in found)} pointage(s) revu(s).")
        if any(one.to_settle for one in found):
            self.stdout.write("Les pointages à régler attendent leur direction, dans « À traiter ».")
