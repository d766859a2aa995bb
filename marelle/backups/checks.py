"""System check: the portal was kept lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import checks
from django.utils import timezone

from marelle.backups.making import JOB
from marelle.core.checks import has_column
from marelle.flows.models import JobRound

OLD: Final = timedelta(days=2)


@checks.register(checks.Tags.database, deploy=True)
def check_backups(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.W012`: no backup went well for two days. Runs with `python -m marelle check`."""
    if settings.MARELLE_DEMO or not databases or not has_column(JobRound, "well_at"):
        return []
    last = JobRound.objects.filter(job=JOB).values_list("well_at", flat=True).first()
    if last is not None and timezone.now() - last <= OLD:
        return []
    ended = "" if last is None else f", since {last:%Y-%m-%d %H:%M} UTC"
    return [
        checks.Warning(
            f"No backup went well{ended}.",
            hint="`python -m marelle backup`, each night by a timer (docs/backups.md).",
            id="marelle.W012",
        )
    ]
