"""How long a session lives, by role: unused, and in all. An administrator says so for the whole portal.

OWASP ASVS 5 (7.3.1, 7.3.2) asks for both; NIST SP 800-63B-4 recommends an hour and a day of who shows two
factors, thirty days of who shows one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction

from marelle.core.actor import Actor, Role
from marelle.core.kept import Kept, kept_changed
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, seen_check
from marelle.journal.services import record
from marelle.places.locks import portal_locked
from marelle.places.models import SessionLife

FAMILY: Final = "family"
"""Who has no post. Other holders are roles."""


class Life(NamedTuple):
    """`idle_minutes` without a page, `whole_hours` from the login on: whichever ends first."""

    idle_minutes: int
    whole_hours: int

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def whole(self) -> timedelta:
        return timedelta(hours=self.whole_hours)


@dataclass(frozen=True, slots=True)
class LifeBounds:
    """What is chosen lies between `least` and `most`, both allowed."""

    default: Life
    least: Life
    most: Life


AGENTS: Final = LifeBounds(Life(120, 12), least=Life(10, 1), most=Life(480, 24))

BOUNDS: Final[Mapping[str, LifeBounds]] = {
    FAMILY: LifeBounds(Life(720, 7 * 24), least=Life(15, 1), most=Life(1440, 30 * 24)),
    Role.ANIMATOR.value: AGENTS,
    Role.DIRECTOR.value: AGENTS,
    Role.OFFICE.value: AGENTS,
    Role.ADMINISTRATOR.value: LifeBounds(Life(60, 10), least=Life(10, 1), most=Life(240, 12)),
}
"""By holder, the longest first."""


class LifeRefused(Refusal):
    """A life out of its bounds; `holder` says whose."""

    def __init__(self, holder: str) -> None:
        super().__init__("life_out_of_bounds", holder=holder)


@Kept
def lives() -> Mapping[str, Life]:
    """Of each holder, as chosen or by default."""
    chosen = {one.holder: Life(one.idle_minutes, one.whole_hours) for one in SessionLife.objects.all()}
    return {holder: chosen.get(holder, bounds.default) for holder, bounds in BOUNDS.items()}


def life_of(actor: Actor) -> Life:
    """Of the sessions of an actor: of several posts the shortest, a parent's at the most."""
    held = lives()
    mine = [held[FAMILY], *(held[power.role.value] for power in actor.powers)]
    return Life(min(one.idle_minutes for one in mine), min(one.whole_hours for one in mine))


@transaction.atomic
def lives_set(*, actor: Actor, chosen: Mapping[str, Life], seen: Shown | None = None, now: datetime) -> int:
    """Choose how long the sessions of these holders live, from their next page on. Returns how many changed.

    `seen` is what the form showed (`lives_told`). Raises NotYours for who is no administrator, LifeRefused,
    ChangedMeanwhile.
    """
    if not actor.is_administrator:
        raise NotYours
    portal_locked()
    for holder, life in chosen.items():
        bounds = BOUNDS.get(holder)
        if bounds is None or not _within(life, bounds):
            raise LifeRefused(holder)
    held = lives.read()  # as they are now: what the request keeps may be older than the lock
    changed = {holder: life for holder, life in chosen.items() if held[holder] != life}
    subject = Subject("session_life", None)
    if changed:
        seen_check(lives_told({holder: held[holder] for holder in chosen}), seen, subject=subject)
    for holder, life in changed.items():
        SessionLife.objects.update_or_create(holder=holder, defaults=life._asdict())
    if changed:
        kept_changed()
        record(
            actor=actor,
            verb="session_life.set",
            subject=subject,
            data={"fields": lives_told(changed)},
            now=now,
        )
    return len(changed)


def lives_told(told: Mapping[str, Life]) -> dict[str, int]:
    """Each number by its name, as a form and the journal have them: "office_idle_minutes"."""
    return {
        f"{holder}_{name}": number for holder, life in told.items() for name, number in life._asdict().items()
    }


def _within(life: Life, bounds: LifeBounds) -> bool:
    return all(least <= one <= most for one, least, most in zip(life, bounds.least, bounds.most, strict=True))
