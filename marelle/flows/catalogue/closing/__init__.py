"""A structure closes, opens again, or takes fewer children: across activities, bookings and the relais."""
