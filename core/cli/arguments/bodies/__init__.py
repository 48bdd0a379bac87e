"""Arguments of subcommands about the body that a project is on."""
