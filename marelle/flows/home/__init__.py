"""What becomes of a home as a whole: made one with another, cut in two, handed over, erased.

All of it follows the registry of personal data (`core.personal`), which each package fills for its
tables.
"""
