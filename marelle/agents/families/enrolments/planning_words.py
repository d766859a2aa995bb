"""The planning of one enrolment, for the agent: why nothing can be changed there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from marelle.core.refusals import Refusal
from marelle.flows.enrolling.stay_planning import Reader

ONLY_READS: Final[Mapping[str, Promise]] = {
    Reader.OWN_FILE: lazy("C’est le dossier de votre propre famille : un autre agent doit s’en occuper."),
    Reader.OFFICE_DECIDES: lazy(
        "Pour cette activité, le guichet unique décide seul : vous voyez le planning, sans le changer."
    ),
    Reader.HOME_LEFT: lazy("Ce foyer est parti : rien ne se réserve plus pour lui."),
}
REFUSALS: Final[Mapping[str, Reader]] = {
    "own_file": Reader.OWN_FILE,
    "decided_elsewhere": Reader.OFFICE_DECIDES,
}


def only_reads(why: Reader | None) -> str:
    return "" if why is None else str(ONLY_READS[why])


def refusal_text(refusal: Refusal) -> str:
    return only_reads(REFUSALS[refusal.code])
