"""The history of what was done on a family and an account."""
