"""Writing what a file of the Trésor does, as it was planned, in the transaction of its import."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from marelle.billing.models import ExportedBill, ImportRun, ImportTrail, StrayPayment
from marelle.billing.payments import payments_add
from marelle.billing.tresor.returning import ReturnPlan
from marelle.billing.tresor.returns import PieceSaid


def returns_write(run: ImportRun, plan: ReturnPlan, now: datetime) -> None:
    """The caller holds the authority and the bills of the plan."""
    _trail_write(run, plan)
    for piece in plan.pieces:
        piece.read_in = run
    fields = ["state", "state_on", "code", "said", "settled", "read_in"]
    ExportedBill.objects.bulk_update(plan.pieces, fields, batch_size=500)
    payments_add(plan.payments, run=run, who=run.done_by, now=now)
    StrayPayment.objects.bulk_create(
        (
            StrayPayment(
                authority_id=run.authority_id,
                amount=one.amount,
                on=one.on,
                reference=one.reference,
                said=_said(one.of)[:200],
                why=one.why,
                invoice_id=one.invoice_id,
                read_in=run,
                recorded_at=now,
            )
            for one in plan.strays
        ),
        batch_size=2_000,
    )


def _trail_write(run: ImportRun, plan: ReturnPlan) -> None:
    kept = set(
        ImportTrail.objects.filter(run__in={one[-1] for one in plan.before.values()}).values_list(
            "run", flat=True
        )
    )
    ImportTrail.objects.create(
        run=run,
        again=plan.again,
        pieces=[_as_json(*one, run.pk) for one in plan.said],
        before=[_as_json(*one) for one in plan.before.values() if one[-1] not in kept],
    )


def _as_json(pk: int, state: str, on: date | None, *rest: object) -> list[object]:
    return [pk, state, (on or date.min).isoformat(), *rest]


def _said(piece: PieceSaid) -> str:
    """ "bordereau 3 de 2026, pièce 12, dette 26110000012"."""
    told = {"number": piece.number, "exercise": piece.exercise, "piece": piece.piece, "debt": piece.debt}
    parts = [
        _("facture %(bill)s") % {"bill": piece.bill} if piece.bill else "",
        _("bordereau %(number)d de %(exercise)d") % told if piece.number else "",
        _("pièce %(piece)d") % told if piece.piece else "",
        _("dette %(debt)s") % told if piece.debt else "",
    ]
    return ", ".join(filter(None, parts))
