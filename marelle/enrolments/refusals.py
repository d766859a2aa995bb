"""What the services of enrolments answer when a rule says no."""

from __future__ import annotations

from marelle.core.refusals import Refusal
from marelle.enrolments.rules import Denial


class Denied(Refusal):
    """A rule of `rules.py` says no; `code` is its `Reason`."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.reason.value, **denial.data)
        self.denial = denial


class ReasonMissing(Refusal):
    """A refusal without its reason."""

    def __init__(self) -> None:
        super().__init__("reason_missing")


class UnknownGroup(Refusal):
    """The group is not one of the activity, or none was chosen where the activity has some."""

    def __init__(self) -> None:
        super().__init__("unknown_group")
