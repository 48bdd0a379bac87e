"""Annotations of other programs: importing, meeting the same people again, exporting."""
