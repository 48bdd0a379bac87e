"""Whole jobs over a project: importing, fitting, exporting, the demo."""
