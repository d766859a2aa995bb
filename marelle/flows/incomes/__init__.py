"""Incomes of homes as prices ask for them: which one counts on a day, for an authority."""
