"""What an authority brings from another software in the middle of a year: enrolments, bookings and
attendance, cards of entries, subscriptions. A file is read and kept aside, shown with the sums of both sides,
then written by the worker. Homes and people enter by `families.imports`; bills, balances and mandates by
`billing`."""
