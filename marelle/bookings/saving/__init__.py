"""A save of the planning, and what every other write of places shares with it.

Of a save, in its order: `locking` locks what it may change; `facts` reads everything under those locks, with
`places` and `queue`; `settling` decides, purely, from `wishes` (what is done together), `standing` (where
each child and quota stands meanwhile) and `queueing` (who waits comes first); `writing` writes what was
settled, with `requests` for what an agent must answer. `services` puts these together: a save, a preview, the
serving of who waits. `ledger` has the words that all of them share.

`locks` says in which order rows are locked, by whoever writes places; `freeing` ends bookings outside of a
save; `telling` tells. What a cell may be asked is in `bookings.rules`, which knows no save.
"""
