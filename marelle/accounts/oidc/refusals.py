"""Why an identity provider lets nobody in."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marelle.core.refusals import Refusal


class Trouble(StrEnum):
    DOWN = "down"  # nobody answers, or it says that it cannot
    SLOW = "slow"  # no whole answer in time
    BUSY = "busy"  # too many of us wait for it already
    LIES = "lies"  # its answer is not what the standard, or its keys, ask for
    EXPIRED = "expired"  # the code that it gave is worth nothing any more
    DENIED = "denied"  # whoever was there went away, or was refused there
    SCOPE = "scope"  # what this portal asked to be told is not for it


class ProviderTrouble(Refusal):
    """Nothing of it is believed, and nothing is written. `why` is for screens, `detail` for the operator's
    log: it names what was wrong, never what somebody is called."""

    def __init__(self, why: Trouble, detail: str = "") -> None:
        super().__init__("provider_trouble", why=why.value)
        self.why = why
        self.detail = detail


def lies(detail: str) -> ProviderTrouble:
    return ProviderTrouble(Trouble.LIES, detail)


NO_ANSWER: Final = frozenset({Trouble.DOWN, Trouble.SLOW, Trouble.BUSY})
