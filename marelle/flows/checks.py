"""System checks on what crosses the domains: no table is forgotten by whoever makes one file of two; the
background work goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.apps import apps
from django.core import checks
from django.db import connection, models
from django.utils import timezone

from marelle.core.personal import Merge, declared
from marelle.families.models import Family, Person
from marelle.flows.home.merging.rows import may_clash, pointing_models
from marelle.flows.home.merging.settling import SETTLERS
from marelle.flows.models import JobRound
from marelle.flows.upkeep.rounds import jobs_seen
from marelle.flows.upkeep.worker import CODES
from marelle.mail.selectors import overdue


def unsettled() -> Iterator[tuple[type[models.Model], str]]:
    """Models that a merge cannot carry over, each with why."""
    merges = {declaration.model: declaration.merge for declaration in declared()}
    for model in pointing_models():
        if (
            may_clash(model)
            and merges.get(model) not in {Merge.KEEP_NEWEST, Merge.DROP}
            and model not in SETTLERS
        ):
            yield model, "may have two rows where there is one place, once two files are one"
    for model in apps.get_models():
        for field in model._meta.local_many_to_many:
            if field.related_model in {Family, Person}:
                yield model, f"points at many homes or people by {field.name!r}: give that a table of its own"


@checks.register(checks.Tags.models)
def check_merges(**_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.E003`: it is said of each table that points at a home or a person how two files become one."""
    return [
        checks.Error(
            f"{model._meta.label} {why}.",
            hint="Keep the newest, in its personal.py, or settle it in marelle.flows.home.merging.settling.",
            obj=model,
            id="marelle.E003",
        )
        for model, why in unsettled()
    ]


@checks.register(checks.Tags.database, deploy=True)
def check_worker(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """`marelle.W006`: a job of the worker has not gone well for long. `marelle.W007`: mails are two days
    late. Runs with `python -m marelle check`; three queries."""
    if not databases or JobRound._meta.db_table not in connection.introspection.table_names():
        return []
    now, found = timezone.now(), list[checks.CheckMessage]()
    late = [seen.job for seen in jobs_seen(CODES, now=now) if seen.is_late]
    if late:
        found.append(
            checks.Warning(
                f"The background work is late: {', '.join(late)}.",
                hint="Run `python -m marelle worker`, or set EMBEDDED_WORKER=1; its log says what fails.",
                id="marelle.W006",
            )
        )
    if count := overdue(now=now).count():
        found.append(
            checks.Warning(
                f"{count} mail(s) should have left two days ago.",
                hint="See MAIL_URL and the log of the worker.",
                id="marelle.W007",
            )
        )
    return found
