"""« Mes attentes »: what a home waits for, together or not, one of several or each, and why it was passed."""
