"""System checks on what crosses the domains: no table is forgotten by whoever makes one file of two; the
portal is well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from django.apps import apps
from django.core import checks
from django.db import models
from django.utils import timezone

from marelle.core.checks import has_column
from marelle.core.personal import Merge, declared
from marelle.families.models import Family, Person
from marelle.flows.home.merging.rows import may_clash, pointing_models
from marelle.flows.home.merging.settling import SETTLERS
from marelle.flows.models import JobRound
from marelle.flows.vitals.reading import vitals
from marelle.flows.vitals.rules import Kind, Sign


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
def check_vitals(*, databases: Sequence[str] | None = None, **_kwargs: object) -> list[checks.CheckMessage]:
    """What « Santé du portail » tells, but for what other checks tell. Runs with `python -m marelle check`;
    eight queries."""
    if not databases or not has_column(JobRound, "clock_off"):
        return []
    return [WORDS[sign.kind].of(sign) for sign in vitals(now=timezone.now()).signs if sign.kind in WORDS]


class Words(NamedTuple):
    """`message` names what of the sign it tells: `count`, `names`, `since`."""

    id: str
    message: str
    hint: str

    def of(self, sign: Sign) -> checks.CheckMessage:
        since = f"{sign.since:%Y-%m-%d %H:%M} UTC" if sign.since else "never"
        told = self.message.format(count=sign.count, names=", ".join(sign.names), since=since)
        return checks.Warning(told, hint=self.hint, id=self.id)


WORDS: Final[Mapping[Kind, Words]] = {
    Kind.WORKER: Words(
        "marelle.W013",
        "No worker is alive (seen for the last time: {since}): no mail leaves, no place is handed on.",
        "Run `python -m marelle worker`, or set EMBEDDED_WORKER=1.",
    ),
    Kind.REHEARSAL: Words(
        "marelle.W022",
        "This portal is a rehearsal: its families are invented, and no mail leaves.",
        "Real families need another database: `python -m marelle init` without --rehearsal.",
    ),
    Kind.JOBS: Words(
        "marelle.W006", "The background work is late: {names}.", "The log of the worker says what fails."
    ),
    Kind.MAILS: Words(
        "marelle.W007",
        "{count} mail(s) wait, the first since {since}.",
        "See MAIL_URL and the log of the worker.",
    ),
    Kind.RETAINED: Words(
        "marelle.W021",
        "{count} mail(s) are held since a backup was put back.",
        "`python -m marelle mails` says which, and lets them leave or drops them (docs/backups.md).",
    ),
    Kind.HELD: Words(
        "marelle.W019",
        "{count} file(s) have waited for clamd for more than ten minutes.",
        "See CLAMD and the log of the worker.",
    ),
    Kind.LISTS: Words(
        "marelle.W020",
        "{count} list(s) of the next day did not arrive.",
        "See the address, MAIL_URL, EVENING_TO, and the log of the worker.",
    ),
    Kind.BACKUP: Words(
        "marelle.W012",
        "No backup went well for two days (the last one: {since}).",
        "`python -m marelle backup`, each night by a timer (docs/backups.md).",
    ),
    Kind.DISK: Words(
        "marelle.W014",
        "The disk of {names} is nearly full.",
        "Make room, or give the folder another disk: what cannot be written is lost to who sends it.",
    ),
    Kind.CLOCK: Words(
        "marelle.W015",
        "The clocks of the database, the worker and this process are {count} s apart.",
        "Set each machine by NTP (`timedatectl`): codes, deadlines and links go by the clock.",
    ),
    Kind.WEAK: Words(
        "marelle.W016",
        "{names}: this secret would be guessed.",
        "Give a long random one (docs/settings.md says what changes with it).",
    ),
    Kind.REPEATED: Words(
        "marelle.W017",
        "{names}: the same secret stands there more than once.",
        "Give each its own: who learns one has them all.",
    ),
    Kind.SECOND: Words(
        "marelle.W018",
        "{count} agent(s) have no second factor.",
        "An administrator asks it of each role: /agents/reglages/double-authentification/.",
    ),
}
