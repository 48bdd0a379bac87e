"""Backups, checks for damage, and going back."""
