"""Parts as files: ``part-3.parquet`` and, written last, its manifest ``part-3.json``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from core.dictionary.shards.manifests import JobInputs, PartManifest, read_manifest
from core.dictionary.shards.part_rows import (
    COLUMNS,
    NUMBERS,
    SINGLE,
    TEXTS,
    TRUTHS,
    WHOLE_NUMBERS,
    WIDTHS,
    PartRows,
    Row,
    from_rows,
    rows_of,
)
from core.dictionary.shards.recording import ShardRecord, index_of
from core.dictionary.storage.clock import utc_now
from core.errors import SetupError, UserFileError
from core.files.atomic_write import atomic_write
from core.files.foreign_files import foreign_file
from core.system.installed_versions import installed_version

ROWS_TOGETHER = 10_000
"""Rows in a group of the Parquet file, and offers in a transaction of a merge."""

_MOST_ROW_BYTES = 64 << 10
"""More than any row of ours takes in memory; a forged file would take more."""

_REMEDY = "Remove it, and let its shard make it again."


def check_parts_can_be_written() -> None:
    """Raise ``SetupError`` where pyarrow is not installed, before hours of work and not after."""
    if installed_version("pyarrow") is None:
        raise SetupError(
            "Parts are Parquet files, and the package pyarrow that writes them is not installed.",
            remedy="Install it with: pip install 'pyarrow>=17'.",
        )


def part_path(folder: Path, index: int) -> Path:
    """The Parquet file of a shard."""
    return folder / f"part-{index}.parquet"


def manifest_path(part: Path) -> Path:
    """The manifest of a part."""
    return part.with_suffix(".json")


def write_part(
    folder: Path,
    record: ShardRecord,
    *,
    inputs: JobInputs,
    shard: tuple[int, int],
    versions: dict[str, str],
) -> PartManifest:
    """Write what a shard made; there as a whole, with its manifest, or not at all.

    Raises:
        UserFileError: the folder cannot be written. SetupError: pyarrow is not installed.
    """
    path = part_path(folder, shard[0])
    manifest_path(path).unlink(missing_ok=True)  # of a part that was damaged
    _write_table(path, rows_of(record))
    people = {offer.fit.sample_id for offer in record.offers}
    people |= {made.prediction.sample_id for made in record.predictions}
    manifest = PartManifest(
        inputs=inputs,
        shard=shard,
        part_sha256=_sha256(path),
        part_bytes=path.stat().st_size,
        people=len(people | set(record.detections)),
        groups=record.groups_offered,
        fits=len(record.offers),
        predictions=len(record.predictions),
        detections=len(record.detections),
        body_name=record.body_name,
        runs=tuple(record.runs),
        sets=tuple(record.sets),
        versions=versions,
        made_at=utc_now(),
    )
    with atomic_write(manifest_path(path), overwrite=True) as stream:
        stream.write(manifest.as_json())
    return manifest


def checked_manifest(part: Path) -> PartManifest:
    """The manifest of a part, which is as it was written.

    Raises:
        UserFileError: the part or its manifest is missing, was cut short or changed.
    """
    if not part.is_file():
        raise UserFileError("there is no such part.", path=part, remedy=_REMEDY)
    if not manifest_path(part).is_file():
        raise UserFileError(
            f"its manifest {manifest_path(part).name} is missing: the shard was ended before the "
            "part was whole.",
            path=part,
            remedy=_REMEDY,
        )
    manifest = read_manifest(manifest_path(part))
    with foreign_file(part, expected="a part of a job", remedy=_REMEDY):
        found_bytes, found = part.stat().st_size, _sha256(part)
    if (found_bytes, found) != (manifest.part_bytes, manifest.part_sha256):
        raise UserFileError(
            f"the part is damaged: it has {found_bytes} bytes and the hash {found[:16]}…, its "
            f"manifest says {manifest.part_bytes} bytes and {manifest.part_sha256[:16]}….",
            path=part,
            remedy=_REMEDY,
        )
    return manifest


def read_part(part: Path, manifest: PartManifest) -> Iterator[PartRows]:
    """What a part holds, up to ``ROWS_TOGETHER`` rows at a time.

    Raises:
        UserFileError: the file is none that a shard writes. SetupError: pyarrow is not installed.
    """
    check_parts_can_be_written()
    with foreign_file(part, expected="a part of a job", remedy=_REMEDY):
        for table in _tables(part, manifest.rows):
            rows = from_rows(table)
            _check_numbers(rows, manifest)
            yield rows


def _check_numbers(rows: PartRows, manifest: PartManifest) -> None:
    """Raise ``ValueError`` where a row names a run or a set that the manifest does not."""
    runs = {index_of(offer.fit.run_id) for offer in rows.offers if offer.fit.run_id is not None}
    sets = {index_of(made.set_id) for made in rows.predictions if made.set_id is not None}
    if not (runs <= set(range(len(manifest.runs))) and sets <= set(range(len(manifest.sets)))):
        raise ValueError("it names a run or a set that its manifest does not")


def _tables(part: Path, expected_rows: int) -> Iterator[list[Row]]:
    import pyarrow.parquet as pq  # noqa: PLC0415 - it takes a second and is not always there

    with pq.ParquetFile(part) as file:
        if not file.schema_arrow.equals(_schema()):
            raise ValueError("its columns are not those of a part")
        shape = file.metadata
        size = sum(shape.row_group(row).total_byte_size for row in range(shape.num_row_groups))
        if shape.num_rows != expected_rows or size > max(1, shape.num_rows) * _MOST_ROW_BYTES:
            raise ValueError(
                f"it has {shape.num_rows} rows of {size} bytes, expected {expected_rows} rows"
            )
        for batch in file.iter_batches(batch_size=ROWS_TOGETHER):
            yield _rows_from(batch)


def _rows_from(batch: Any) -> list[Row]:
    """Rows with lists of numbers as arrays; one column is read at a time."""
    columns = {name: batch.column(name) for name in COLUMNS}
    values = {
        name: _arrays_from(column, WIDTHS[name][1]) if name in WIDTHS else column.to_pylist()
        for name, column in columns.items()
    }
    return [
        dict(zip(COLUMNS, row, strict=True))
        for row in zip(*(values[name] for name in COLUMNS), strict=True)
    ]


def _arrays_from(column: Any, precision: str) -> list[Any]:
    numbers = column.values.to_numpy(zero_copy_only=False).astype(precision, copy=False)
    offsets = column.offsets.to_numpy().tolist()
    return [
        numbers[begin:end] if is_there else None
        for begin, end, is_there in zip(
            offsets, offsets[1:], column.is_valid().to_pylist(), strict=False
        )
    ]


def _write_table(path: Path, rows: Iterator[Row]) -> None:
    check_parts_can_be_written()
    import pyarrow as pa  # noqa: PLC0415 - it takes a second and is not always there
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = _schema()
    with (
        atomic_write(path, overwrite=True) as stream,
        pq.ParquetWriter(stream, schema, compression="zstd") as writer,
    ):
        while some := list(islice(rows, ROWS_TOGETHER)):
            arrays = [pa.array(_column(some, field.name), field.type) for field in schema]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _column(rows: Sequence[Row], name: str) -> list[Any]:
    values = [row.get(name) for row in rows]
    if name not in WIDTHS:
        return values
    precision = WIDTHS[name][1]
    return [None if value is None else np.asarray(value, precision) for value in values]


def _schema() -> Any:
    import pyarrow as pa  # noqa: PLC0415

    types = {
        **dict.fromkeys(WHOLE_NUMBERS, pa.int64()),
        **dict.fromkeys(NUMBERS, pa.float64()),
        **dict.fromkeys(TEXTS, pa.string()),
        **dict.fromkeys(TRUTHS, pa.bool_()),
        **{
            name: pa.list_(pa.float32() if precision == SINGLE else pa.float64())
            for name, (_width, precision) in WIDTHS.items()
        },
    }
    return pa.schema([pa.field(name, types[name]) for name in COLUMNS])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
