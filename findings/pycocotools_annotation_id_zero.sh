#!/usr/bin/env bash
# Believed:  annotation ids in a COCO file are names: any unique whole number will do, 0 among them, and detections that equal
#            the annotations give an AP of 1.
# Found:     pycocotools 2.0.11 keeps the id of the matched annotation in an array whose 0 means "not matched": the person with
#            id 0 counts as missed, and their detection as a false alarm. Renumbered from 1 the same file gives 1.
# Seen:      ids 0, 1: AP 0.2525     ids 1, 2: AP 1.0
# Remedy:    never write an annotation id 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "pycocotools==2.0.11"
"$folder/venv/bin/python" - <<'P'
import contextlib
import io

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def person(annotation_id: int, left: float) -> dict:
    joints = [value for joint in range(17) for value in (left + 3 * joint, 20 + 5 * joint, 2)]
    return {
        "id": annotation_id, "image_id": 1, "category_id": 1, "iscrowd": 0, "num_keypoints": 17,
        "keypoints": joints, "bbox": [left, 20, 60, 90], "area": 5400.0,
    }


def average_precision(first_id: int) -> float:
    people = [person(first_id, 10), person(first_id + 1, 150)]
    truth = COCO()
    truth.dataset = {
        "images": [{"id": 1, "width": 320, "height": 240, "file_name": "1.jpg"}],
        "categories": [{"id": 1, "name": "person", "keypoints": [str(n) for n in range(17)]}],
        "annotations": people,
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        found = truth.loadRes([{**person, "score": 1.0} for person in people])
        judged = COCOeval(truth, found, "keypoints")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return float(judged.stats[0])


from_zero, from_one = average_precision(0), average_precision(1)
print(f"AP of a file against itself: ids from 0 {from_zero:.4f}, ids from 1 {from_one:.4f}")
assert from_zero < 0.6, from_zero
assert abs(from_one - 1) < 1e-9, from_one
P
