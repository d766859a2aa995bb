"""« Places »: how full, who comes, who waits."""
