"""What the service that answers a thread is called, and how it is reached, for families and agents."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marelle.messaging.models import Thread
from marelle.places.models import Authority, Structure, StructureContact


def service_name(thread: Thread) -> str:
    """Its structure, or the office of its authority: both are to be read with the thread."""
    return holder_name(thread.structure.authority, None if thread.with_office else thread.structure)


def holder_name(authority: Authority, structure: Structure | None) -> str:
    if structure is not None:
        return structure.name
    return _("Guichet, {authority}").format(authority=authority.short_name)


def reach_of(thread: Thread) -> dict[str, str]:
    """`email` and `phone` of the contact written to, else of the structure's first, or of the office."""
    if thread.with_office:
        return _ways(thread.structure.authority)
    return _ways(thread.contact) if thread.contact else contact_context(thread.structure_id)


def service_address(thread: Thread) -> str:
    """Where the service that answers is told of a thread: else the authority's, which its office reads."""
    return reach_of(thread)["email"] or thread.structure.authority.email


def contact_context(structure_id: int) -> dict[str, str]:
    """How to reach a structure, for `mail/messaging/contact.txt`: the first of its contacts."""
    contacts = StructureContact.objects.filter(structure_id=structure_id).order_by("order", "pk")
    return _ways(contacts.first())


def _ways(found: StructureContact | Authority | None) -> dict[str, str]:
    return {"email": found.email if found else "", "phone": found.phone if found else ""}
