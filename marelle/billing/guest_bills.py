"""What is read of who pays and is no home: by itself its own bills, by its office the people who read
them."""

from __future__ import annotations

from django.db.models import QuerySet

from marelle.billing.late import deferred_until, held
from marelle.billing.models import Invoice, InvoiceQuerySet, Payer, PayerAccess
from marelle.billing.selectors import InvoicePage, page_of
from marelle.core.actor import Actor, Guest
from marelle.places.scope import in_office


def readable_by_payer(actor: Actor) -> InvoiceQuerySet:
    """The bills addressed to the payers that the actor reads for, whatever home they are about."""
    if actor.guest is not Guest.PAYER:
        return Invoice.objects.none()
    live = PayerAccess.objects.live().filter(account_id=actor.user_id)
    return Invoice.objects.filter(payer__in=live.values("payer"))


def payers_read(actor: Actor) -> tuple[Payer, ...]:
    """Those that the actor reads for; one query, none for who is no payer's guest."""
    if actor.guest is not Guest.PAYER:
        return ()
    live = PayerAccess.objects.live().filter(account_id=actor.user_id)
    return tuple(Payer.objects.filter(pk__in=live.values("payer")))


def bills_read(actor: Actor) -> list[Invoice]:
    """All that the actor may read, the newest first, each with `deferred_until` and `held`; one query."""
    rows = readable_by_payer(actor).select_related("structure", "authority")
    return list(rows.annotate(deferred_until=deferred_until(), held=held()))


def bill_page(actor: Actor, invoice_id: int) -> InvoicePage | None:
    """None for one that the actor may not read; three queries."""
    return page_of(readable_by_payer(actor).select_related("payer"), invoice_id)


def accesses_of(actor: Actor, payer_id: int) -> QuerySet[PayerAccess]:
    """Of a payer of the actor's office, the latest first."""
    rows = PayerAccess.objects.filter(in_office(actor, "payer__authority__"), payer_id=payer_id)
    return rows.select_related("account", "payer").order_by("-given_at", "-pk")
