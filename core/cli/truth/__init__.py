"""Subcommands on what is known of people beyond pictures."""
