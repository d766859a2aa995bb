"""Telling that a child will not come."""
