"""What happens to bookings by an act of the structure: closed, reduced, moved, ended, and back again.

Closing the openings themselves is in `flows.catalogue`.
"""
