"""« Séparer le foyer »: who leaves, where each child lives, which home keeps what; then all that it does."""
