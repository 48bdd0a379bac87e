"""Which samples a sheet shows: always the same ones for the same project and choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import BodyEstimate
from core.errors import StudioError
from core.geometry.procrustes import procrustes_error
from core.progress import CancelToken, ProgressCallback, ProgressMeter
from core.types.bodies import BodyParameters
from core.types.fits import Verdict
from core.types.flags import FlagName
from core.workflows.choices import COMPARISON_ORDERS
from core.workflows.comparison_sources import BodySource

_BATCH = 1024
_PHASE = "Comparing"


def kinds_of(names: Sequence[str]) -> tuple[FlagName, ...]:
    """Flags by name; raises ``StudioError`` for one that does not exist."""
    by_name = {str(name): name for name in FlagName}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise StudioError(
            f"There is no flag '{unknown[0]}'.", remedy=f"Use one of: {', '.join(by_name)}."
        )
    return tuple(by_name[name] for name in names)


def best_samples(
    dictionary: Dictionary, of: BodySource, where: SampleQuery, rows: int
) -> list[int]:
    """Those that there is least reason to doubt: by suspicion where assessed, then by loss.

    Rejected fits and samples with a flag are left out.
    """
    flagged = dictionary.flags.sample_ids(query=where)
    rejected = dictionary.search.ids(replace(where, verdicts=frozenset({Verdict.REJECTED})))
    by_suspicion = dictionary.search.ids(replace(where, sort=SortKey.SUSPICION, descending=False))
    by_loss = dictionary.search.ids(replace(where, sort=SortKey.LOSS, descending=False))
    assessed = _with_suspicion(dictionary, by_suspicion.tolist())
    ordered = [*assessed, *by_loss.tolist()]
    left_out = set(flagged.tolist()) | set(rejected.tolist())
    candidates = [fromkey for fromkey in dict.fromkeys(ordered) if fromkey not in left_out]
    return _first_with(of.bodies, candidates, rows)


def samples_to_compare(
    dictionary: Dictionary,
    sides: tuple[BodySource, BodySource],
    where: SampleQuery,
    *,
    order: str,
    body: KeypointBody,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> list[int]:
    """Samples that both sides have a body for, in one of ``COMPARISON_ORDERS``; farthest first.

    Raises:
        StudioError: an unknown order.
        Cancelled: the user asked to stop.
    """
    if order not in COMPARISON_ORDERS:
        raise StudioError(
            f"Rows cannot be ordered by '{order}'.",
            remedy=f"Use one of: {', '.join(COMPARISON_ORDERS)}.",
        )
    key = SortKey.SUSPICION if order == "suspicion" else SortKey.ID
    ids = dictionary.search.ids(replace(where, sort=key, descending=order == "suspicion")).tolist()
    both: list[int] = []
    distances: list[float] = []
    meter = ProgressMeter(_PHASE, len(ids), progress)
    for first in range(0, len(ids), _BATCH):
        cancel.raise_if_cancelled()
        batch = ids[first : first + _BATCH]
        left, right = (side.bodies(batch) for side in sides)
        shared = [item for item in batch if item in left and item in right]
        both += shared
        if order == "difference" and shared:
            pairs = [left[item] for item in shared], [right[item] for item in shared]
            distances += _distances(body, *pairs)
        meter.advance(len(batch))
    if order != "difference":
        return both
    farthest = np.argsort(-np.array(distances), kind="stable")
    return [both[index] for index in farthest]


@torch.no_grad()
def _distances(
    body: KeypointBody, left: Sequence[BodyParameters], right: Sequence[BodyParameters]
) -> list[float]:
    """Mean distance of the keypoints of each pair after Procrustes, metres."""
    estimates = [
        BodyEstimate.from_parameters(side).to(device=body.device, dtype=body.dtype)
        for side in (left, right)
    ]
    keypoints = [body.keypoints(estimate.rotations, estimate.betas) for estimate in estimates]
    return [float(keypoint) for keypoint in procrustes_error(keypoints[0], keypoints[1])]


def _with_suspicion(dictionary: Dictionary, ids: Sequence[int]) -> list[int]:
    """The leading ids that were assessed: a query puts those without a value last."""
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high) // 2
        if dictionary.search.rows([ids[middle]])[0].suspicion is None:
            high = middle
        else:
            low = middle + 1
    return list(ids[:low])


def _first_with(
    bodies: Callable[[Sequence[int]], dict[int, BodyParameters]], ids: Sequence[int], count: int
) -> list[int]:
    """The first ``count`` ids that there is a body for; reads no more than it must."""
    found: list[int] = []
    for first in range(0, len(ids), _BATCH):
        if len(found) >= count:
            break
        batch = ids[first : first + _BATCH]
        there = bodies(batch)
        found += [number for number in batch if number in there]
    return found[:count]
