"""Writes GLB files of a project's bodies, and beside each where its vertices have to be.

    python -m benchmarks.exports.write_skinned_bodies PROJECT FOLDER [--count 20]

``glb_readers.sh`` opens them in programs that read skins and compares.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from core.dictionary.store import Dictionary
from core.formats.meshes.mesh_scene import to_file_axes
from core.runs.project_body import display_body
from core.types.bodies import BodyParameters
from core.workflows.exports.collected_people import CollectedBodies
from core.workflows.exports.export_meshes import export_glb
from core.workflows.exports.export_request import ExportOptions, ExportRequest
from core.workflows.exports.file_names import FileNames


def main() -> None:
    """Write ``skinned/``, ``plain/`` and ``NAME.json`` with the vertices, metres, y up."""
    parser = argparse.ArgumentParser()
    parser.add_argument("project", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=20)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with Dictionary.open(options.project) as dictionary:
        ids = tuple(int(number) for number in dictionary.search.ids()[: options.count])
        request = ExportRequest(out=options.folder, sample_ids=ids)
        for name, skeleton in (("skinned", True), ("plain", False)):
            export_glb(
                dictionary,
                ExportRequest(
                    out=options.folder / name,
                    sample_ids=ids,
                    overwrite=True,
                    options=ExportOptions(skeleton=skeleton),
                ),
            )
        body, names = display_body(dictionary), FileNames()
        for page in CollectedBodies(dictionary, request).pages():
            for row, sample in enumerate(page.samples):
                place = page.in_picture.translation[row]
                parameters = BodyParameters(
                    page.picture_pose_axis_angle[row].astype(np.float32),
                    page.betas[row].astype(np.float32),
                    place.astype(np.float32),
                )
                vertices = to_file_axes(body.vertices(parameters) + place)
                path = options.folder / f"{names.of_person(sample)}.json"
                path.write_text(json.dumps(vertices.tolist()))


if __name__ == "__main__":
    main()
