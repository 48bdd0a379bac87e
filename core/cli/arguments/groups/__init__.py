"""Arguments of the subcommand for moments and subjects."""
