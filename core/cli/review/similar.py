"""``similar PROJECT SAMPLE``: whose poses are nearest, and near copies of the same moment."""

from __future__ import annotations

import argparse

import numpy as np

from core.cli.console import Console
from core.dictionary.search.query import LikeRule
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.errors import NoSuchRecordError


def run(options: argparse.Namespace, console: Console) -> int:
    """List them, the most alike first, with how far their joints are apart; writes nothing."""
    rule = LikeRule(options.sample, options.mirrored, options.near_copies)
    where = query_from_text(options.where)
    with Dictionary.open(options.project) as dictionary:
        ranked = dictionary.search.likeness.ranked(rule)
        if not len(ranked.ids):
            raise NoSuchRecordError(
                f"There is no sample {options.sample} with a fit in the project.",
                remedy="The window shows the numbers of samples in their details.",
            )
        wanted = (ranked.ids != options.sample) & np.isin(ranked.ids, dictionary.search.ids(where))
        kept = np.flatnonzero(wanted)[: options.count]
        rows = dictionary.search.rows(ranked.ids[kept].tolist())
    found = [
        {"sample": row.id, "name": row.name, "distance_mm": round(float(away), 1)}
        for row, away in zip(rows, ranked.distances_mm[kept], strict=True)
    ]
    if options.json:
        console.json({"sample": options.sample, "similar": found})
        return 0
    for each in found:
        console.result(f"#{each['sample']}  {each['distance_mm']} mm  {each['name']}")
    if not found:
        console.note("No other sample is like it.")
    return 0
