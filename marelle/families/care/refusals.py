"""What the services of a child's care answer when a rule says no."""

from __future__ import annotations

from marelle.core.refusals import Refusal


class ReadOnly(Refusal):
    """The actor reads and does not write. `code`: "home_left", "no_authority" (parental), or
    "kept_by_agents" (the authority's table of fields)."""


class Unseen(Refusal):
    """ "file_there": a file that the actor may not read would be replaced. It says that it knows so by giving
    `file_id` back as the one that it saw."""


class WrongValue(Refusal):
    """What was given cannot be.

    On the sheet, each with its `field`: "too_long", "allergy_missing", "pai_missing", "pai_until". Of
    vaccines: "vaccine_day", "vaccine_twice". Of who comes: "named_twice", "too_many_contacts", "for_nothing",
    "permission_day", "ban_dates". Of authorisations: "hour_missing", "label_taken", "answered_already".
    """
