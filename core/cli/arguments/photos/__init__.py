"""Arguments of the subcommands that look at pictures."""
