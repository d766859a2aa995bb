from __future__ import annotations

from marelle.core.refusals import Refusal


class RunRefused(Refusal):
    """A run that is not started, or does not go on: `code` says why.

    imported: the bills of this month come by files. live: another run of the authority goes on. nobody: no
    home has anything to bill. days: the cut-off is not in the month, or the date of the bills has gone by.
    structures: one is not the authority's. state: it is not at that point any more. billed: a month is
    billed already, or being billed. by_file: a bill came so. same: nothing of a bill has changed. small:
    what has changed is worth too little, and waits for the next bill.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
