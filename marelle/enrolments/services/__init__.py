"""Every write of enrolments: requests and their decision, ends, calls after a refusal."""

from __future__ import annotations

from marelle.enrolments.services.calls import CALL, call_note
from marelle.enrolments.services.ends import END, end_accept, end_ask, end_refuse, end_withdraw
from marelle.enrolments.services.groups import group_change
from marelle.enrolments.services.groups import movable as groups_movable
from marelle.enrolments.services.requests import (
    Terms,
    enrolment_accept,
    enrolment_create,
    enrolment_refuse,
    enrolment_request,
    enrolment_withdraw,
)
from marelle.enrolments.services.shared import KIND
from marelle.enrolments.services.undoing import call_undo, end_undo, enrolment_undo

__all__ = [
    "CALL",
    "END",
    "KIND",
    "Terms",
    "call_note",
    "call_undo",
    "end_accept",
    "end_ask",
    "end_refuse",
    "end_undo",
    "end_withdraw",
    "enrolment_accept",
    "enrolment_create",
    "enrolment_refuse",
    "enrolment_request",
    "enrolment_undo",
    "enrolment_withdraw",
    "group_change",
    "groups_movable",
]
