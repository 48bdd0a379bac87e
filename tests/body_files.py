"""Files of bodies as other methods release them, made of the demo's."""

from __future__ import annotations

import json
from pathlib import Path

from core.dictionary.store import Dictionary
from core.workflows.export_formats import export_project

PEOPLE = 5


def eft_of(demo: Path, file: Path, *, with_keypoints: bool = True) -> Path:
    """The demo's bodies as EFT releases its own: nothing of this program, keypoints beside."""
    export_project(demo, "eft", file)
    document = json.loads(file.read_text())
    with Dictionary.open(demo) as dictionary:
        keypoints = {
            sample.id: sample.keypoints_px
            for sample in dictionary.samples.get_many(dictionary.search.ids().tolist())
        }
    rows = []
    for entry in document["data"][:PEOPLE]:
        own = {name: entry[name] for name in ("parm_pose", "parm_shape", "parm_cam")}
        own |= {name: entry[name] for name in ("bbox_scale", "bbox_center", "imageName")}
        own |= {"annotId": entry["annotId"], "smpltype": "neutral"}
        if with_keypoints:
            own["gt_keypoint_2d"] = keypoints[entry["sample_id"]].tolist()
        rows.append(own)
    file.write_text(json.dumps({"ver": 0.1, "data": rows}))
    return file
