"""Coming in: connection, first connection, forgotten password. Open to everybody."""
