"""Checks, backups, and pictures that moved."""
