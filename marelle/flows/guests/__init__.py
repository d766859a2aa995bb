"""What a guest may take a copy of, whatever its account opens."""
