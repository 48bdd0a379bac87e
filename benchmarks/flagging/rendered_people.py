"""How well flags and suspicion tell bad fits of people whom the detector sees.

People rendered in recorded poses of clips that neither head, nor lifter, nor prior, nor the flags'
calibration has seen (``resources.flags.build``); half of them with the detector's own keypoints,
the others with another detector's or hand-marked ones; the camera known of four in ten. Fitted by
``studio`` from the mean pose and from what the head says, and by ``paper``. Rendering takes a
minute or two for 200 people, which then stay in the cache folder.

``spearman`` of suspicion with the error of 14 joints after Procrustes, by how people were fitted;
``auc``: areas under ROC; both with the 5 and 95 % quantiles of draws of
people.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.common.people import MOCAP
from benchmarks.common.ranks import bootstrapped, spearman
from benchmarks.flagging.outcomes import Outcome, area_under_roc, outcomes
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.failure_detection.assessor import FlagAssessor, FlagScores
from resources.flags.build.failures import Errors
from resources.flags.build.people import unbiased_prior
from resources.flags.build.rendered_people import RenderedChunks
from resources.flags.build.rendered_samples import rendered_samples
from resources.flags.build.trials import Trial, make_picture_trial
from resources.lifter.build.bodies import Recordings

WAYS = ("mean", "network", "paper")


def rendered_people(folder: Path, *, chunks: int) -> tuple[dict[str, object], dict[str, object]]:
    """Rows for a reader; ``spearman`` and ``auc`` by how people were fitted.

    Args:
        folder: of rendered people; those that it lacks are rendered into it.
        chunks: of 200 people.
    """
    recordings, model = Recordings.load(MOCAP), load_body()
    prior, body = unbiased_prior(recordings), KeypointBody(model)
    people = RenderedChunks(model, recordings, folder)
    assessor = FlagAssessor(body, prior)
    rows: dict[str, object] = {}
    found: dict[str, dict[str, object]] = {"spearman": {}, "auc": {}}
    for way in WAYS:
        trials = [
            make_picture_trial(
                model,
                prior,
                rendered_samples(people.chunk("report", number), seed=number),
                way,
            )
            for number in range(chunks)
        ]
        began = time.process_time()
        scores = [assessor.assess(trial.inputs) for trial in trials]
        spent_ms = 1e3 * (time.process_time() - began)
        of_way = _Judged.of(trials, scores)
        rows[f"{way} people"] = len(of_way.body_mm)
        rows[f"{way} ms a person to assess"] = spent_ms / len(of_way.body_mm)
        rows |= of_way.rows(way, found)
    return rows, dict(found)


class _Judged:
    """Suspicion, errors and outcomes of all trials of one way of fitting."""

    def __init__(self, body_mm: Tensor, suspicion: Tensor, found: dict[str, Outcome]) -> None:
        self.body_mm, self.suspicion, self.found = body_mm, suspicion, found

    @classmethod
    def of(cls, trials: Sequence[Trial], scores: Sequence[FlagScores]) -> _Judged:
        each = [
            outcomes(of_trial, trial.errors) for of_trial, trial in zip(scores, trials, strict=True)
        ]
        together = {
            name: Outcome(
                *(
                    torch.cat([getattr(found[name], part) for found in each])
                    for part in ("score", "raised", "wrong")
                )
            )
            for name in each[0]
        }
        errors: list[Errors] = [trial.errors for trial in trials]
        return cls(
            torch.cat([of_trial.body_mm for of_trial in errors]),
            torch.cat([of_trial.suspicion for of_trial in scores]),
            together,
        )

    def rows(self, way: str, found: dict[str, dict[str, object]]) -> dict[str, object]:
        """Lines to print; numbers into ``found``."""
        error, suspicion = self.body_mm.numpy(), self.suspicion.numpy()
        people = range(len(error))
        ordered = spearman(suspicion, error)
        low, high = bootstrapped(lambda rows: spearman(suspicion[rows], error[rows]), people)
        found["spearman"][way] = [round(ordered, 3), round(low, 3), round(high, 3)]
        rows: dict[str, object] = {
            f"{way} error, mm": f"median {float(self.body_mm.median()):.1f}, "
            f"mean {float(self.body_mm.mean()):.1f}",
            f"{way} spearman": f"{ordered:.3f} ({low:.3f} to {high:.3f})",
        }
        for name, outcome in self.found.items():
            area = area_under_roc(outcome.score, outcome.wrong)
            hits = (outcome.raised & outcome.wrong).sum()
            found["auc"][f"{name}, {way}"] = round(area, 4)
            rows[f"{way} {name}"] = (
                f"auc {area:.3f}, wrong {outcome.wrong.double().mean():.3f} "
                f"({int(outcome.wrong.sum())}), raised {outcome.raised.double().mean():.3f}, "
                f"precision {float(hits / outcome.raised.sum().clamp_min(1)):.2f}, "
                f"recall {float(hits / outcome.wrong.sum().clamp_min(1)):.2f}"
            )
        return rows
