"""A village where bills are late, and an office that reminds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from marelle.billing.models import (
    BillingRun,
    Contest,
    ExportedBill,
    Invoice,
    InvoiceLine,
    Payer,
    ReminderRun,
    ReminderStep,
    TresorExport,
)
from marelle.billing.reminders.report import Report, report_of
from marelle.billing.reminders.sending import Done, reminders_send
from marelle.core.actor import Actor
from marelle.core.clock import PARIS
from tests.billing.world import Village
from tests.scenario import Home

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=PARIS)
TODAY = NOW.date()


class Late(Village):
    """Steps 15, 30 and 50 days after the date; bills that were due twenty days ago."""

    def __init__(self) -> None:
        super().__init__()
        self.treasury()
        self.steps = [
            ReminderStep.objects.create(
                authority=self.the_authority,
                days=days,
                title=f"Rappel {days}",
                text=f"Texte {days}.",
                way=way,
            )
            for days, way in ((15, "mail"), (30, "both"), (50, "letter"))
        ]

    def late(
        self, home: Home | None = None, total: str = "40.00", *, days: int = 20, **fields: Any
    ) -> Invoice:
        """A bill whose date was so many days ago."""
        due_on = TODAY - timedelta(days=days)
        issued_on = due_on - timedelta(days=30)
        return self.invoice(home, total, due_on=due_on, issued_on=issued_on, **fields)

    def report(self, now: datetime = NOW, actor: Actor | None = None) -> Report:
        return report_of(actor or self.office, self.the_authority.pk, now=now)

    def seen(self, now: datetime = NOW) -> dict[str, str]:
        return {one.key: one.digest for one in self.report(now).due}

    def sends(
        self, seen: dict[str, str] | None = None, now: datetime = NOW, actor: Actor | None = None
    ) -> Done:
        return reminders_send(
            actor=actor or self.office,
            authority_id=self.the_authority.pk,
            seen=self.seen(now) if seen is None else seen,
            now=now,
        )

    def reminded(self, now: datetime = NOW) -> ReminderRun:
        return self.sends(now=now).run

    def payer(self, email: str = "") -> Payer:
        return Payer.objects.create(
            authority=self.the_authority, kind="ccas", last_name="CCAS d’Arelle", street="1 rue Haute",
            postal_code="21999", city="Arelle", siret="20000010700017", email=email,
        )  # fmt: skip

    def made_here(self, bill: Invoice) -> None:
        run = BillingRun.objects.create(
            authority=bill.authority, month=bill.month, cutoff=bill.month, issued_on=bill.issued_on,
            due_on=bill.due_on, exercise=2026, state=BillingRun.State.ISSUED, homes=1, started_at=NOW,
            started_by="Line",
        )  # fmt: skip
        Invoice.objects.filter(pk=bill.pk).update(run=run)

    def in_file(self, bill: Invoice, number: int = 1, **fields: Any) -> ExportedBill:
        """Of the Trésor: the only piece of its `number`-th file."""
        export = TresorExport.objects.create(
            authority=self.the_authority, layout="pes", sort="role", exercise=2026, budget="01",
            number=number, month=bill.month, issued_on=day_before(40), count=1, net=bill.total, tax=0,
            head={}, made_at=NOW, made_by="Line",
        )  # fmt: skip
        return ExportedBill.objects.create(export=export, invoice=bill, piece=1, debt=str(number), **fields)

    def contests(self, bill: Invoice) -> Contest:
        line = InvoiceLine.objects.filter(invoice=bill).earliest("pk")
        return Contest.objects.create(
            line=line, days=["2026-10-07"], words="Absente.", asked_at=NOW, asked_by="Camille"
        )


def day_before(days: int) -> date:
    return TODAY - timedelta(days=days)


def euros(text: str) -> Decimal:
    return Decimal(text)
