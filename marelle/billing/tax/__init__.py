"""What a home paid in a year for the care of its children, as its tax return asks for it."""
