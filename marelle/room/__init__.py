"""The waiting room: who comes while too many do is given a ticket, and let in in the order of tickets.

It stands before the framework (`gate`), reads no row, and keeps what it counts in a file that the processes
of a machine share (`ledger`). `rules` says who is let in, `tickets` whose a ticket is. It knows neither
families nor accounts.
"""
