"""What the bookings of homes cost: their facts as `pricing` asks them, read here, and what a change changes.

No price is counted here, and none is written: `pricing` counts, bills keep.
"""
