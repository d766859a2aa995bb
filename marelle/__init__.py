"""Marelle, a free family portal for the childcare services of French local authorities."""
