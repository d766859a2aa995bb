"""The morning when bookings open: many homes at once on a real server, and what became of each."""
