"""What a slot requires, and what goes with it, in French."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.facts import SlotFacts
from marelle.activities.kinds import Parting
from marelle.bookings.saving.together import Held, Parted
from marelle.core.french import join_and, quoted_or


def link_texts(slot: SlotFacts | None) -> list[str]:
    """ "se prend avec « Matin »", "annulé avec lui"."""
    if slot is None or not slot.needs:
        return []
    along = [_("annulé avec lui")] if slot.parting is Parting.GOES else []
    return [_("se prend avec %s") % quoted_or(slot.needs), *along]


def parted_lines(parted: Parted) -> list[str]:
    """What a closing takes along, and what it leaves alone."""
    told = []
    if parted.go:
        text = ngettext(
            "%(n)d réservation part avec (%(slots)s) : la famille en est prévenue aussi.",
            "%(n)d réservations partent avec (%(slots)s) : les familles en sont prévenues aussi.",
            len(parted.go),
        )
        told.append(text % {"n": len(parted.go), "slots": _slots(parted.go)})
    if parted.stay:
        text = ngettext(
            "%(n)d réservation reste sans le créneau qui va avec (%(slots)s) : "
            "elle est signalée dans « À traiter ».",
            "%(n)d réservations restent sans le créneau qui va avec (%(slots)s) : "
            "elles sont signalées dans « À traiter ».",
            len(parted.stay),
        )
        told.append(text % {"n": len(parted.stay), "slots": _slots(parted.stay)})
    return told


def _slots(held: Iterable[Held]) -> str:
    return join_and(list(dict.fromkeys(opening.slot.name for _child_id, opening, _place in held)))
