"""The arguments of the subcommands, apart from their work.

``core.commands.arguments.NAME.add_arguments`` describes what ``core.commands.NAME.run`` does.
Nothing here loads PyTorch, so that help and complaints about the command line come at once.
"""
