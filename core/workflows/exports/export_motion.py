"""Files of motion, one for each person who was followed or is seen once: AMASS, .smpl, BVH."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.dictionary.samples.detections import VideoFrame
from core.dictionary.store import Dictionary
from core.files.atomic_folder import atomic_folder
from core.formats.bodies.writers.motion_files import Y_UP, Z_UP, write_amass, write_bvh, write_smpl
from core.formats.bodies.writers.placed_bodies import PlacedBodies
from core.formats.bodies.writers.sequences import BodySequence, body_sequence
from core.types.counted_nouns import counted
from core.workflows.exports.body_index import INDEX_NAME, body_index
from core.workflows.exports.collected_people import CollectedBodies
from core.workflows.exports.export_report import BodyExport, notices_of_body
from core.workflows.exports.export_request import ExportRequest
from core.workflows.exports.file_names import FileNames

ASSUMED_FRAME_RATE_HZ = 30.0
_HANDS = slice(66, 72)
_NOTICEABLE = 1e-3

WriteMotion = Callable[[BinaryIO, BodySequence, BodyArrays], None]


@dataclass
class _Losses:
    """What files of motion cannot hold, counted as they are written."""

    assumed_rates: int = 0
    filled_frames: int = 0
    betas_apart: float = 0.0
    hands: int = 0


def export_amass(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write AMASS's npz into a folder; raises as ``export_bvh``."""
    return _export(
        dictionary, request, ".npz", Z_UP, lambda stream, motion, _: write_amass(stream, motion)
    )


def export_smpl(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write Meshcapade's ``.smpl`` into a folder; raises as ``export_bvh``."""
    return _export(
        dictionary, request, ".smpl", Y_UP, lambda stream, motion, _: write_smpl(stream, motion)
    )


def export_bvh(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write BVH into a folder.

    Raises:
        UserFileError: the folder holds files that may not be replaced, or cannot be written.
        BodyFileError: the project's body file is missing or none.
        Cancelled: the user asked to stop; nothing was written.
    """
    return _export(dictionary, request, ".bvh", Y_UP, write_bvh)


def _export(
    dictionary: Dictionary,
    request: ExportRequest,
    suffix: str,
    camera_from_world: NDArray[np.float64],
    write: WriteMotion,
) -> BodyExport:
    collected = CollectedBodies(dictionary, request)
    frames = {
        path: picture.frame
        for path, picture in dictionary.detections.searched().items()
        if picture.frame is not None
    }
    names, losses, files = FileNames(), _Losses(), 0
    with (
        atomic_folder(request.out, overwrite=request.overwrite) as folder,
        body_index(folder) as note,
    ):
        for bodies, places in collected.sequences("Writing motion"):
            rate = request.options.frame_rate_hz or _rate_of(bodies, places, frames, losses)
            motion = body_sequence(
                bodies,
                places,
                collected.arrays,
                camera_from_world=camera_from_world,
                frame_rate_hz=rate,
            )
            first = bodies.samples[0]
            stem = names.of_track(first) if len(bodies) > 1 else names.of_person(first)
            with (folder / f"{stem}{suffix}").open("xb") as stream:
                write(stream, motion, collected.arrays)
            _note_losses(losses, bodies, motion)
            note(bodies, [f"{stem}{suffix}"] * len(bodies), [place - places[0] for place in places])
            files += 1
    return BodyExport(
        out=request.out,
        people=len(collected.ids),
        bodies=collected.bodies,
        files=files,
        left_out=collected.left_out,
        notices=(
            f"who is in which file and frame, and before which cameras: {INDEX_NAME}",
            *_notices(losses, with_hands=suffix != ".npz"),
            *(notices_of_body(collected.body_name) if suffix != ".bvh" else ()),
        ),
    )


def _rate_of(
    bodies: PlacedBodies, places: list[int], frames: Mapping[Path, VideoFrame], losses: _Losses
) -> float:
    """Frames a second of a track: what its video tells, or the assumed rate."""
    known = [
        (place, frames[sample.picture_path].time_s)
        for place, sample in zip(places, bodies.samples, strict=True)
        if sample.picture_path in frames
    ]
    if len(known) > 1:
        steps, seconds = np.diff(np.array(known), axis=0).T
        if (seconds > 0).all():
            return float(steps.sum() / seconds.sum())
    losses.assumed_rates += len(bodies) > 1
    return ASSUMED_FRAME_RATE_HZ


def _note_losses(losses: _Losses, bodies: PlacedBodies, motion: BodySequence) -> None:
    losses.filled_frames += int((~motion.is_fitted).sum())
    losses.betas_apart = max(losses.betas_apart, float(np.abs(bodies.betas - motion.betas).max()))
    hands = np.abs(bodies.pose_axis_angle[:, _HANDS]).max(axis=1)
    losses.hands += int((hands > _NOTICEABLE).sum())


def _notices(losses: _Losses, *, with_hands: bool) -> tuple[str, ...]:
    notices = []
    if losses.filled_frames:
        notices.append(
            f"notice: {counted(losses.filled_frames, 'frame', 'frames')} without a body lie "
            "between their neighbours"
        )
    if losses.betas_apart > _NOTICEABLE:
        notices.append(
            "notice: a file has one shape, the mean of its frames, from which their betas differ "
            f"by {losses.betas_apart:.2f} at most"
        )
    if losses.assumed_rates:
        notices.append(
            f"notice: {counted(losses.assumed_rates, 'sequence is', 'sequences are')} of pictures "
            f"without times: {ASSUMED_FRAME_RATE_HZ:g} frames a second are assumed (--fps)"
        )
    if losses.hands and not with_hands:
        notices.append(
            f"notice: SMPL-H has no place for SMPL's hand joints, which are bent in "
            f"{counted(losses.hands, 'body', 'bodies')}"
        )
    return tuple(notices)
