"""The calendar of an account, for calendar programs."""
