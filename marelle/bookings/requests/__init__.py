"""What an agent validates: a request's page, and its answer, cell by cell.

A request is opened by the save that asks (`bookings.saving.requests`).
"""
