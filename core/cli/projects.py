"""What several subcommands do with a project folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.console import Console
from core.dictionary.search.query import SampleQuery
from core.dictionary.search.query_parser import text_of_query
from core.dictionary.storage.project_folder import is_project
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.workflows.new_projects import NewProject


def existing_or_new(options: argparse.Namespace) -> Path | NewProject:
    """The project with the tools named on the line, or what is to be made of them.

    The files are checked first; nothing is made yet.
    """
    if is_project(options.project):
        open_existing(options).close()
        return Path(options.project)
    settings: dict[str, str] = {}
    if options.body is not None:
        from core.runs.project_body import body_settings

        settings |= body_settings(options.body)
    if options.pose_prior is not None:
        from core.engine.project_models import prior_settings

        settings |= prior_settings(options.pose_prior)
    return NewProject(options.project, settings)


def open_existing(options: argparse.Namespace) -> Dictionary:
    """The project's dictionary, which must exist, with the tools named on the line."""
    return _remember_tools(Dictionary.open(options.project), options)


def refuse_empty(dictionary: Dictionary) -> None:
    """Raise ``StudioError`` for a project without people: there is nothing to work on."""
    if not dictionary.search.count():
        raise StudioError(
            f"The project {dictionary.project} has no people yet.",
            remedy="Import people first: main.py import PROJECT SOURCE.",
        )


def note_no_match(dictionary: Dictionary, where: SampleQuery, console: Console) -> None:
    """Say it where a filter lets no person of a project through: there is nothing to do then."""
    if dictionary.search.count() and not dictionary.search.count(where):
        console.note(
            f"No person in {dictionary.project} matches the filter '{text_of_query(where)}'."
        )


def _remember_tools(dictionary: Dictionary, options: argparse.Namespace) -> Dictionary:
    """Files are checked first, and so is that the project's fits belong to the body."""
    try:
        if options.body is not None:
            from core.runs.project_body import choose_body

            choose_body(dictionary, options.body)
        if options.pose_prior is not None:
            from core.engine.project_models import choose_prior

            choose_prior(dictionary, options.pose_prior)
    except BaseException:
        dictionary.close()
        raise
    return dictionary
