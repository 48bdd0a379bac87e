"""Subcommands that look at pictures."""
