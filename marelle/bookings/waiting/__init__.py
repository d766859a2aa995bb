"""The waiting list as agents see it and change it: its order, a place given, a child taken off.

Whom a freed place goes to is decided by `bookings.saving.queueing`, purely.
"""
