"""Fits, predictions, verdicts and the runs that made them."""
