"""Every write of enrolments: requests and their decision, ends, calls after a refusal."""

from __future__ import annotations

from marelle.enrolments.services.calls import CALL, call_note
from marelle.enrolments.services.ends import END, end_accept, end_ask, end_refuse, end_withdraw
from marelle.enrolments.services.requests import (
    Terms,
    enrolment_accept,
    enrolment_create_by_structure,
    enrolment_refuse,
    enrolment_request,
    enrolment_withdraw,
)
from marelle.enrolments.services.shared import KIND

__all__ = [
    "CALL",
    "END",
    "KIND",
    "Terms",
    "call_note",
    "end_accept",
    "end_ask",
    "end_refuse",
    "end_withdraw",
    "enrolment_accept",
    "enrolment_create_by_structure",
    "enrolment_refuse",
    "enrolment_request",
    "enrolment_withdraw",
]
