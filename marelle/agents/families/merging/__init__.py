"""« Réunir deux dossiers »: which other file, who is whom, what becomes of what differs."""
