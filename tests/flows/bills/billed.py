"""A place with tariffs, whose months are billed here."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from marelle.billing.models import BillingRun, BillingTerms, Invoice
from marelle.billing.runs.services import NewRun, run_confirm
from marelle.core.actor import Actor, Power, Role
from marelle.core.clock import PARIS
from marelle.flows.bills.working import bills_run, run_advance
from marelle.flows.prices.spans import month_of
from tests.flows.prices.priced import NOVEMBER, WEDNESDAYS, Priced

NOW = datetime(2026, 12, 1, 9, tzinfo=PARIS)
ISSUED_ON = date(2026, 12, 1)
FIRST, SECOND, THIRD = WEDNESDAYS


class Billed(Priced):
    """Bills of any amount leave at once, unless a test says otherwise."""

    def __init__(self, *books: str, **terms: Any) -> None:
        super().__init__(*books)
        BillingTerms.objects.create(
            authority=self.the_authority,
            **{"since": date(2026, 9, 1), "threshold": Decimal("0.00"), "months_back": 2, **terms},
        )
        self.bursar = self.office_actor()

    def office_actor(self) -> Actor:
        return Actor(
            None, "Nadège", powers=frozenset({Power(Role.OFFICE, authority_id=self.the_authority.pk)})
        )

    def new(self, month: date = NOVEMBER[0], **fields: Any) -> NewRun:
        return NewRun(month, **{"cutoff": month_of(month)[1], "issued_on": ISSUED_ON, **fields})

    def previews(self, month: date = NOVEMBER[0], **fields: Any) -> BillingRun:
        run = bills_run(
            actor=self.bursar, authority_id=self.the_authority.pk, new=self.new(month, **fields), now=NOW
        )
        return self.works(run)

    def works(self, run: BillingRun, *, stop: str = "") -> BillingRun:
        """Until the run waits for somebody."""
        for _batch in range(50):
            run.refresh_from_db()
            if run.state not in ("previewing", "issuing") or run.paused or run.state == stop:
                return run
            run_advance(run, now=NOW)
        raise AssertionError("It never ends.")

    def bills(self, month: date = NOVEMBER[0], **fields: Any) -> list[Invoice]:
        """A whole run: the bills that it sent, in the order of their numbers."""
        run = self.previews(month, **fields)
        self.confirms(run)
        return list(run.invoices.order_by("number"))

    def confirms(self, run: BillingRun) -> BillingRun:
        run_confirm(actor=self.bursar, run_id=run.pk, now=NOW)
        return self.works(run)
