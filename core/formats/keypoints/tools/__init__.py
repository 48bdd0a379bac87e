"""Readers of what annotation tools and detectors write."""
