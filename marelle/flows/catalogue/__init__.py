"""Activities written with all that follows: openings, calendars, groups, closings, places counted again.

What an activity is and which openings it has is in `activities`; the next school year is in `flows.year`.
"""
