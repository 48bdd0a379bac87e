"""Rule 5: two processes write into one project at once; nothing is lost, nothing is doubled."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np

from core.dictionary.store import Dictionary
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, OfferOutcome, Origin, Verdict
from core.types.samples import NewSample

ROUNDS = 15
SHARED_SAMPLES = 10
WRITERS = 2


def _sample(name: str) -> NewSample:
    return NewSample(
        picture_path=Path(f"/pictures/{name}.jpg"),
        picture_size_px=(640, 480),
        dataset="coco",
        person_key="0",
        box_center_px=np.array([320, 240], dtype=np.float32),
        box_scale=1.0,
        keypoints_px=np.ones((49, 3), dtype=np.float32),
    )


def _fit(sample_id: int, loss: float) -> NewFit:
    return NewFit(
        sample_id=sample_id,
        parameters=BodyParameters(
            pose_axis_angle=np.full(72, loss / 1000, dtype=np.float32),
            betas=np.zeros(10, dtype=np.float32),
            camera_translation=np.array([0, 0, 40], dtype=np.float32),
        ),
        losses=FitLosses(
            reprojection=1, pose_prior=1, angle_prior=1, shape_prior=1, comparison=loss
        ),
        origin=Origin.IN_LOOP,
    )


def _write(project: Path, writer: int, start: Barrier) -> None:
    """Offer to the same samples as the other, add the same and own samples, give verdicts."""
    start.wait()
    with Dictionary.open(project) as dictionary:
        shared = dictionary.search.ids()[:SHARED_SAMPLES]
        for number in range(ROUNDS):
            loss = float(1000 - 2 * number - writer)
            results = dictionary.fits.offer([_fit(int(sample_id), loss) for sample_id in shared])
            if any(result.outcome is OfferOutcome.REFUSED for result in results):
                raise AssertionError(results)
            # What both make: the second to come finds it there.
            dictionary.fits.offer([_fit(int(shared[0]), 5000.0 + number)])
            dictionary.samples.add([_sample(f"own-{writer}-{number}"), _sample(f"both-{number}")])
            verdict = Verdict.UNSURE if number % 2 else Verdict.NONE
            dictionary.verdicts.set({int(shared[number % 10]): verdict}, f"writer {writer}")


def test_rule_5_two_processes_lose_and_double_nothing(project):
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(_sample(f"shared-{number}") for number in range(SHARED_SAMPLES))
    _run_writers(project)
    with Dictionary.open(project) as dictionary:
        shared = dictionary.search.ids()[:SHARED_SAMPLES]
        assert dictionary.search.count() == SHARED_SAMPLES + 3 * ROUNDS
        offered = {float(1000 - step) for step in range(2 * ROUNDS)}
        for sample_id in shared:
            losses = [fit.losses.comparison for fit in dictionary.fits.history(sample_id)]
            both_made = {5000.0 + n for n in range(ROUNDS)} if sample_id == shared[0] else set()
            assert len(losses) == len(set(losses))
            assert set(losses) == offered | both_made
            assert dictionary.fits.current_of(sample_id).losses.comparison == min(losses)
        assert dictionary.problems() == []


def test_what_is_saved_is_seen_after_another_thread_and_another_process_opened(project):
    # Looking into the file by other means than SQLite dropped the process's locks: the next
    # process to close deleted the write-ahead log, and what was "saved" went to a deleted file.
    with Dictionary.create(project) as window:
        Dictionary.open(project).close()  # a job of the window
        _in_another_process(_open_and_close, project)
        window.settings.set("note", "saved")
        _in_another_process(_expect_note, project)


def _open_and_close(project: Path) -> None:
    Dictionary.open(project).close()


def _expect_note(project: Path) -> None:
    with Dictionary.open(project) as dictionary:
        if dictionary.settings.get("note") != "saved":
            raise AssertionError(dictionary.settings.get("note"))


def _in_another_process(target: Callable[[Path], None], project: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=target, args=(project,))
    process.start()
    process.join()
    assert process.exitcode == 0


def _run_writers(project: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(WRITERS)
    writers = [
        context.Process(target=_write, args=(project, number, start)) for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
