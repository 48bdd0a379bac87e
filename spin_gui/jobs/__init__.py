"""Thin QThread hosts of core's work."""
