"""Bodies of other methods whose files are at hand, for converting what belongs to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from core.files.user_folder import official_folder
from core.types.genders import Gender

if TYPE_CHECKING:
    from core.body.arrays import BodyArrays

_SUFFIXES = (".pkl", ".npz")
_NAMES = {
    Gender.NEUTRAL: r"(basic_?model_neutral|smpl_neutral|basicmodel_neutral)",
    Gender.MALE: r"(basic_?model_m\b|basic_?model_m_|smpl_male|basicmodel_m)",
    Gender.FEMALE: r"(basic_?model_f\b|basic_?model_f_|smpl_female|basicmodel_f)",
}
"""How SMPL's files are called, by the names that its authors and those of SPIN gave them."""


class InstalledBodies:
    """Finds the files of bodies, and reads each once.

    They are looked for beside the project's own body, then among the official files in place.

    Args:
        beside: a file in whose folder to look; None: there is none.
        named: a file that is to be taken for every body of SMPL; None: none.
    """

    def __init__(self, beside: Path | None = None, named: Path | None = None) -> None:
        self._folders = [*([] if beside is None else [beside.parent]), official_folder()]
        self._named = named
        self._read: dict[Path, BodyArrays] = {}

    def arrays(self, name: str, gender: str) -> BodyArrays | None:
        """The body of a model and a gender, empty for the neutral one; None where there is none.

        Raises:
            BodyFileError: the file that was found is no SMPL body.
        """
        path = self._named if name == "smpl" and self._named is not None else None
        path = path or self._found(name, gender)
        if path is None:
            return None
        if path not in self._read:
            from core.body.smpl_files import load_body_arrays  # noqa: PLC0415 - reads SciPy's

            self._read[path] = load_body_arrays(path)
        return self._read[path]

    def _found(self, name: str, gender: str) -> Path | None:
        if name != "smpl":
            return None
        pattern = re.compile(_NAMES[Gender(gender or Gender.NEUTRAL)], re.IGNORECASE)
        there = [folder for folder in self._folders if folder.is_dir()]
        files = [file for folder in there for file in sorted(folder.iterdir())]
        return next(
            (file for file in files if file.suffix in _SUFFIXES and pattern.search(file.stem)), None
        )
