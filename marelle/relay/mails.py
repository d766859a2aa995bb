"""Mails of the guichet unique. Who asked may have no home here: the address is the one that it gave."""

from __future__ import annotations

from datetime import datetime

from marelle.core.french import instant_long_year
from marelle.mail.services import queue
from marelle.places.models import StructureContact
from marelle.relay.models import CareRequest
from marelle.relay.rules import CareState


def tell_received(row: CareRequest, now: datetime) -> None:
    """To who asked: number, when, which service, how to reach it; to the relais: that one has arrived."""
    context = {**_about(row), "received": instant_long_year(row.received_at)}
    if row.email:
        queue(kind="relay/received", to=row.email, context=context, family_id=row.family_id, now=now)
    if context["relay_email"]:
        queue(
            kind="relay/arrived",
            to=str(context["relay_email"]),
            context=context,
            family_id=row.family_id,
            now=now,
        )


def tell_answered(row: CareRequest, now: datetime) -> None:
    """What the relais answers. Who gave no address is called."""
    if row.email:
        context = {**_about(row), "found": row.state == CareState.FOUND, "answer": row.answer}
        queue(kind="relay/answered", to=row.email, context=context, family_id=row.family_id, now=now)


def _about(row: CareRequest) -> dict[str, object]:
    contact = StructureContact.objects.filter(structure=row.structure).exclude(email="").first()
    return {
        "reference": row.reference,
        "request_id": row.pk,
        "structure": row.structure.name,
        "relay_email": contact.email if contact else "",
        "relay_phone": contact.phone if contact else "",
        "at_home": row.family_id is not None,
        "authority_id": row.structure.authority_id,
    }
