"""``python -m resources.open_body.build --cache FOLDER [--out FILE]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resources.open_body.build.build import BuildOptions, build_open_body

DEFAULT_OUT = Path(__file__).resolve().parent.parent / "open_body.npz"


def main() -> None:
    """Read the options and build."""
    parser = argparse.ArgumentParser(prog="resources.open_body.build", description=__doc__)
    parser.add_argument(
        "--cache", type=Path, required=True, help="folder for what the steps make (about 600 MB)"
    )
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, help="the body file to write")
    parser.add_argument("--count", type=int, default=1500, help="people to sample")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    options = BuildOptions(given.cache, given.out, given.count, given.seed)
    build_open_body(options, sys.stdout)


if __name__ == "__main__":
    main()
