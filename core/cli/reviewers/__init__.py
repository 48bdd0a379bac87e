"""The subcommands for several reviewers."""
