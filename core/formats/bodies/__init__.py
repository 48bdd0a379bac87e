"""Readers of bodies that other methods predicted."""
