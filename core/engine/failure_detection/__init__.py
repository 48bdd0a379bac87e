"""Failure flags: what is suspicious of a fit, told without the truth (docs/flags.md)."""
