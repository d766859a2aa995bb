"""Who did what, when and from where. Subject, scope and actor are ids and labels."""
