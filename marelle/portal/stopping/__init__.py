"""Stopping a kind of optional mail from one of them, without a login."""
