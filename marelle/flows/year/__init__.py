"""From one school year to the next: activities copied, classes moved up, lists of pupils read.

Groups and openings within a year are in `flows.catalogue`.
"""
