"""Arguments of the subcommands on what is known of people beyond pictures."""
