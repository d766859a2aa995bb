"""« Chiffres »: attendance, places, requests and use of the portal, counted. `rules` is pure, `rows` reads.

The tables and the charts are in `agents.figures`.
"""
