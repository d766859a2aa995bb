"""The roles, and the rows that many addresses share: one answer for each of `ROLES`, in that order, the last
for guests of every kind: `guests.py` says what one of them alone opens."""

from __future__ import annotations

from marelle.core.actor import Guest

GUESTS = tuple(guest.value for guest in Guest)

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
    *GUESTS,
)

NOBODY = "in 405 405 405 405 405 405 405 405 404"
NO_PAGE_OF_MINE = "in 405 405 405 405 405 405 405 405 405"
"""Of what a guest has too: it is there, and takes the other method."""
CLOSED = "405 405 405 405 405 405 405 405 405 405"
SEEN_BY_PARENT = "in 200 404 404 404 404 404 404 404 404"
SEEN_BY_A_GUEST = "in 404 404 404 404 404 404 404 404 404"
"""Which one: `guests.py`."""
KEPT_BY_OFFICE = "in 403 403 403 403 403 200 404 200 404"
DECIDED_BY_OFFICE = "in 403 403 403 403 403 302 404 302 404"
NAMED = "in 403 403 403 403 403 200 200 200 404"
NOTED = "in 403 403 403 302 404 302 302 302 404"
BANNED = "in 403 403 404 302 404 302 404 302 404"
DECIDERS_ALL = "in 403 403 403 200 200 200 200 200 404"
BY_OFFICE = "in 403 403 403 403 403 200 404 200 404"
IN_CHARGE = "in 403 403 403 200 404 200 404 200 404"
DONE_IN_CHARGE = "in 403 403 403 302 404 302 404 302 404"
OF_THE_RELAY = "in 403 403 403 404 404 200 404 200 404"
DONE_OF_THE_RELAY = "in 403 403 403 404 404 302 404 302 404"
SENT_BY_PARENT = "in 302 404 404 404 404 404 404 404 404"
