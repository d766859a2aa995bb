"""What families answer when the door and their bookings differ."""
