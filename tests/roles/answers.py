"""The roles, and the rows that many addresses share: one answer for each of `ROLES`, in that order."""

from __future__ import annotations

ROLES = (
    "anonymous",
    "parent",
    "other_parent",
    "animator",
    "director",
    "other_director",
    "office",
    "other_office",
    "administrator",
)

NOBODY = "in 405 405 405 405 405 405 405 405"
CLOSED = "405 405 405 405 405 405 405 405 405"
SEEN_BY_PARENT = "in 200 404 404 404 404 404 404 404"
KEPT_BY_OFFICE = "in 403 403 403 403 403 200 404 200"
DECIDED_BY_OFFICE = "in 403 403 403 403 403 302 404 302"
NAMED = "in 403 403 403 403 403 200 200 200"
NOTED = "in 403 403 403 302 404 302 302 302"
BANNED = "in 403 403 404 302 404 302 404 302"
DECIDERS_ALL = "in 403 403 403 200 200 200 200 200"
BY_OFFICE = "in 403 403 403 403 403 200 404 200"
IN_CHARGE = "in 403 403 403 200 404 200 404 200"
DONE_IN_CHARGE = "in 403 403 403 302 404 302 404 302"
SENT_BY_PARENT = "in 302 404 404 404 404 404 404 404"
