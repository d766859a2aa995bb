"""Who did what, when and from where. Knows no family and no user: subject, scope and actor are ids and labels."""
