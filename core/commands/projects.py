"""What several subcommands do with a project folder."""

from __future__ import annotations

import argparse

from core.dictionary.store import Dictionary


def open_or_create(options: argparse.Namespace) -> Dictionary:
    """The project's dictionary, made where there is none, with the tools named on the line."""
    exists = (options.project / "dictionary.db").is_file()
    dictionary = Dictionary.open(options.project) if exists else Dictionary.create(options.project)
    return _remember_tools(dictionary, options)


def open_existing(options: argparse.Namespace) -> Dictionary:
    """The project's dictionary, which must exist, with the tools named on the line."""
    return _remember_tools(Dictionary.open(options.project), options)


def _remember_tools(dictionary: Dictionary, options: argparse.Namespace) -> Dictionary:
    """Files are checked first, and so is that the project's fits belong to the body."""
    try:
        if options.body is not None:
            from core.project_files import choose_body

            choose_body(dictionary, options.body)
        if options.pose_prior is not None:
            from core.project_tools import choose_prior

            choose_prior(dictionary, options.pose_prior)
    except BaseException:
        dictionary.close()
        raise
    return dictionary
