"""What an agent does with what came back: an amount given to a bill or set aside, a rejected piece freed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet

from marelle.billing.models import ExportedBill, Invoice, StrayPayment, TresorExport
from marelle.billing.paid import Means
from marelle.billing.payments import NewPayment, bills_locked, payments_add
from marelle.billing.runs.services import authority_locked
from marelle.billing.tresor.returns import PieceState
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.money import ZERO
from marelle.core.refusals import NotYours, Refusal
from marelle.core.subject import Subject
from marelle.families.locks import home_locked, homes_locked
from marelle.families.scope import is_own_file
from marelle.journal.services import record
from marelle.places.scope import in_office

Outcome = StrayPayment.Outcome


class StrayRefused(Refusal):
    """`code`: "settled" (it waits no more), "unknown" (no bill of that number), "more" (than its `left`
    euros), "less" (it takes back more than its `paid` euros), "own" (the bill is of the agent's own home, or
    of one where its child lives), "taken" (the piece is not rejected), "open" (something is left of it there,
    or nothing here), "unpaid" (nothing is paid of the bill)."""


def strays_of(actor: Actor) -> QuerySet[StrayPayment]:
    """Those that wait, the oldest first."""
    rows = StrayPayment.objects.filter(in_office(actor, "authority__"), outcome="")
    return rows.select_related("authority", "invoice", "read_in")


def rejected_of(actor: Actor) -> QuerySet[ExportedBill]:
    """Pieces that the Trésor rejected and that are not sent again, the newest first."""
    rows = ExportedBill.objects.filter(
        in_office(actor, "export__authority__"), live=True, state=PieceState.REJECTED
    )
    return rows.select_related("export__authority", "invoice__addressee").order_by("-state_on", "-pk")


def rejected_but_paid(export: TresorExport) -> QuerySet[ExportedBill]:
    """Pieces of a file that the Trésor rejected, of bills of which something is paid: an agent decides."""
    rows = export.bills.filter(live=True, state=PieceState.REJECTED, invoice__paid__gt=0)
    return rows.select_related("invoice__addressee").order_by("piece")


def pieces_live(invoice_ids: Collection[int]) -> dict[int, ExportedBill]:
    """By bill, the piece that it is at the Trésor; one query."""
    return {row.invoice_id: row for row in ExportedBill.objects.filter(invoice__in=invoice_ids, live=True)}


def piece_states(export: TresorExport) -> list[tuple[str, int]]:
    """How many pieces of a file stand in each state; "" for those of which nothing came back."""
    rows = export.bills.order_by("state").values_list("state").annotate(count=Count("pk"))
    return [(str(state), int(count)) for state, count in rows]


@transaction.atomic
def stray_give(*, actor: Actor, stray_id: int, number: str, now: datetime) -> StrayPayment:
    """Write it as a payment of the bill of that number, which it may not pay beyond its total. Raises
    NotYours for who is not the authority's office, or StrayRefused."""
    row = _locked(actor, stray_id)
    found = Invoice.objects.filter(authority=row.authority_id, number=number.strip()).first()
    if found is None:
        raise StrayRefused("unknown")
    _not_own(actor, found, now)
    bill = bills_locked([found.pk])[found.pk]
    left = ZERO if bill.cancelled_on else bill.left
    if row.amount > left:
        raise StrayRefused("more", left=left)
    if row.amount < -bill.paid:
        raise StrayRefused("less", paid=bill.paid)
    new = NewPayment(bill.pk, row.amount, row.on, Means.TRESOR, row.reference)
    payments_add([new], run=row.read_in, who=actor.label, now=now)
    row.invoice = bill
    return _settled(actor, row, Outcome.GIVEN, "", now)


def _home_told(bill: Invoice) -> int | None:
    """Whose journal tells of it: nobody's for who pays and is no home, nor for a home that was erased, whose
    bills are paid all the same."""
    if bill.payer_id is not None:
        return None
    return next((home.pk for home in homes_locked([bill.family_id]) if home.erased_at is None), None)


def _not_own(actor: Actor, bill: Invoice, now: datetime) -> None:
    """Its home is held too: a former one as well, which is still billed."""
    homes_locked([bill.family_id])
    if is_own_file(actor, family_id=bill.family_id, person_id=None, day=local(now).date()):
        raise StrayRefused("own")


@transaction.atomic
def stray_set_aside(*, actor: Actor, stray_id: int, reason: str, now: datetime) -> StrayPayment:
    """It is of no bill here, or given back. Raises NotYours, or StrayRefused."""
    return _settled(actor, _locked(actor, stray_id), Outcome.ASIDE, reason, now)


@transaction.atomic
def strays_set_aside(*, actor: Actor, stray_ids: Collection[int], reason: str, now: datetime) -> int:
    """Those of them that wait still, for one reason; how many they are. Raises StrayRefused ("settled") for
    none."""
    waiting = strays_of(actor).filter(pk__in=stray_ids)
    for authority_id in sorted(set(waiting.order_by().values_list("authority", flat=True))):
        authority_locked(actor, authority_id)
    rows = [_settled(actor, row, Outcome.ASIDE, reason, now) for row in waiting]
    if not rows:
        raise StrayRefused("settled")
    return len(rows)


def _locked(actor: Actor, stray_id: int) -> StrayPayment:
    found = StrayPayment.objects.filter(in_office(actor, "authority__"), pk=stray_id).first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.authority_id)
    row = StrayPayment.objects.select_related("read_in").get(pk=found.pk)
    if row.outcome:
        raise StrayRefused("settled")
    return row


def _settled(actor: Actor, row: StrayPayment, outcome: Outcome, reason: str, now: datetime) -> StrayPayment:
    row.outcome, row.reason = outcome, reason
    row.settled_at, row.settled_by = now, actor.label[:200]
    row.full_clean(exclude=["authority", "invoice", "read_in"])
    row.save(update_fields=["outcome", "reason", "invoice", "settled_at", "settled_by"])
    bill = row.invoice if outcome == Outcome.GIVEN else None
    record(
        actor=actor,
        verb=f"stray_payment.{outcome}",
        subject=Subject("stray_payment", row.pk, bill.number if bill else row.said),
        family_id=_home_told(bill) if bill else None,
        data={"amount": str(row.amount), **({"reason": reason} if reason else {})},
        now=now,
    )
    return row


@transaction.atomic
def piece_settle(*, actor: Actor, invoice_id: int, now: datetime) -> ExportedBill:
    """The Trésor says that nothing is left of a piece, and did not say what came: what is left here is noted
    as paid on the day of its file. Raises NotYours, or StrayRefused ("own", "open")."""
    row = _piece_held(actor, invoice_id)
    _not_own(actor, row.invoice, now)
    bill = bills_locked([invoice_id])[invoice_id]
    if not row.settled or row.state_on is None or bill.cancelled_on or not bill.left:
        raise StrayRefused("open")
    reference = f"e{row.pk} settled {row.state_on}"
    new = NewPayment(bill.pk, bill.left, row.state_on, Means.HAND, reference)
    payments_add([new], run=None, who=actor.label, now=now)
    _tell(actor, "exported_bill.settled", row, now, amount=str(bill.left))
    return row


def _piece_held(actor: Actor, invoice_id: int) -> ExportedBill:
    """As it is once its authority is held. Raises NotYours."""
    rows = ExportedBill.objects.filter(
        in_office(actor, "export__authority__"), invoice=invoice_id, live=True
    ).select_related("export", "invoice", "read_in")
    found = rows.first()
    if found is None:
        raise NotYours
    authority_locked(actor, found.export.authority_id)
    row = rows.first()
    if row is None:
        raise StrayRefused("taken")
    return row


def _tell(actor: Actor, verb: str, row: ExportedBill, now: datetime, **data: str) -> None:
    bill = row.invoice
    record(
        actor=actor,
        verb=verb,
        subject=Subject("invoice", bill.pk, bill.number),
        family_id=_home_told(bill),
        data={"piece": row.piece, **data},
        now=now,
    )


@transaction.atomic
def piece_take_back(*, actor: Actor, invoice_id: int, now: datetime) -> ExportedBill:
    """What is paid of a bill whose piece is rejected is taken back, on the day of the rejection: an agent has
    seen that it never came. Raises NotYours, or StrayRefused ("own", "taken", "unpaid")."""
    row = _piece_held(actor, invoice_id)
    home_locked(row.invoice.family_id)
    _not_own(actor, row.invoice, now)
    bill = bills_locked([invoice_id])[invoice_id]
    if row.state != PieceState.REJECTED or row.state_on is None:
        raise StrayRefused("taken")
    if bill.paid <= 0:
        raise StrayRefused("unpaid")
    new = NewPayment(bill.pk, -bill.paid, row.state_on, Means.HAND)
    payments_add([new], run=None, who=actor.label, now=now)
    _tell(actor, "exported_bill.taken_back", row, now, amount=str(bill.paid))
    return row


@transaction.atomic
def piece_free(*, actor: Actor, invoice_id: int, now: datetime) -> ExportedBill:
    """A bill whose piece is rejected waits to be sent again, under other numbers; the others of its file stay
    where they are. Raises NotYours, or StrayRefused ("taken")."""
    row = _piece_held(actor, invoice_id)
    if row.state != PieceState.REJECTED:
        raise StrayRefused("taken")
    row.live = False
    row.save(update_fields=["live"])
    _tell(actor, "exported_bill.freed", row, now, reason=row.said)
    return row
