"""What waits for a decision. Each domain opens and decides its own; the staff reads them all."""
