"""The headless subcommands."""
