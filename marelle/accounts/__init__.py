"""Who may come in: the user model, invitations, passwords, connections. Knows no family and no staff role."""
