"""A place that nobody is given unasked: offered by an agent, accepted or declined by the home.

A place handed on by itself is served by `bookings.saving`.
"""
