"""The planning of a child in French, for both sides: its cells, what the page posts and what became of it."""
