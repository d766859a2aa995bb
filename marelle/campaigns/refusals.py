"""What the services of campaigns answer when a rule says no."""

from __future__ import annotations

from marelle.core.refusals import Refusal


class CampaignRefused(Refusal):
    """`code`: "state" (not at this step, or no more), "no_criteria", "no_places" (nothing is open in the
    period), "opens_before" (`activity`, `at`: families could book before the answers), "too_late" (the window
    would have opened already), "not_over" (wishes may still come), "number" (none given), "no_wishes",
    "not_verified"."""


class WishRefused(Refusal):
    """`code`: "window" (`opens`, `closes`), "no_child", "unknown" (what is not offered to the child),
    "too_many" (`most`), "empty", "requires" (`slot`, `needs`)."""


class MoveRefused(Refusal):
    """`code`: "reason", "unknown" (no plan of the home's), "too_many" (`most`), "full" (`places`), "same"."""
