"""« Simuler »: what a month would cost to a home that nobody knows. Nothing of it is written or kept."""
