"""Families that enter by a file: lines, homes drafted from them, those that are new written."""
