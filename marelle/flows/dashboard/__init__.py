"""« Mon tableau de bord »: what is read of a home on every floor, and what there is to do, purely.

The words and the page are in `portal.dashboard`.
"""
