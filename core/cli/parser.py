"""The command line: one table of subcommands, see ``core.cli.subcommand``."""

from __future__ import annotations

import argparse

from core.cli.subcommand import Subcommand, SubcommandParser, subcommand_of_module

_MODULES = (
    ("demo", "make the demo project", "demo"),
    (
        "import",
        "bring people into a project: annotations, or plain pictures and videos",
        "import_annotations",
    ),
    (
        "detect",
        "measure people who have keypoints of their own with the program's detector",
        "photos.detect",
    ),
    (
        "cameras",
        "say which camera took the pictures, or give them another",
        "cameras.cameras",
    ),
    (
        "group",
        "say which people are one person, at one moment or at any",
        "groups.group",
    ),
    ("frames", "follow people through videos and bursts", "photos.frames"),
    ("fit", "fit every person that has no fit yet", "fit"),
    ("fit-joints", "make bodies for people whose joints in space are known", "truth.fit_joints"),
    ("refit", "fit people again, from several starts", "refit"),
    ("convert", "make a project on another body of a project", "bodies.convert"),
    (
        "train",
        "train the regressor, and improve the fits from its predictions",
        "train",
    ),
    ("predict", "let a regressor estimate every person", "predict"),
    ("flag", "look for failures among the fits", "flag"),
    ("reviewers", "say who judged what, and how far reviewers agree", "reviewers.reviewers"),
    ("assign", "divide people among reviewers", "reviewers.assign"),
    (
        "second-opinions",
        "draw a share of the judged fits for a blind second opinion",
        "reviewers.second_opinions",
    ),
    (
        "known-cases",
        "mix cases with a known answer into what reviewers judge",
        "reviewers.known_cases",
    ),
    ("comments", "list comments on people, or write one", "reviewers.comments"),
    (
        "merge-verdicts",
        "take over the verdicts of another copy of a project",
        "reviewers.merge_verdicts",
    ),
    (
        "audit",
        "say how often flags are right, and how many wrong fits are left",
        "review.audit",
    ),
    ("touches", "say whose keypoint to correct next, and what it would gain", "review.touches"),
    (
        "similar",
        "list the people whose poses are nearest to one's, or near copies of the same moment",
        "review.similar",
    ),
    (
        "import-predictions",
        "bring in another method's predictions, to compare them with ours",
        "import_predictions",
    ),
    (
        "import-fits",
        "make another method's bodies fits, to judge, correct and export them as ours",
        "import_fits",
    ),
    ("prediction-sets", "list, keep, rename or delete sets of predictions", "prediction_sets"),
    (
        "evaluate",
        "measure a regressor by a benchmark's protocol, or a project by its ground truth",
        "evaluate",
    ),
    ("reproduce", "check the statements of the paper's tables on synthetic people", "reproduce"),
    ("report", "make a contact sheet of failures, of successes, or of two methods", "report"),
    ("imports", "list what was imported into a project, and when", "taking_back.imports"),
    (
        "undo-import",
        "remove everybody whom an import brought, with all that hangs on them",
        "taking_back.undo_import",
    ),
    (
        "remove",
        "remove people or pictures from a project, with all that hangs on them",
        "taking_back.remove",
    ),
    (
        "removed",
        "list what was removed, and put it back",
        "taking_back.removed",
    ),
    (
        "snapshot",
        "write a project's database into one file, for shards on other machines to read",
        "shards.snapshot",
    ),
    ("merge", "take in what the shards of a fit, refit or predict made", "shards.merge"),
    ("relink", "find pictures again that were moved", "relink"),
    ("check", "look for damage in a project", "check"),
    ("backup", "make a backup of a project's database of fits", "backup"),
    ("restore", "go back to a backup of a project's database of fits", "restore"),
    ("info", "say what a project holds", "info"),
    ("export", "write fits in another program's format", "export"),
    ("official", "put files of SMPL and SPIN in place, or list them", "bodies.official"),
    ("doctor", "check this machine", "doctor"),
)
"""Name, help, and the module of ``core.cli`` and of ``core.cli.arguments``."""

BACKED_UP = frozenset(
    (
        "import",
        "detect",
        "cameras",
        "group",
        "frames",
        "fit-joints",
        "fit",
        "refit",
        "train",
        "predict",
        "merge",
        "flag",
        "audit",
        "touches",
        "import-predictions",
        "import-fits",
        "relink",
        "remove",
        "removed",
        "undo-import",
        "assign",
        "second-opinions",
        "known-cases",
        "comments",
        "merge-verdicts",
    )
) | {"prediction-sets"}
"""Subcommands that change a project: a backup of it follows them."""

HEADLESS_SUBCOMMANDS: tuple[Subcommand, ...] = tuple(
    subcommand_of_module(name, help_text, module) for name, help_text, module in _MODULES
)


def build_parser(extra: tuple[Subcommand, ...] = ()) -> argparse.ArgumentParser:
    """The parser for the headless subcommands and those of the window given as ``extra``."""
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="SPIN Studio: make, review and correct SMPL fits of people in pictures.",
        epilog="Without a subcommand the window opens.",
    )
    subparsers = parser.add_subparsers(
        dest="subcommand", metavar="COMMAND", parser_class=SubcommandParser
    )
    for subcommand in (*extra, *HEADLESS_SUBCOMMANDS):
        subparsers.add_parser(
            subcommand.name,
            help=subcommand.help,
            description=f"{subcommand.help[:1].upper()}{subcommand.help[1:]}.",
            subcommand=subcommand,
        )
    return parser
