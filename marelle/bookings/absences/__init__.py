"""A child who will not come: absences told, taken back, justified by a proof.

What an absence means is in `bookings.absence_rules`, what it costs is for prices.
"""
