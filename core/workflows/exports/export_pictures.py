"""Current fits as PNG files: bodies over their crops and pictures, and from other sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from core.dictionary.store import Dictionary
from core.errors import PictureError
from core.files.atomic_folder import atomic_folder
from core.pictures.decoding import load_picture
from core.progress import ProgressMeter
from core.rendering.compositing import Picture
from core.rendering.render_thread import RenderService
from core.runs.project_body import display_body
from core.types.bodies import BodyParameters
from core.types.counted_nouns import counted
from core.types.samples import Sample
from core.workflows.exports.collected_people import ids_by_picture, people_of
from core.workflows.exports.drawn_people import ANGLES, PeopleDrawer, png_bytes
from core.workflows.exports.export_report import BodyExport
from core.workflows.exports.export_request import DrawnView, ExportRequest
from core.workflows.exports.file_names import FileNames
from core.workflows.exports.supervising_fits import WITHOUT_FIT

_Person = tuple[Sample, BodyParameters]


def export_png(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Draw the current fits of a request, whatever was said of them, into a folder of PNG files.

    Raises:
        UserFileError: the folder holds files that may not be replaced, or cannot be written.
        BodyFileError: the project's body file is missing or none.
        RenderingError: the machine offers no OpenGL.
        Cancelled: the user asked to stop; nothing was written.
    """
    ids = request.ids(dictionary)
    body = display_body(dictionary)
    with (
        RenderService(body.faces, skinning_weights=body.skinning_weights) as rendering,
        atomic_folder(request.out, overwrite=request.overwrite) as folder,
    ):
        drawer = PeopleDrawer(body, rendering, size_px=request.options.size_px)
        writer = _PictureWriter(folder, drawer, request.options.views)
        meter = ProgressMeter("Drawing", len(ids), request.progress)
        for together in ids_by_picture(dictionary, ids):
            if request.cancel is not None:
                request.cancel.raise_if_cancelled()
            writer.write(dictionary, together)
            meter.advance(len(together))
    notices: tuple[str, ...] = ()
    if writer.pictures_missing:
        missing = counted(writer.pictures_missing, "picture", "pictures")
        notices = (f"notice: {missing} cannot be read; their views over pictures were left out",)
    return BodyExport(
        out=request.out,
        people=len(ids),
        bodies=writer.bodies,
        files=writer.files,
        left_out=writer.left_out,
        notices=notices,
    )


class _PictureWriter:
    """Writes the views of people, a picture at a time, and counts."""

    def __init__(self, folder: Path, drawer: PeopleDrawer, views: Sequence[DrawnView]) -> None:
        self._folder, self._drawer, self._views = folder, drawer, views
        self._names = FileNames()
        self.left_out: Counter[str] = Counter()
        self.bodies = self.files = self.pictures_missing = 0

    def write(self, dictionary: Dictionary, ids: Sequence[int]) -> None:
        """Draw some people of one picture."""
        people = people_of(dictionary, ids)
        there = [
            (person.sample, person.fit.parameters) for person in people if person.fit is not None
        ]
        without = len(people) - len(there)
        if without:
            self.left_out[WITHOUT_FIT] += without
        if there:
            self.bodies += len(there)
            self._draw(there)

    def _draw(self, people: Sequence[_Person]) -> None:
        path = people[0][0].picture_path
        needs_picture = any(view not in ANGLES for view in self._views)
        picture = self._loaded(path) if needs_picture else None
        if picture is not None and DrawnView.PICTURE in self._views:
            self._save(
                f"{self._names.of_picture(path)}", self._drawer.over_picture(picture, people)
            )
        for sample, body in people:
            stem = self._names.of_person(sample)
            for view in self._views:
                if view in ANGLES:
                    self._save(f"{stem}_{view}", self._drawer.turned(sample, body, view))
                elif view is DrawnView.OVERLAY and picture is not None:
                    crop = self._drawer.over_crop(picture, sample, body)
                    self._save(f"{stem}_{view}", crop)

    def _loaded(self, path: Path) -> Picture | None:
        try:
            return load_picture(path)
        except PictureError:
            self.pictures_missing += 1
            return None

    def _save(self, name: str, picture: Picture) -> None:
        (self._folder / f"{name}.png").write_bytes(png_bytes(picture))
        self.files += 1
