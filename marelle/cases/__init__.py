"""What waits for a decision. Each domain opens and decides its own cases; the queue of the staff reads them all."""
