"""Builds the open body; run ``python -m resources.open_body.build --help``."""
