"""A day at the door: who is expected, the lists of its team, whom to call, what was booked and not seen.

Ticking itself is in `attendance`, what may be known of a child in `flows.care`.
"""
