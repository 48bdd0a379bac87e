"""Corrections by people put into words, for the log and for fits. Knows nothing of Qt."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from core.body.conventions import KEYPOINT_NAMES
from core.dictionary.samples.camera_rows import camera_from_json
from core.dictionary.samples.groups import names_from_json
from core.dictionary.storage.events import BOX, CAMERA, GROUP, KEYPOINTS, SAMPLE
from core.errors import StudioError
from core.files.foreign_files import foreign_content, reason_of
from core.types.arrays import NUM_KEYPOINTS
from core.types.events import Event
from core.types.fits import Fit
from core.types.keypoint_sources import KeypointSource, is_projected
from core.types.samples import Sample
from core.types.view_groups import GroupNames
from spin_gui.session.camera_wording import camera_text
from spin_gui.session.joint_states import JointState, state_of

MOST_NAMED = 3
"""More keypoints than these are counted, not named."""

CORRECTIONS = frozenset({KEYPOINTS, BOX, SAMPLE, CAMERA, GROUP})
"""The kinds of events that ``correction_text`` puts into words."""


def correction_text(event: Event) -> str:
    """What a person changed of keypoints, box, people or camera: ``left wrist moved 12 px``."""
    try:
        with foreign_content(lambda error: StudioError(reason_of(error))):
            return _text_of(event)
    except StudioError:  # written by another program
        return f"{event.what} changed"


def keypoints_text(sample: Sample) -> str:
    """How many keypoints there are, and who placed them: ``22 of 49: 20 detected, 2 marked``.

    Projected ones, which show where an imported body is, are told apart: ``none; 49 projected``.
    """
    placed = sample.keypoint_sources[sample.keypoints_px[:, 2] > 0]
    counts = {source: int((placed == source).sum()) for source in KeypointSource}
    total = f"{len(placed)} of {NUM_KEYPOINTS}"
    projected = int(is_projected(sample.keypoints_px, sample.keypoint_sources).sum())
    if projected:
        return f"{len(placed) or 'none'}; {projected} projected"
    if counts[KeypointSource.IMPORTED] == len(placed):
        return f"{total} annotated"
    if counts[KeypointSource.DETECTED] == len(placed):
        return f"{total} detected"
    parts = [f"{count} {source.label}" for source, count in counts.items() if count]
    return f"{total}: {', '.join(parts)}"


def _text_of(event: Event) -> str:
    if event.what == CAMERA:
        return _camera_text(event.after)
    if event.what == GROUP:
        return group_text(names_from_json(event.after)) or "by themselves again"
    before, after = _parsed(event.before), _parsed(event.after)
    if event.what == KEYPOINTS:
        return _keypoints_text(before, after)
    if event.what == BOX:
        return _box_text(before, after)
    return "drew this person"


def group_text(names: GroupNames | None) -> str:
    """What a person belongs to: ``moment 000, subject Eva, camera 2``; empty for nothing."""
    if names is None:
        return ""
    parts = (("moment", names.moment), ("subject", names.subject), ("camera", names.camera))
    return ", ".join(
        name if name.startswith(f"{kind} ") else f"{kind} {name}" for kind, name in parts if name
    )


def _camera_text(after: str | None) -> str:
    camera = None if after is None else camera_from_json(after)
    return "camera: assumed" if camera is None else f"camera: {camera_text(camera)}"


def corrected_since(fit: Fit, events: Sequence[Event]) -> bool:
    """Whether keypoints or box are others now than when a fit was made.

    events: of its sample, oldest first. What was corrected and taken back does not count.
    """
    since = [
        event for event in events if event.what in {KEYPOINTS, BOX} and event.at > fit.created_at
    ]
    try:
        with foreign_content(lambda error: StudioError(reason_of(error))):
            return _differs(since)
    except StudioError:  # written by another program
        return bool(since)


def _differs(events: Sequence[Event]) -> bool:
    """Whether the last value of anything differs from its first."""
    first: dict[str, object] = {}
    last: dict[str, object] = {}
    for event in events:
        first = {**_parsed(event.before), **first}
        last |= _parsed(event.after)
    return first != last


def made_by_text(fit: Fit) -> str:
    """Who made or kept a fit, and of which; empty for fits that no person chose."""
    if fit.made_by is None:
        return ""
    basis = "" if fit.made_from_fit_id is None else f" from fit {fit.made_from_fit_id}"
    return f"by {fit.made_by}{basis}"


def corrected_text(sample: Sample) -> str:
    """How much of a sample people made; empty where it is as it was imported."""
    parts = [] if sample.drawn_by is None else [f"drawn by {sample.drawn_by}"]
    if sample.corrections:
        once = "1 correction" if sample.corrections == 1 else f"{sample.corrections} corrections"
        parts.append(once)
    return ", ".join(parts)


def _parsed(text: str | None) -> dict[str, Any]:
    value = json.loads(text) if text else {}
    return value if isinstance(value, dict) else {}


def _keypoints_text(before: dict[str, Any], after: dict[str, Any]) -> str:
    names = [name for name in after if name in KEYPOINT_NAMES]
    if len(names) > MOST_NAMED:
        return f"{len(names)} keypoints changed"
    return ", ".join(_joint_text(name, before.get(name), after[name]) for name in names)


def _joint_text(name: str, before: Any, after: Any) -> str:
    joint = name.removeprefix("OP ").lower()
    if not (_is_joint(before) and _is_joint(after)):
        return f"{joint} changed"
    old, new = state_of(before[2]), state_of(after[2])
    if old is JointState.ABSENT:
        return f"{joint} placed"
    distance = math.hypot(after[0] - before[0], after[1] - before[1])
    if new is JointState.ABSENT or (new is not old and distance == 0):
        return f"{joint} {new}"
    return f"{joint} moved {distance:.0f} px"


def _box_text(before: dict[str, Any], after: dict[str, Any]) -> str:
    return f"box of {before['side_px']:.0f} px → {after['side_px']:.0f} px, moved"


def _is_joint(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3
