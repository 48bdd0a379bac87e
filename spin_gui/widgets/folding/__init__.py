"""Strips that fold, to leave their room to the views."""
