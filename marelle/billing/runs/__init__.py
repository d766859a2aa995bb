"""A run: the bills of a month at an authority, previewed then issued. What each home owes is found by
`flows.bills` and handed here; nothing is priced here."""
