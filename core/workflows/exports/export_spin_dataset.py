"""SPIN's files of a data set, from a project: its npz, and its fits as N×82."""

from __future__ import annotations

from collections import Counter

import numpy as np

from core.dictionary.store import Dictionary
from core.formats.bodies.writers.spin_dataset import (
    FITS_WIDTH,
    SpinDataset,
    write_fits_npy,
    write_npz,
)
from core.runs.project_body import body_name
from core.types.bodies import BodyParameters
from core.types.fits import Verdict
from core.workflows.exports.collected_people import CollectedPerson, people_of
from core.workflows.exports.export_report import BodyExport, notices_of_body
from core.workflows.exports.export_request import ExportRequest

NO_VERDICT = "with a fit that no one accepted"
NO_CAMERAS = (
    "notice: the file has no cameras, and no places of bodies: who reads it finds them from the "
    "keypoints. spin-fits has both"
)
_TRUE_BODIES = "notice: bodies that the data set states as true were written: "


def export_spin_dataset(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write the npz of everybody: boxes, keypoints, 3D truth, and the bodies that are certain.

    ``has_smpl`` is 1 where SPIN may take the body for the truth: the data set states it, or a
    person accepted the fit. All other fits are for ``spin-npy`` or ``spin-fits``.

    Raises:
        UserFileError: the file exists and may not be replaced, or cannot be written.
        Cancelled: the user asked to stop; nothing was written.
    """
    ids = request.ids(dictionary)
    table = SpinDataset(len(ids))
    left_out: Counter[str] = Counter()
    stated = 0
    for page in request.pages(ids, "Collecting people"):
        for person in people_of(dictionary, page):
            row = table.add(person.sample)
            body = _certain_body(person)
            if body is None:
                left_out[person.left_out or NO_VERDICT] += 1
            else:
                stated += person.sample.ground_truth.parameters is not None
                table.set_body(row, body.pose_axis_angle, body.betas)
    name = body_name(dictionary)
    arrays = table.arrays(name)
    write_npz(request.out, arrays, overwrite=request.overwrite)
    notices = (NO_CAMERAS, *notices_of_body(name)) if table.bodies else ()
    if stated:
        notices = (f"{_TRUE_BODIES}{stated}", *notices)
    return BodyExport(
        out=request.out,
        people=len(ids),
        bodies=table.bodies,
        left_out=left_out,
        notices=notices,
    )


def export_spin_npy(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write N×82, a row for each person in the order of ``spin-dataset``; zeros without a fit.

    Raises:
        UserFileError: the file exists and may not be replaced, or cannot be written.
        Cancelled: the user asked to stop; nothing was written.
    """
    ids = request.ids(dictionary)
    fits = np.zeros((len(ids), FITS_WIDTH), dtype=np.float32)
    left_out: Counter[str] = Counter()
    row = 0
    for page in request.pages(ids, "Collecting fits"):
        for person in people_of(dictionary, page):
            if person.fit is not None and not person.left_out:
                body = person.fit.parameters
                fits[row] = np.concatenate([body.pose_axis_angle, body.betas])
            else:
                left_out[person.left_out] += 1
            row += 1
    write_fits_npy(request.out, fits, overwrite=request.overwrite)
    order = (
        "notice: the file has no names; its rows are those of spin-dataset of the same people. "
        "Rows without a body are zeros, which SPIN takes for a standing person"
    )
    name = body_name(dictionary)
    return BodyExport(
        out=request.out,
        people=len(ids),
        bodies=len(ids) - left_out.total(),
        left_out=left_out,
        notices=(order, NO_CAMERAS, *notices_of_body(name)),
    )


def _certain_body(person: CollectedPerson) -> BodyParameters | None:
    """The body that may stand for the truth: the data set's own, else an accepted fit."""
    stated = person.sample.ground_truth.parameters
    if stated is not None:
        return stated
    is_accepted = person.fit is not None and person.fit.verdict is Verdict.ACCEPTED
    return person.fit.parameters if is_accepted and person.fit is not None else None
