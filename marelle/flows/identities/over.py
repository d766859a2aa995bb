"""First visits that are over without an answer: what was kept of them goes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from marelle.accounts.models import Identity
from marelle.accounts.oidc.claims import Told
from marelle.cases.models import Case
from marelle.cases.services import CaseState, case_filed, cases_made_nameless, decide_case
from marelle.core.actor import Actor
from marelle.flows.models import Arrival

KIND: Final = "arrival"


def arrival_over(*, actor: Actor, told: Told, family_id: int | None, now: datetime) -> None:
    """Who asked the office who it is, `actor`, is known without it: nothing waits any more, and its cases are
    its home's. In the caller's transaction, which holds that home."""
    row = Arrival.objects.select_for_update(no_key=True).filter(issuer=told.issuer, subject=told.subject)
    for pk in list(row.values_list("pk", flat=True)):
        for case in Case.objects.open().filter(kind=KIND, subject_id=pk):
            decide_case(actor=actor, case_id=case.pk, state=CaseState.WITHDRAWN, now=now)
        if family_id is None:
            cases_made_nameless(kind=KIND, subject_ids=[pk])
        else:
            case_filed(kind=KIND, subject_id=pk, family_id=family_id)
        Arrival.objects.filter(pk=pk).delete()


def arrivals_forget(*, user_id: int, issuers: Collection[str] | None = None) -> None:
    """Of an account that is erased: what its owner told on visits that were linked to nobody, by any of
    these issuers, in the caller's transaction."""
    rows = Identity.all_ever.filter(user_id=user_id)
    for held in rows if issuers is None else rows.filter(issuer__in=issuers):
        visits = Arrival.objects.filter(issuer=held.issuer, subject=held.subject)
        cases_made_nameless(kind=KIND, subject_ids=list(visits.values_list("pk", flat=True)))
        visits.delete()
