"""Arguments of the subcommand about cameras."""
