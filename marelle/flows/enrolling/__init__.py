"""An enrolment from its request to its end: what is known of the home first, its bookings last.

The request, the decision and the group are written by `enrolments`.
"""
