"""The subcommand about cameras."""
