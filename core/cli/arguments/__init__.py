"""The arguments of the subcommands, apart from their work.

``core.cli.arguments.NAME.add_arguments`` describes what ``core.cli.NAME.run`` does.
Nothing here loads PyTorch, so that help and complaints about the command line come at once.
"""
