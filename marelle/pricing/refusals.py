"""What tariffs answer instead of being written; the French is put above."""

from __future__ import annotations

from marelle.core.refusals import Refusal


class TariffRefused(Refusal):
    """`code`: "past" (days gone by may have been priced), "not_in_order" (the end before the beginning),
    "no_slots", "slots" or "product" (of another authority, or gone), "replaced" (what it takes the place of
    has ended already), "name" (taken), "taken" (homes have it), "used" (it has a tariff, or homes took it),
    "already" (the home has it in these days); of what is noted of a home, "kind", "reason", "effect" and
    "child"."""
