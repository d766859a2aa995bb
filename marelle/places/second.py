"""Which roles need a second factor, and from which day: an administrator says so for the whole portal.

A new portal asks it of every role, after two weeks (migration 0004); never the demo, which is everybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from marelle.core.actor import Actor, Role
from marelle.core.kept import Kept, kept_changed
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, seen_check
from marelle.journal.services import record
from marelle.places.models import Authority, SecondRule


@Kept
def second_rules() -> Mapping[Role, date]:
    """Since when, by role; no role that asks for none."""
    return {Role(rule.role): rule.since for rule in SecondRule.objects.order_by("role")}


def second_wanted_of(actor: Actor) -> date | None:
    """From which day on one of the posts of the actor needs a second factor; None for never."""
    rules = second_rules()
    return min((rules[power.role] for power in actor.powers if power.role in rules), default=None)


@transaction.atomic
def second_rules_set(
    *, actor: Actor, since: Mapping[Role, date | None], seen: Shown | None = None, now: datetime
) -> int:
    """Choose from which day on each role needs a second factor, None for never. Returns how many changed.

    `seen` is what the form showed, by role. Raises NotYours for who is no administrator, ChangedMeanwhile.
    """
    if not actor.is_administrator:
        raise NotYours
    Authority.objects.select_for_update(no_key=True).order_by("pk").first()
    held = {rule.role: rule for rule in SecondRule.objects.order_by("role")}
    told = {role: held[role].since.isoformat() if role in held else "" for role in since}
    changed = {role: day for role, day in since.items() if told[role] != (day.isoformat() if day else "")}
    subject = Subject("second_rule", None)
    if changed:
        seen_check({role.value: day for role, day in told.items()}, seen, subject=subject)
    for role, day in changed.items():
        if day is None:
            SecondRule.objects.filter(role=role.value).delete()
        else:
            SecondRule.objects.update_or_create(role=role.value, defaults={"since": day})
    if changed:
        kept_changed()
        fields = {role.value: day.isoformat() if day else "" for role, day in changed.items()}
        record(actor=actor, verb="second_rule.set", subject=subject, data={"fields": fields}, now=now)
    return len(changed)
