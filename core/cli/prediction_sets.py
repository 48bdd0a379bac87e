"""``prediction-sets PROJECT``: what was kept or imported to be compared."""

from __future__ import annotations

import argparse

from core.cli.console import Console
from core.dictionary.store import Dictionary


def run(options: argparse.Namespace, console: Console) -> int:
    """Do what was asked, then list the sets."""
    with Dictionary.open(options.project) as dictionary:
        sets = dictionary.prediction_sets
        if options.keep is not None:
            sets.keep_latest(options.keep)
        elif options.rename is not None:
            sets.rename(sets.named(options.rename[0]).id, options.rename[1])
        elif options.delete is not None:
            sets.delete(sets.named(options.delete).id)
        kept = sets.all()
    if not kept:
        console.result("No prediction sets.")
    for prediction_set in kept:
        people = "person" if prediction_set.size == 1 else "people"
        console.result(
            f"{prediction_set.name}: {prediction_set.size} {people}, {prediction_set.kind}, "
            f"{prediction_set.source}"
        )
    return 0
