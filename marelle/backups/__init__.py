"""Backups of the whole portal, restored elsewhere: its database and its files, of one instant."""
