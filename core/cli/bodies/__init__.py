"""Subcommands about the body that a project is on."""
