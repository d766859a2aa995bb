"""`marelle calendars YEAR`: every calendar follows what the State publishes for a school year."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marelle.core.actor import SYSTEM
from marelle.flows.catalogue.calendars import calendar_applied
from marelle.places.calendars import UnknownSchoolYearError
from marelle.places.models import Calendar


class Command(BaseCommand):
    help = "Met à jour les calendriers d’une année scolaire (l’année de son mois de septembre)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school_year", type=int)

    def handle(self, *_args: Any, **options: Any) -> None:
        year = options["school_year"]
        for calendar in Calendar.objects.order_by("pk"):
            try:
                count = calendar_applied(
                    actor=SYSTEM, calendar_id=calendar.pk, school_year=year, now=timezone.now()
                )
            except UnknownSchoolYearError as error:
                raise CommandError(f"Les dates de l’année {year} ne sont pas publiées.") from error
            self.stdout.write(f"{calendar} : {count} activité(s) à jour.")
