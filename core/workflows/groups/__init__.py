"""Samples that show one moment or one person: named by a pattern, fitted together."""
