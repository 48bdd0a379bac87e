"""The subcommand for moments and subjects."""
