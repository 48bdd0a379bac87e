"""Subcommands for work that is shared out among machines."""
