"""What is coming, as a list to print."""
