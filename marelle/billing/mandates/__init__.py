"""By which account a home has its bills debited: what was agreed, by whom it was seen, until when."""
