"""Flags: what the program suspects of a fit."""
