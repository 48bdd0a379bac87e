"""The command line: one table of subcommands, each a module with ``add_arguments`` and ``run``."""

from __future__ import annotations

import argparse

from core.commands import (
    demo,
    doctor,
    evaluate,
    export,
    fit,
    flag,
    import_annotations,
    import_predictions,
    info,
    predict,
    prediction_sets,
    refit,
    report,
    reproduce,
    train,
)
from core.commands.subcommand import Subcommand

HEADLESS_SUBCOMMANDS: tuple[Subcommand, ...] = (
    Subcommand("demo", "make the demo project", demo.add_arguments, demo.run),
    Subcommand(
        "import",
        "bring pictures and 2D keypoints into a project",
        import_annotations.add_arguments,
        import_annotations.run,
    ),
    Subcommand("fit", "fit every person that has no fit yet", fit.add_arguments, fit.run),
    Subcommand("refit", "fit people again, from several starts", refit.add_arguments, refit.run),
    Subcommand(
        "train", "train the regressor with SMPLify in the loop", train.add_arguments, train.run
    ),
    Subcommand(
        "predict",
        "let a regressor estimate every person",
        predict.add_arguments,
        predict.run,
    ),
    Subcommand("flag", "look for failures among the fits", flag.add_arguments, flag.run),
    Subcommand(
        "import-predictions",
        "bring in another method's predictions, to compare them with ours",
        import_predictions.add_arguments,
        import_predictions.run,
    ),
    Subcommand(
        "prediction-sets",
        "list, keep, rename or delete sets of predictions",
        prediction_sets.add_arguments,
        prediction_sets.run,
    ),
    Subcommand(
        "evaluate",
        "measure a regressor by a benchmark's protocol, or a project by its ground truth",
        evaluate.add_arguments,
        evaluate.run,
    ),
    Subcommand(
        "reproduce",
        "check the statements of the paper's tables on synthetic people",
        reproduce.add_arguments,
        reproduce.run,
    ),
    Subcommand(
        "report",
        "make a contact sheet of failures, of successes, or of two methods",
        report.add_arguments,
        report.run,
    ),
    Subcommand("info", "say what a project holds", info.add_arguments, info.run),
    Subcommand(
        "export", "write fits in another program's format", export.add_arguments, export.run
    ),
    Subcommand("doctor", "check this machine", doctor.add_arguments, doctor.run),
)


def build_parser(extra: tuple[Subcommand, ...] = ()) -> argparse.ArgumentParser:
    """The parser for the headless subcommands and those of the window given as ``extra``."""
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="SPIN Studio: make, review and correct SMPL fits of people in pictures.",
        epilog="Without a subcommand the window opens.",
    )
    subparsers = parser.add_subparsers(dest="subcommand", metavar="COMMAND")
    for subcommand in (*extra, *HEADLESS_SUBCOMMANDS):
        child = subparsers.add_parser(
            subcommand.name, help=subcommand.help, description=f"{subcommand.help.capitalize()}."
        )
        subcommand.add_arguments(child)
        child.set_defaults(run=subcommand.run)
    return parser
