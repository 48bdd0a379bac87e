"""The rows of a file of bodies stored beside what is made of them, each as it came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dictionary.store import Dictionary
from core.errors import printable
from core.formats.bodies.options import PredictionOptions
from core.formats.bodies.prediction_files import ForeignPredictions
from core.types.foreign.imported_bodies import BodyAsItCame, NewBodyFile, NewImportedBody
from core.types.predictions import NewPrediction
from core.workflows.predictions.body_conversion import ReadBodies, whose

_BATCH = 2000


class SourceStorage:
    """Stores the rows of one file, and tells which body a prediction was made of.

    Args:
        dictionary: of the project.
        read: the file's bodies, and the same as bodies of the project.
        method: what people call the method.
        source: the file.
        options: what the user said of it.
    """

    def __init__(
        self,
        dictionary: Dictionary,
        read: ReadBodies,
        *,
        method: str,
        source: Path,
        options: PredictionOptions,
    ) -> None:
        found = read.found
        self._dictionary, self._found, self._converted = dictionary, found, read.converted
        said = json.dumps(asdict(options))
        rows = found.source_rows
        self._file_id = dictionary.imported_bodies.open_file(
            NewBodyFile(
                method=method,
                path=printable(source.resolve()),
                file_format="" if rows is None else rows.file_format,
                heading="" if rows is None else rows.heading,
                options=said,
                digest=_digest(found, said),
                import_id=read.import_id,
            )
        )

    def with_bodies(
        self, rows: Sequence[int], made: Sequence[NewPrediction]
    ) -> list[NewPrediction]:
        """Store the bodies of some rows as they came; the predictions then name them."""
        bodies = [self._body(row, one) for row, one in zip(rows, made, strict=True)]
        ids = self._dictionary.imported_bodies.add(self._file_id, bodies)
        return [
            replace(one, imported_body_id=ids[body.position])
            for one, body in zip(made, bodies, strict=True)
        ]

    def store_others(self, rows: Iterable[int]) -> None:
        """Store every row of the file but those of some bodies: no one's, for writing them back."""
        source_rows = self._found.source_rows
        if source_rows is None:
            return
        taken = {int(self._found.entries[row]) for row in rows}
        others = [position for position in range(len(source_rows.rows)) if position not in taken]
        for first in range(0, len(others), _BATCH):
            self._dictionary.imported_bodies.add(
                self._file_id,
                [
                    NewImportedBody(position=position, entry=source_rows.rows[position])
                    for position in others[first : first + _BATCH]
                ],
            )

    def _body(self, row: int, made: NewPrediction) -> NewImportedBody:
        found, converted = self._found, self._converted
        position = int(found.entries[row])
        name, gender = whose(found, row)
        error_mm = float(converted.error_mm[row])
        translation = made.parameters.camera_translation - converted.origin_shift[row]
        return NewImportedBody(
            position=position,
            entry=b"" if found.source_rows is None else found.source_rows.rows[position],
            sample_id=made.sample_id,
            body=BodyAsItCame(
                body_name=name,
                gender=gender,
                betas=_all_betas(found, row),
                pose_axis_angle=np.concatenate(
                    [made.parameters.pose_axis_angle[:3], found.pose_axis_angle[row, 3:]]
                ),
                camera_translation=translation.astype(np.float32),
                conversion=converted.rules[row],
                conversion_error_mm=error_mm if np.isfinite(error_mm) else None,
            ),
        )


def _all_betas(found: ForeignPredictions, row: int) -> NDArray[np.float64]:
    betas = found.betas[row] if found.all_betas is None else found.all_betas[row]
    known: NDArray[np.float64] = betas[np.isfinite(betas)].astype(np.float64)
    return known


def _digest(found: ForeignPredictions, said: str) -> str:
    """Of what the file holds and how it is read: another reading has other bodies."""
    digest = hashlib.sha256(said.encode())
    if found.source_rows is None:
        digest.update(found.pose_axis_angle.tobytes() + found.betas.tobytes())
        return digest.hexdigest()
    digest.update(found.source_rows.heading.encode())
    for position in range(len(found.source_rows.rows)):
        digest.update(found.source_rows.rows[position])
    return digest.hexdigest()
