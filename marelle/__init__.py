"""Marelle, a free family portal for the childcare services of French local authorities."""

__version__ = "0.1.0"
