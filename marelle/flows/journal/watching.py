"""What agents read of health and incomes, watched: what is unusual is told once by agent, day and kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.accounts.models import User
from marelle.core.actor import SYSTEM, Role
from marelle.core.french import day_long, instant_long, number_text
from marelle.core.subject import Subject
from marelle.families.incomes.reading import READ
from marelle.flows.journal.bounds import reading_bounds
from marelle.flows.journal.watching_rules import Found, Reading, Unusual, unusual
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.mail.services import Draft, queue_many
from marelle.places.models import Authority
from marelle.places.posts.selectors import addresses_of

SHEETS: Final = ("health.read", "health.signs_read", "health.file_read")
LISTED: Final = "health.listed"
READINGS_WATCHED: Final = (*SHEETS, READ, LISTED)
TOLD: Final = "watching.told"
MAIL: Final = "accounts/unusual_readings"

LOOKED_EVERY: Final = 300
"""Seconds between two looks, by one process."""

LOOKED_BACK: Final = timedelta(hours=12)
"""A night is whole within, and a worker that was stopped for a while misses nothing."""

WORDS: Final[Mapping[Unusual, Promise]] = {
    Unusual.MANY: _("fiches d’enfants différents en une heure"),
    Unusual.INCOMES: _("foyers différents en une heure, pour leurs revenus"),
    Unusual.AT_NIGHT: _("fiches d’enfants et foyers différents en une nuit, entre 22 h et 6 h"),
    Unusual.LISTS: _("enfants montrés par des listes en une heure"),
}


def readings_watched(*, now: datetime) -> int:
    """Tell who watches what is unusual, and write down that it was. Returns how many alerts are new."""
    if not cache.add("flows.readings_watched", 1, LOOKED_EVERY):
        return 0
    found = unusual(readings_since(now - LOOKED_BACK), reading_bounds())
    return sum(_tell(one, now) for one in found)


def readings_since(since: datetime) -> list[Reading]:
    """What accounts read of others' health and incomes since an instant; one query, by the index on dates."""
    rows = Entry.objects.filter(at__gte=since, verb__in=READINGS_WATCHED).exclude(actor_user_id=None)
    columns = ("actor_user_id", "at", "subject_id", "verb", "data__children")
    return [
        Reading(agent_id or 0, at, subject_id or 0, (children or 0) if verb == LISTED else None, verb == READ)
        for agent_id, at, subject_id, verb, children in rows.order_by().values_list(*columns)
    ]


def watchers() -> tuple[str, ...]:
    """The addresses of who watches over what is read: the data protection officers that the authorities name,
    and the administrators. Two queries."""
    officers = Authority.objects.exclude(dpo_email="").order_by("pk").values_list("dpo_email", flat=True)
    return tuple(dict.fromkeys([*officers, *addresses_of(Role.ADMINISTRATOR)]))


def _tell(found: Found, now: datetime) -> bool:
    """False when it had been told. The account is locked: of two workers the second sees that it was."""
    told = Entry.objects.filter(
        subject_kind="account",
        subject_id=found.agent_id,
        at__gte=now - 3 * LOOKED_BACK,
        verb=TOLD,
        data__kind=found.kind.value,
        data__day=found.day.isoformat(),
    )
    if told.exists():
        return False
    with transaction.atomic():
        agent = User.objects.select_for_update(no_key=True).filter(pk=found.agent_id).first()
        if agent is None or told.exists():
            return False
        context = {
            "agent": str(agent),
            "count": number_text(found.count),
            "what": str(WORDS[found.kind]),
            "day": day_long(found.day),
            "at": instant_long(found.at),
        }
        addresses = watchers()
        others = tuple(one for one in addresses if one.lower() != agent.email.lower())
        queue_many(kind=MAIL, drafts=[Draft(one, context) for one in others or addresses], now=now)
        record(
            actor=SYSTEM,
            verb=TOLD,
            subject=Subject("account", agent.pk, str(agent)),
            data={"kind": found.kind.value, "day": found.day.isoformat(), "count": found.count},
            now=now,
        )
    return True
