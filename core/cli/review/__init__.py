"""Subcommands about verdicts and reviewing."""
