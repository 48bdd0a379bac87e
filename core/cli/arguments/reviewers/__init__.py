"""Arguments of the subcommands for several reviewers."""
