"""What agents decide about bookings: proofs of absence, bookings asked for, places offered."""
