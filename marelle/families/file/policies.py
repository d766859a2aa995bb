"""What the authority lets homes do with each field of their file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.families.fields import BY_CODE, policy_of
from marelle.families.models import FieldPolicy
from marelle.families.refusals import NotAllowed
from marelle.families.scope import keeps_files
from marelle.journal.edits import Shown, seen_check
from marelle.journal.services import record
from marelle.places.locks import portal_locked


class PolicyNotPossible(Refusal):
    """The field does not allow this policy: `field` is its code."""


def policies() -> dict[str, str]:
    """The authority's choices by code of field; one query."""
    return dict(FieldPolicy.objects.values_list("code", "policy"))


def may_set_policies(actor: Actor) -> bool:
    """Who keeps the files says what may be written in them."""
    return keeps_files(actor)


@transaction.atomic
def policies_set(
    *, actor: Actor, chosen: Mapping[str, str], seen: Shown | None = None, now: datetime
) -> tuple[str, ...]:
    """Write the policies of fields by code; those not named stay. Returns the codes that changed.

    `seen` is what the form showed of those named; None for who showed none. Raises NotAllowed,
    PolicyNotPossible, ChangedMeanwhile.
    """
    if not may_set_policies(actor):
        raise NotAllowed("sets_no_policies")
    for code, policy in chosen.items():
        field = BY_CODE.get(code)
        if field is None or policy not in {allowed.value for allowed in field.allowed}:
            raise PolicyNotPossible("policy_not_possible", field=code)
    portal_locked()
    stored = policies()
    former = {code: policy_of(BY_CODE[code], stored).value for code in chosen}
    changed = tuple(code for code, policy in chosen.items() if former[code] != policy)
    seen_check({code: former[code] for code in changed}, seen, subject=Subject("policy", None))
    for code in changed:
        FieldPolicy.objects.update_or_create(code=code, defaults={"policy": chosen[code]})
    if changed:
        # Which became what: a setting names nobody, and who asks later wants to know.
        record(
            actor=actor,
            verb="policy.set",
            subject=Subject("policy", None),
            data={"fields": {code: chosen[code] for code in changed}},
            now=now,
        )
    return changed
