"""Subcommands that take people and imports back."""
