"""Who may open what: each address by each role, and what `tests/test_roles.py` asks them with."""
