"""Writing what an authority's invoices say of how to pay and how to contest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from marelle.billing.models import Treasury
from marelle.core.actor import Actor
from marelle.core.refusals import NotYours
from marelle.core.subject import Subject
from marelle.journal.edits import Shown, held, seen_check
from marelle.journal.services import record
from marelle.places.models import Authority
from marelle.places.scope import in_office

TREASURY_FIELDS: Final = (
    "name",
    "address",
    "hours",
    "phone",
    "email",
    "how_to_pay",
    "how_to_contest",
    "court",
    "payfip",
    "signatory",
    "signatory_capacity",
    "executory",
)


@transaction.atomic
def treasury_set(
    *, actor: Actor, authority_id: int, values: Mapping[str, str], seen: Shown | None = None, now: datetime
) -> Treasury:
    """Set what invoices say from now on; `values` holds each of `TREASURY_FIELDS`, checked by the form.

    `seen` is what the form showed of them; None for who showed nothing. The journal names the fields that
    changed, and says nothing when none did. Raises NotYours for an authority whose office the actor is not,
    and ChangedMeanwhile.
    """
    authority = (
        Authority.objects.select_for_update(no_key=True).filter(in_office(actor), pk=authority_id).first()
    )
    if authority is None:
        raise NotYours
    treasury = Treasury.objects.filter(authority=authority).first() or Treasury(authority=authority)
    subject = Subject("treasury", treasury.pk, authority.name)
    seen_check(held(treasury, TREASURY_FIELDS), seen, subject=subject)
    changed = [name for name in TREASURY_FIELDS if getattr(treasury, name) != values[name]]
    if not changed:
        return treasury
    for name in changed:
        setattr(treasury, name, values[name])
    treasury.full_clean(exclude=["authority"])
    treasury.save()
    record(
        actor=actor,
        verb="treasury.changed",
        subject=Subject("treasury", treasury.pk, authority.name),
        data={"fields": changed},
        now=now,
    )
    return treasury
