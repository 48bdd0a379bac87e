"""What the detector saw of one person goes into the project, as one step of undo."""

from __future__ import annotations

from core.types.keypoint_sources import KeypointSource
from core.workflows.photos.finder import landmarks_of
from core.workflows.photos.measure_person import MeasuredPerson
from spin_gui.correcting.sample_edits import CorrectionEdits
from spin_gui.session.session import ProjectSession


def take_measurement(
    session: ProjectSession, edits: CorrectionEdits, measured: MeasuredPerson
) -> bool:
    """Store the keypoints and landmarks of a person; what a person marked stays.

    Returns False where nothing was seen, or the person was removed meanwhile.
    """
    if measured.person is None or not session.dictionary.samples.exists(measured.sample_id):
        return False
    session.dictionary.detections.set({measured.sample_id: landmarks_of(measured.person)})
    return edits.set_keypoints(
        measured.sample_id,
        measured.person.keypoints_px,
        "Find keypoints",
        source=KeypointSource.DETECTED,
    )
