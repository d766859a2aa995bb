"""A save of the planning, and what every other write of places shares with it: locks, ledger, queue.

`settling` decides, purely; `services` locks, reads and writes; `freeing` ends bookings outside of a save;
`telling` tells. What a cell may be asked is in `bookings.rules`, which knows no save.
"""
