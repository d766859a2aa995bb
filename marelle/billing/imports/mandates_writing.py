"""Mandates given before Marelle, written: in force at once, since two people have seen the file."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from marelle.billing.imports.mandates import MandatePlan, NewMandate
from marelle.billing.imports.sides import Side
from marelle.billing.mandates.mails import Told, tell_mandate
from marelle.billing.mandates.rules import Creditor
from marelle.billing.mandates.services import agreed_columns
from marelle.billing.models import ImportRun, Mandate
from marelle.core.actor import Actor
from marelle.core.french import day_plain
from marelle.core.subject import Subject
from marelle.journal.services import Act, record_many


def mandates_write(actor: Actor, run: ImportRun, plan: MandatePlan, *, tell: bool, now: datetime) -> None:
    """In the caller's transaction, which holds the authority and the homes. Raises CannotSeal."""
    if plan.creditor is None:
        return
    rows = Mandate.objects.bulk_create(_row(run, plan.creditor, one, now) for one in plan.created)
    acts = [Act("mandate.brought", Subject("mandate", row.pk, row.rum), row.family_id) for row in rows]
    record_many(actor=actor, acts=acts, now=now)
    if tell:
        for row in rows:
            tell_mandate(row, Told.ACTIVE, now=now)


def mandates_held(run: ImportRun, plan: MandatePlan) -> tuple[Side, ...]:
    """As the tables have it: those that were brought now, and those that were there."""
    rums = [one.draft.rum for one in plan.created]
    there = Mandate.objects.filter(authority=run.authority_id, rum__in=rums).count()
    return tuple(Side(one.code, one.theirs, Decimal(there + plan.same)) for one in plan.sides)


def _row(run: ImportRun, creditor: Creditor, one: NewMandate, now: datetime) -> Mandate:
    draft = one.draft
    return Mandate(
        **agreed_columns(draft.account, creditor, draft.rum),
        family_id=one.family_id,
        authority=run.authority,
        how=Mandate.How.MOVED,
        text=_(
            "Mandat de prélèvement SEPA signé le %(day)s, avant Marelle\u00a0: son texte est sur le mandat "
            "que la collectivité garde."
        )
        % {"day": day_plain(draft.signed_on)},
        signed_on=draft.signed_on,
        drawn_before=draft.drawn_before,
        noted_at=run.prepared_at,
        noted_by=run.prepared_by[:150],
        noted_account_id=run.prepared_account_id,
        state=Mandate.State.ACTIVE,
        started_at=now,
        checked_by=run.done_by[:150],
    )
