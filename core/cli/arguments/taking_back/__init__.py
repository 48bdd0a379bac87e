"""Arguments of the subcommands that take people and imports back."""
