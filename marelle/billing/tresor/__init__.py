"""From bills to the file that the Trésor public, or a finance program, takes."""
