"""Calibrates the failure flags on synthetic people whose truth is known."""
