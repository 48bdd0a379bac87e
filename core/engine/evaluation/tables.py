"""Tables of numbers with their spread over seeds, as Markdown and CSV; values a window can show."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import UserFileError


@dataclass(frozen=True)
class Spread:
    """One number measured with several seeds."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Over the seeds; NaN where there are none."""
        return float(np.mean(self.values)) if self.values else math.nan

    @property
    def deviation(self) -> float:
        """Standard deviation over the seeds (n − 1); NaN below two of them."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else math.nan

    def text(self, digits: int = 1) -> str:
        """``84.2 ± 0.6``; without the spread where there is only one value."""
        if not self.values:
            return "–"
        # Adding 0.0 turns a rounded −0.0 into 0.0.
        mean = f"{round(self.mean, digits) + 0.0:.{digits}f}"
        return mean if len(self.values) == 1 else f"{mean} ± {self.deviation:.{digits}f}"


Value = Spread | str
"""What stands in a table: a number with its spread, or words."""


@dataclass(frozen=True)
class Table:
    """A table: ``rows`` have as many values as there are ``columns``.

    key: of its files. title: what it shows, with the unit. note: what must be known to read it.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""

    def markdown(self) -> str:
        """With the title as a heading."""
        lines = [
            f"## {self.title}",
            "",
            _line(self.columns),
            _line(["---"] * len(self.columns)),
            *(_line([_text(value) for value in row]) for row in self.rows),
        ]
        return "\n".join([*lines, "", self.note] if self.note else lines) + "\n"

    def csv(self) -> str:
        """For spreadsheets and plots: a column with spread becomes mean, spread and all values."""
        wide = [any(isinstance(row[at], Spread) for row in self.rows) for at in range(self._width)]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(
            cell
            for name, is_wide in zip(self.columns, wide, strict=True)
            for cell in ([name, f"{name} spread", f"{name} seeds"] if is_wide else [name])
        )
        for row in self.rows:
            writer.writerow(
                cell
                for value, is_wide in zip(row, wide, strict=True)
                for cell in _cells(value, is_wide=is_wide)
            )
        return out.getvalue()

    @property
    def _width(self) -> int:
        return len(self.columns)


def write_tables(path: Path, tables: Sequence[Table]) -> list[Path]:
    """Write tables into one Markdown file, or as CSV into a file each; returns the files.

    Args:
        path: ends in ``.md`` or ``.csv``; of the latter the files are called ``NAME_KEY.csv``.
        tables: with keys of their own.

    Raises:
        UserFileError: another ending, or a file cannot be written.
    """
    if path.suffix.lower() == ".md":
        texts = {path: "\n".join(table.markdown() for table in tables)}
    elif path.suffix.lower() == ".csv":
        texts = {
            path.with_name(f"{path.stem}_{each_table.key}.csv"): each_table.csv()
            for each_table in tables
        }
    else:
        raise UserFileError("tables are written as .md or .csv.", path=path)
    for file, text in texts.items():
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UserFileError(f"it cannot be written ({error}).", path=file) from error
    return list(texts)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(value: Value) -> str:
    return value.text() if isinstance(value, Spread) else value.replace("|", "\\|")


def _cells(value: Value, *, is_wide: bool) -> list[str]:
    if isinstance(value, str):
        return [value, "", ""] if is_wide else [value]
    deviation = "" if math.isnan(value.deviation) else f"{value.deviation:.4f}"
    return [
        f"{value.mean:.4f}",
        deviation,
        " ".join(f"{each_value:.4f}" for each_value in value.values),
    ]
