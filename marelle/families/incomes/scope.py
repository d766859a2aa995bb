"""Which incomes an agent reads of a home whose page it may open: those of all and of its own authorities."""

from __future__ import annotations

from django.db.models import Q

from marelle.core.actor import Actor, Role
from marelle.places.models import Structure
from marelle.places.scope import EVERYTHING, in_office, income_reader


def readable(actor: Actor, prefix: str = "") -> Q:
    """As a condition on the income reached by `prefix`. A director reads as it was given (`income_reader`),
    and nobody reads so what another authority alone was told."""
    reader = income_reader(actor)
    if not reader.powers:
        return Q(pk__in=())
    offices = in_office(reader, f"{prefix}authority__")
    if offices == EVERYTHING:
        return EVERYTHING
    directed = Structure.objects.filter(pk__in=reader.structures(Role.DIRECTOR)).values("authority_id")
    return Q(**{f"{prefix}authority": None}) | offices | Q(**{f"{prefix}authority__in": directed})
