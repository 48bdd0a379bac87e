"""Arguments of the subcommands about verdicts and reviewing."""
