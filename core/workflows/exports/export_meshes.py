"""Meshes of bodies, a file each or a file for everybody in a picture: OBJ, PLY, GLB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.display_body import DisplayBody
from core.dictionary.store import Dictionary
from core.files.atomic_folder import atomic_folder
from core.formats.bodies.writers.placed_bodies import PlacedBodies
from core.formats.meshes.glb_file import MOST_INFLUENCES, write_glb
from core.formats.meshes.mesh_scene import (
    FILE_AXES,
    MeshCamera,
    MeshPerson,
    MeshScene,
    MeshSkeleton,
    to_file_axes,
)
from core.formats.meshes.obj_file import write_obj
from core.formats.meshes.ply_file import write_ply
from core.geometry.rotations import pose_to_matrices
from core.types.bodies import BodyParameters
from core.workflows.exports.body_index import INDEX_NAME, body_index
from core.workflows.exports.collected_people import CollectedBodies
from core.workflows.exports.export_report import BodyExport
from core.workflows.exports.export_request import ExportRequest
from core.workflows.exports.file_names import FileNames
from core.workflows.exports.one_camera import before_one_camera, is_one_camera

WriteScene = Callable[[BinaryIO, MeshScene], None]


def export_obj(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write OBJ files into a folder; raises as ``export_glb``."""
    return _export(dictionary, request, ".obj", write_obj)


def export_ply(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write PLY files into a folder; raises as ``export_glb``."""
    return _export(dictionary, request, ".ply", write_ply)


def export_glb(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write GLB files into a folder, with bones and skin unless the options say otherwise.

    Raises:
        UserFileError: the folder holds files that may not be replaced, or cannot be written.
        BodyFileError: the project's body file is missing or none.
        Cancelled: the user asked to stop; nothing was written.
    """
    return _export(dictionary, request, ".glb", write_glb, with_skeletons=request.options.skeleton)


def _export(
    dictionary: Dictionary,
    request: ExportRequest,
    suffix: str,
    write: WriteScene,
    *,
    with_skeletons: bool = False,
) -> BodyExport:
    collected = CollectedBodies(dictionary, request)
    scenes = _SceneMaker(collected.arrays, collected.body_name, with_skeletons=with_skeletons)
    names, files = FileNames(), 0
    together = request.options.together
    with (
        atomic_folder(request.out, overwrite=request.overwrite) as folder,
        body_index(folder) as note,
    ):
        for bodies in _files_of(collected, together=together):
            if request.cancel is not None:
                request.cancel.raise_if_cancelled()
            first = bodies.samples[0]
            stem = names.of_picture(first.picture_path) if together else names.of_person(first)
            placed, scene = scenes.scene(bodies, stem)
            with (folder / f"{stem}{suffix}").open("xb") as stream:
                write(stream, scene)
            note(placed, [f"{stem}{suffix}"] * len(placed), [None] * len(placed))
            files += 1
    return BodyExport(
        out=request.out,
        people=len(collected.ids),
        bodies=collected.bodies,
        files=files,
        left_out=collected.left_out,
        notices=(
            f"who is in which file, and before which cameras: {INDEX_NAME}",
            *scenes.notices(),
        ),
    )


def _files_of(collected: CollectedBodies, *, together: bool) -> Iterator[PlacedBodies]:
    """The bodies of each file: one body, or all of a picture."""
    if not together:
        for page in collected.pages("Writing meshes"):
            for row in range(len(page)):
                yield page.rows([row])
        return
    yield from collected.pictures("Writing meshes")


class _SceneMaker:
    """Poses bodies for files, and keeps count of what files cannot hold."""

    def __init__(self, arrays: BodyArrays, body_name: str, *, with_skeletons: bool) -> None:
        self._arrays, self._with_skeletons = arrays, with_skeletons
        self._body = DisplayBody(arrays, name=body_name)
        self._shifts_px: list[float] = []

    def scene(self, bodies: PlacedBodies, title: str) -> tuple[PlacedBodies, MeshScene]:
        """The bodies as they stand in the file, and the file's content."""
        placed = before_one_camera(bodies, self._arrays)
        place = placed.in_picture
        camera = MeshCamera(
            float(place.focal_length_px[0]),
            (float(place.principal_point_px[0, 0]), float(place.principal_point_px[0, 1])),
            bodies.samples[0].picture_size_px,
        )
        people = [self._person(placed, row) for row in range(len(placed))]
        if not is_one_camera(bodies):
            self._note_shifts(bodies, people, camera)
        scene = MeshScene(
            people=people,
            faces=self._body.faces,
            camera=camera,
            title=f"{title}: SMPL bodies exported by SPIN Studio",
            body_name=bodies.body_name,
            skinning_weights=self._body.skinning_weights if self._with_skeletons else None,
        )
        return placed, scene

    def notices(self) -> tuple[str, ...]:
        """What the files cannot hold."""
        notices = []
        if self._shifts_px:
            shifts = np.array(self._shifts_px)
            notices.append(
                f"notice: {len(shifts)} bodies were fitted under other cameras than their "
                "picture's and moved before it; their surface is seen "
                f"{np.median(shifts):.1f} px of the picture aside in the median, "
                f"{shifts.max():.1f} px at most"
            )
        more = int(((self._body.skinning_weights > 0).sum(axis=1) > MOST_INFLUENCES).sum())
        if self._with_skeletons and more:
            notices.append(
                f"notice: {more} vertices of this body move with more than {MOST_INFLUENCES} "
                "joints, of which the file keeps the strongest: they lie a little elsewhere"
            )
        return tuple(notices)

    def _person(self, bodies: PlacedBodies, row: int) -> MeshPerson:
        sample = bodies.samples[row]
        parameters = _in_picture(bodies, row)
        vertices = to_file_axes(
            self._body.vertices(parameters) + bodies.in_picture.translation[row]
        )
        return MeshPerson(
            name=f"{sample.picture_path.stem}_{sample.person_key}",
            vertices=vertices.astype(np.float32),
            notes=_notes(bodies, row),
            skeleton=self._skeleton(parameters, bodies.in_picture.translation[row])
            if self._with_skeletons
            else None,
        )

    def _skeleton(
        self, parameters: BodyParameters, translation: NDArray[np.float64]
    ) -> MeshSkeleton:
        bones = self._body.skeleton(parameters.pose_axis_angle, parameters.betas)
        rotations = pose_to_matrices(parameters.pose_axis_angle.astype(np.float64))
        rotations[0] = FILE_AXES @ rotations[0]
        return MeshSkeleton(
            rest_vertices=self._body.vertices_at_rest(parameters),
            rest_joints=bones.rest_joints,
            root_place=to_file_axes(bones.rest_joints[0] + translation),
            rotations=rotations,
        )

    def _note_shifts(
        self, bodies: PlacedBodies, people: Sequence[MeshPerson], camera: MeshCamera
    ) -> None:
        place = bodies.in_picture
        for row, person in enumerate(people):
            own = MeshCamera(
                float(place.focal_length_px[row]),
                tuple(place.principal_point_px[row].tolist()),
                camera.picture_size_px,
            )
            before = to_file_axes(
                self._body.vertices(_in_picture(bodies, row)) + place.translation[row]
            )
            aside = own.seen_px(before) - camera.seen_px(person.vertices)
            self._shifts_px.append(float(np.linalg.norm(aside, axis=1).mean()))


def _in_picture(bodies: PlacedBodies, row: int) -> BodyParameters:
    """A body with its root in the frame of the picture's camera; its translation is beside it."""
    return BodyParameters(
        bodies.picture_pose_axis_angle[row].astype(np.float32),
        bodies.betas[row].astype(np.float32),
        bodies.in_picture.translation[row].astype(np.float32),
    )


def _notes(bodies: PlacedBodies, row: int) -> dict[str, object]:
    sample = bodies.samples[row]
    return {
        "sample_id": sample.id,
        "picture": sample.picture_path.name,
        "person": sample.person_key,
        "dataset": sample.dataset,
        "body_name": bodies.body_name,
        "betas": bodies.betas[row].astype(np.float32),
        "box_center_px": bodies.box_centers_px[row],
        "box_side_px": float(bodies.box_sides_px[row]),
    }
