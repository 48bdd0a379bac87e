"""Bodies of other methods in a project that moves to another body: what becomes of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.dictionary.fits.body_rows import BodyPage
from core.dictionary.store import Dictionary
from core.types.arrays import NUM_BETAS
from core.types.foreign.imported_bodies import BodyAsItCame, Conversion
from core.workflows.predictions.body_conversion import is_same_body


class SourceBodies:
    """Finds those that are of the new body themselves, and notes how the others became of it.

    Args:
        dictionary: the copy; inside its transaction.
        body_name: of the new body.
        conversion: through what bodies of the old one are converted.
    """

    def __init__(self, dictionary: Dictionary, body_name: str, conversion: Conversion) -> None:
        self._dictionary, self._body_name, self._conversion = dictionary, body_name, conversion
        self._made: dict[bool, dict[int, tuple[Conversion, float | None]]] = {
            True: {},
            False: {},
        }

    def as_they_came(
        self, page: BodyPage, errors_mm: NDArray[np.float64]
    ) -> dict[int, BodyAsItCame]:
        """Rows of a page whose body is of the new one: it stands there as it came, by row.

        Args:
            page: of fits or predictions.
            errors_mm: ``(N,)`` of its rows, where they are converted.
        """
        rows = {number: row for row, number in enumerate(page.imported_body_ids) if number}
        removed = page.table.removed
        found = self._dictionary.imported_bodies.as_they_came(rows, removed=removed)
        kept = {}
        for number, body in found.items():
            row, made = rows[number], self._made[removed]
            if self._is_new_body(body):
                kept[row] = body
                made[number] = Conversion.SAME_BODY, 0.0
            elif body.conversion is Conversion.SAME_BODY:
                made[number] = self._conversion, float(errors_mm[row])
            else:
                made[number] = body.conversion, None  # twice converted: how far off is not known
        return kept

    def store(self) -> None:
        """Note how each is a body of the project now; last, since tables share bodies."""
        for removed, made in self._made.items():
            self._dictionary.body_changes.note_sources(made, removed=removed)

    def _is_new_body(self, body: BodyAsItCame) -> bool:
        is_users_choice = body.conversion is Conversion.TAKEN_OVER
        is_same = is_same_body(body.body_name, body.gender, self._body_name)
        return is_same and not is_users_choice and len(body.betas) >= NUM_BETAS
