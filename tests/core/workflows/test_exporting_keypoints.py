"""What no person changed leaves as it came in, and an evaluation gives the same numbers."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.formats.keypoints.joint_orders import COCO_JOINT_NAMES
from core.geometry.boxes import Box
from core.types.samples import NewSample
from core.workflows.annotations.export_keypoints import export_coco_keypoints
from core.workflows.annotations.import_annotations import import_annotations

SIZE_PX = (640, 480)
NESTED = 50
PICTURES = {
    139: "val/000000000139.png",
    40: "val/000000000785.png",
    7: "train/empty.png",
    3: "train/crowd_only.png",
}
PEOPLE = {
    2157: (139, 702.1057499999998), 43: (139, 5463.6864), 9: (40, 27718.479050000004),
    12: (40, 1234), 90071992547409930: (40, 0.30000000000000004),
}  # fmt: skip


def no_losses(_keypoints, _bodies, _camera):
    return None


def joints_at(x: float, y: float, size: float, seed: int) -> np.ndarray:
    """(17, 3) about a place, each labelled and some of them hidden or absent."""
    rng = np.random.default_rng(seed)
    points = np.array([x, y]) + rng.uniform(0, size, (17, 2)).round(2)
    visibility = rng.choice([0, 1, 2, 2], 17)
    visibility[:6] = [2, 1, 2, 1, 2, 2]
    points[visibility == 0] = 0
    return np.column_stack([points, visibility])


def person(number: int, image_id: int, area: float, **changed: Any) -> dict[str, Any]:
    size = 150.0
    x, y = 40.5 + 110 * (number % 4), 60.25 + 7 * (number % 5)
    joints = joints_at(x, y, size, number % 1000)
    entry = {
        "segmentation": [[x, y, x + size, y, x + size, y + 50.125]],
        "num_keypoints": int((joints[:, 2] > 0).sum()),
        "area": area,
        "iscrowd": 0,
        "keypoints": [value for joint in joints.tolist() for value in (*joint[:2], int(joint[2]))],
        "image_id": image_id,
        "bbox": [x - 3.1, y - 2.07, size + 7.3, size + 1.21],
        "category_id": 1,
        "id": number,
        "attributes": {"truncated": number % 2 == 0},
    }
    return {**entry, **changed}


def document(people: dict[int, tuple[int, float]] | None = None) -> dict[str, Any]:
    entries = [
        person(number, image_id, area)
        for number, (image_id, area) in (PEOPLE if people is None else people).items()
    ]
    crowd = {"segmentation": {"counts": [3, 5], "size": [480, 640]}, "iscrowd": 1}
    entries.insert(1, person(900, 139, 30125.5, **crowd, num_keypoints=0, keypoints=[0] * 51))
    entries.append(person(901, 3, 1e5, **crowd, num_keypoints=0, keypoints=[0] * 51))
    entries.append(person(5, 40, 88.25, keypoints=[0] * 51, num_keypoints=0))
    entries.append({**person(77, 40, 10.5), "category_id": 18})
    entries.append(person(78, 139, 10.5, bbox=[9000, 9000, 10, 10]))  # refused
    return {
        "info": {"description": "by hand", "version": "1.0", "year": 2026},
        "licenses": [{"id": 4, "name": "CC0", "url": "https://example.org"}],
        "images": [
            {
                "id": image_id, "file_name": name, "width": SIZE_PX[0], "height": SIZE_PX[1],
                "license": 4, "date_captured": "2026-11-30",
            }
            for image_id, name in PICTURES.items()
        ],
        "annotations": entries,
        "categories": [
            {"id": 1, "name": "person", "keypoints": list(COCO_JOINT_NAMES), "skeleton": [[1, 2]]},
            {"id": 18, "name": "dog"},
        ],
    }  # fmt: skip


def write_pictures(folder: Path) -> Path:
    for name in PICTURES.values():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), np.full((SIZE_PX[1], SIZE_PX[0], 3), 9, np.uint8))
    return folder


def write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "pictures")


@pytest.fixture
def dictionary(tmp_path: Path, pictures: Path):
    with Dictionary.create(tmp_path / "project") as opened:
        import_annotations(opened, "coco", write(tmp_path / "in.json", document()), pictures)
        yield opened


def exported(dictionary: Dictionary, out: Path, **options: Any) -> dict[str, Any]:
    export_coco_keypoints(dictionary, out, overwrite=True, **options)
    return json.loads(out.read_text())


def without_notes(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in entry.items() if name != "spin_studio"} for entry in entries
    ]


def by_id(content: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {
        without_note["id"]: without_note for without_note in without_notes(content["annotations"])
    }


def precision(truth: Path, found: Path) -> list[float]:
    """The ten numbers of pycocotools for keypoints."""
    with contextlib.redirect_stdout(io.StringIO()):
        annotations = COCO(str(truth))
        evaluation = COCOeval(annotations, annotations.loadRes(str(found)), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [float(number) for number in evaluation.stats]


def detections(content: dict[str, Any], *, off: float) -> list[dict[str, Any]]:
    """What a detector might say of the file's people: right but for ``off`` of their size."""
    rng = np.random.default_rng(5)
    found = []
    for entry in content["annotations"]:
        joints = np.array(entry["keypoints"], dtype=float).reshape(17, 3)
        joints[:, :2] += rng.normal(0, off * np.sqrt(entry["area"]) + 1e-9, (17, 2))
        joints[:, 2] = 1
        found.append(
            {
                "image_id": entry["image_id"],
                "category_id": entry["category_id"],
                "keypoints": joints.reshape(-1).tolist(),
                "score": float(rng.uniform(0.1, 1)),
            }
        )
    return found


def test_every_entry_without_changes_is_written_as_it_was(dictionary, tmp_path, pictures):
    before, after = document(), exported(dictionary, tmp_path / "out.json")
    assert without_notes(after["annotations"]) == before["annotations"]
    assert after["images"] == before["images"]
    assert after["categories"][1] == {"id": 18, "name": "dog"}
    assert after["categories"][0].items() >= before["categories"][0].items()
    assert after["licenses"] == before["licenses"]
    assert after["info"] == {**before["info"], "pictures_folder": str(pictures)}


@pytest.mark.parametrize("off", [0.02, 0.05, 0.07])
def test_an_evaluation_gives_the_same_numbers_to_the_last_digit(dictionary, tmp_path, off):
    truth = write(tmp_path / "truth.json", document())
    exported(dictionary, tmp_path / "out.json")
    found = write(tmp_path / "found.json", detections(document(), off=off))
    before = precision(truth, found)
    assert precision(tmp_path / "out.json", found) == before
    assert 0 < before[0] < 1


def test_a_file_against_itself_has_precision_1_even_where_an_id_was_0(tmp_path, pictures):
    content = document({**PEOPLE, 0: (139, 4000.125)})
    content["annotations"] = [
        annotation for annotation in content["annotations"] if annotation["id"] in {*PEOPLE, 0, 900}
    ]
    source = write(tmp_path / "zero.json", content)
    assert precision(source, write(tmp_path / "same.json", detections(content, off=0)))[0] < 1
    with Dictionary.create(tmp_path / "zero") as dictionary:
        import_annotations(dictionary, "coco", source, pictures)
        report = export_coco_keypoints(dictionary, tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text())
    itself = write(tmp_path / "itself.json", detections(written, off=0))
    assert precision(tmp_path / "out.json", itself)[0] == pytest.approx(1, abs=1e-12)
    assert {annotation["id"] for annotation in written["annotations"]} == {
        *PEOPLE,
        900,
        max(PEOPLE) + 1,
    }
    assert "the id 0, which pycocotools never matches, became the next free id: 1" in (
        report.summary()
    )


def test_a_corrected_joint_is_written_and_all_others_stay(dictionary, tmp_path):
    before = by_id(document())[2157]
    sample = dictionary.samples.get(1)
    keypoints = sample.keypoints_px.copy()
    keypoints[44, :2] += 3  # the nose, visible
    keypoints[45, :2] += 3  # the left eye, hidden in the file
    keypoints[47, 2] = 0.5  # the left ear, said to be hidden
    keypoints[34] = 0  # the left shoulder, removed
    dictionary.corrections.set_keypoints(1, keypoints, compare=no_losses)
    after = by_id(exported(dictionary, tmp_path / "out.json"))[2157]
    was = np.reshape(before["keypoints"], (17, 3))
    now = np.reshape(after["keypoints"], (17, 3))
    assert now[0].tolist() == pytest.approx([*(was[0, :2] + 3), 2], abs=1e-3)
    assert now[1].tolist() == pytest.approx([*(was[1, :2] + 3), 1], abs=1e-3)
    assert now[3].tolist() == pytest.approx([*was[3, :2], 1], abs=1e-3)
    assert now[5].tolist() == [0, 0, 0]
    untouched = [2, 4, *range(6, 17)]
    assert now[untouched].tolist() == was[untouched].tolist()
    assert after["num_keypoints"] == before["num_keypoints"] - 1
    assert {**after, "keypoints": 0, "num_keypoints": 0} == {
        **before, "keypoints": 0, "num_keypoints": 0,
    }  # fmt: skip


def test_exchanged_sides_take_their_visibility_with_them(dictionary, tmp_path):
    keypoints = dictionary.samples.get(1).keypoints_px.copy()
    keypoints[[45, 46]] = keypoints[[46, 45]]
    dictionary.corrections.set_keypoints(1, keypoints, compare=no_losses)
    was = np.reshape(by_id(document())[2157]["keypoints"], (17, 3))
    now = np.reshape(by_id(exported(dictionary, tmp_path / "out.json"))[2157]["keypoints"], (17, 3))
    assert now[[1, 2]].tolist() == was[[2, 1]].tolist()


def test_a_correction_taken_back_leaves_no_trace(dictionary, tmp_path):
    keypoints = dictionary.samples.get(1).keypoints_px.copy()
    keypoints[44, :2] += 3
    edit = dictionary.corrections.set_keypoints(1, keypoints, compare=no_losses)
    moved = dictionary.corrections.set_box(1, Box(100, 100, 90), compare=no_losses)
    dictionary.corrections.restore(moved.before, compare=no_losses)
    dictionary.corrections.restore(edit.before, compare=no_losses)
    after = exported(dictionary, tmp_path / "out.json")
    assert without_notes(after["annotations"]) == document()["annotations"]


def test_a_changed_box_is_written_and_the_area_follows_where_no_mask_says_it(tmp_path, pictures):
    masked = person(1, 139, 800.5)
    plain = {**person(2, 139, 800.5), "segmentation": []}
    content = {**document(), "annotations": [masked, plain]}
    with Dictionary.create(tmp_path / "boxes") as dictionary:
        import_annotations(dictionary, "coco", write(tmp_path / "boxes.json", content), pictures)
        side = dictionary.samples.get(1).box.side_px
        for sample_id in (1, 2):
            dictionary.corrections.set_box(sample_id, Box(200, 150, side / 2), compare=no_losses)
        first, second = without_notes(exported(dictionary, tmp_path / "out.json")["annotations"])
    wanted = side / 2 / 1.2
    for entry in (first, second):
        assert entry["bbox"] == pytest.approx([200 - wanted / 2, 150 - wanted / 2, wanted, wanted])
    assert first["area"] == 800.5
    assert second["area"] == pytest.approx(800.5 / 4)
    assert first["keypoints"] == masked["keypoints"]


def test_a_part_brings_the_crowds_of_its_pictures_and_no_empty_ones(dictionary, tmp_path):
    query = query_from_text("139.png")
    assert 0 < dictionary.search.count(query) < dictionary.search.count()
    content = exported(dictionary, tmp_path / "out.json", query=query)
    assert {annotation["image_id"] for annotation in content["annotations"]} == {139}
    assert {annotation["id"] for annotation in content["annotations"]} == {2157, 43, 900, 78}
    assert [image["id"] for image in content["images"]] == [139]


def test_the_report_counts_what_is_no_person_of_the_project(dictionary, tmp_path):
    said = export_coco_keypoints(dictionary, tmp_path / "out.json").summary()
    assert "6 people in 2 pictures" in said
    assert "4 other entries as imported" in said
    assert "1 that the import had refused" in said
    assert "1 picture without people" in said


def test_importing_a_file_again_writes_nothing_twice(dictionary, tmp_path, pictures):
    grown = document({**PEOPLE, 500: (7, 61.5)})
    grown["annotations"][-1]["bbox"] = [10, 10, 400, 300]  # corrected, no longer refused
    import_annotations(dictionary, "coco", tmp_path / "in.json", pictures)
    import_annotations(dictionary, "coco", write(tmp_path / "grown.json", grown), pictures)
    after = by_id(exported(dictionary, tmp_path / "out.json"))
    assert len(after) == len(grown["annotations"])
    assert after == by_id(grown)


def test_two_files_with_the_same_ids_keep_their_people_apart(tmp_path, pictures):
    first = {**document(), "annotations": [person(1, 139, 50.5), person(2, 139, 60.5)]}
    second = json.loads(json.dumps({**document(), "annotations": [person(1, 3, 70.25)]}))
    second["images"] = [{**second["images"][3], "id": 139, "license": 1}]
    second["annotations"][0]["image_id"] = 139
    second["annotations"][0]["category_id"] = 18
    second["categories"] = [{"id": 1, "name": "dog"}, {"id": 18, "name": "person"}]
    second["licenses"] = [{"id": 1, "name": "by"}]
    with Dictionary.create(tmp_path / "two") as dictionary:
        for name, content in (("first", first), ("second", second)):
            source = write(tmp_path / f"{name}.json", content)
            import_annotations(dictionary, "coco", source, pictures, dataset=name)
        report = export_coco_keypoints(dictionary, tmp_path / "out.json")
    after = json.loads((tmp_path / "out.json").read_text())
    assert [annotation["id"] for annotation in after["annotations"]] == [1, 2, 3]
    assert [annotation["category_id"] for annotation in after["annotations"]] == [1, 1, 1]
    assert len({image["id"] for image in after["images"]}) == len(after["images"]) == 4
    third = next(image for image in after["images"] if image["file_name"] == PICTURES[3])
    assert third["id"] == 3
    assert after["annotations"][2]["image_id"] == 3
    assert [category["name"] for category in after["categories"]] == ["person", "dog"]
    assert "ids of annotations that were taken became the next free ids: 1" in report.summary()


def test_ids_of_pictures_that_meet_stay_apart(tmp_path, pictures):
    content = document()
    first = {**content, "images": content["images"][:1], "annotations": [person(1, 139, 5.5)]}
    second = {
        **content,
        "images": [{**content["images"][1], "id": 139}],
        "annotations": [person(2, 139, 5.5)],
    }
    with Dictionary.create(tmp_path / "two") as dictionary:
        for name, one in (("first", first), ("second", second)):
            import_annotations(dictionary, "coco", write(tmp_path / f"{name}.json", one), pictures)
        report = export_coco_keypoints(dictionary, tmp_path / "out.json")
    after = json.loads((tmp_path / "out.json").read_text())
    assert [image["id"] for image in after["images"]] == [139, 140]
    assert [annotation["image_id"] for annotation in after["annotations"]] == [139, 140]
    assert "ids of pictures that were taken became the next free ids: 1" in report.summary()


def test_pictures_of_two_folders_are_named_from_the_one_that_holds_both(tmp_path):
    with Dictionary.create(tmp_path / "two") as dictionary:
        for name in ("one", "two"):
            folder = write_pictures(tmp_path / name)
            source = write(tmp_path / f"{name}.json", document())
            import_annotations(dictionary, "coco", source, folder)
        content = exported(dictionary, tmp_path / "out.json")
    assert content["info"]["pictures_folder"] == str(tmp_path)
    names = [image["file_name"] for image in content["images"]]
    assert len(set(names)) == 8
    assert "one/val/000000000139.png" in names


def test_a_picture_that_a_file_lists_twice_stays_listed_twice(tmp_path, pictures):
    content = document()
    content["images"].append({**content["images"][0], "id": 1139})
    content["annotations"].append(person(2, 1139, 33.25))
    source = write(tmp_path / "twice.json", content)
    with Dictionary.create(tmp_path / "twice") as dictionary:
        import_annotations(dictionary, "coco", source, pictures)
        after = exported(dictionary, tmp_path / "out.json")
        assert after["images"] == content["images"]
        assert without_notes(after["annotations"]) == content["annotations"]
        found = write(tmp_path / "found.json", detections(content, off=0.03))
        assert precision(tmp_path / "out.json", found) == precision(source, found)
        import_annotations(dictionary, "coco", source, pictures)
        assert exported(dictionary, tmp_path / "out.json") == after


def test_results_that_call_pictures_by_name_fit_the_file(tmp_path, pictures):
    joints = joints_at(100, 100, 200, 8)
    joints[:, 2] = 0.9
    result = {
        "image_id": "000000000785", "category_id": 1, "score": 0.7,
        "keypoints": joints.reshape(-1).tolist(),
    }  # fmt: skip
    source = write(tmp_path / "results.json", [result])
    with Dictionary.create(tmp_path / "results") as dictionary:
        import_annotations(dictionary, "coco", source, pictures / "val")
        exported(dictionary, tmp_path / "out.json")
    assert precision(tmp_path / "out.json", source)[0] == pytest.approx(1)


def test_entries_with_numbers_that_are_none_keep_all_else(tmp_path, pictures):
    entry = person(1, 139, 44.125)
    entry["keypoints"][6:9] = [float("nan"), float("nan"), 0]
    entry["weight"] = float("inf")
    source = write(tmp_path / "nan.json", {**document(), "annotations": [entry]})
    with Dictionary.create(tmp_path / "nan") as dictionary:
        import_annotations(dictionary, "coco", source, pictures)
        (after,) = without_notes(exported(dictionary, tmp_path / "out.json")["annotations"])
    entry["keypoints"][6:9] = [0, 0, 0]
    assert after == {name: value for name, value in entry.items() if name != "weight"}


def test_odd_texts_and_deep_entries_are_kept_and_written_as_json(tmp_path, pictures):
    deep: list = []
    for _ in range(NESTED):
        deep = [deep]
    entry = {**person(1, 139, 44.125), "note": "\ud800", "deep": deep, "\ud801": 1}
    content = {**document(), "annotations": [entry, {**entry, "id": 2, "bbox": [9e3, 9e3, 1, 1]}]}
    content["info"] = {"note": "\udfff"}
    content["images"][0] = {**content["images"][0], "note": "\ud800"}
    content["images"].append({"id": "\ud800", "file_name": "train/empty.png"})
    source = write(tmp_path / "odd.json", content)
    with Dictionary.create(tmp_path / "odd") as dictionary:
        for _ in range(2):
            import_annotations(dictionary, "coco", source, pictures)
        after = exported(dictionary, tmp_path / "out.json")
    assert without_notes(after["annotations"]) == content["annotations"]
    assert after["info"]["note"] == "\udfff"


def test_an_entry_nested_too_deep_to_be_written_keeps_all_else(tmp_path, pictures):
    deep: list = []
    for _ in range(900):
        deep = [deep]
    content = {**document(), "annotations": [person(1, 139, 44.125)]}
    entry = {**content["annotations"][0], "deep": deep}
    source = write(tmp_path / "deep.json", {**content, "annotations": [entry]})
    with Dictionary.create(tmp_path / "deep") as dictionary:
        import_annotations(dictionary, "coco", source, pictures)
        after = exported(dictionary, tmp_path / "out.json")
    assert without_notes(after["annotations"]) == content["annotations"]


def detected(dictionary: Dictionary, picture: Path) -> None:
    """Joints of a detector that is unsure, as OpenPose's, in the first half alone."""
    keypoints = np.zeros((49, 3), np.float32)
    rng = np.random.default_rng(3)
    keypoints[:25, :2] = rng.uniform([100, 50], [200, 350], (25, 2))
    keypoints[:25, 2] = 0.3
    keypoints[4] = 0
    low, high = (keypoints[keypoints[:, 2] > 0, :2].astype(float).copy() for _ in range(2))
    low, high = low.min(axis=0), high.max(axis=0)
    dictionary.samples.add(
        [
            NewSample(
                picture_path=picture,
                picture_size_px=SIZE_PX,
                dataset="openpose",
                person_key="0",
                box_center_px=np.float32((low + high) / 2),
                box_scale=float(1.2 * (high - low).max() / 200),
                keypoints_px=keypoints,
            )
        ]
    )


def test_uncertain_joints_in_plain_view_are_not_hidden(tmp_path, pictures):
    with Dictionary.create(tmp_path / "detected") as dictionary:
        detected(dictionary, pictures / PICTURES[139])
        (entry,) = exported(dictionary, tmp_path / "out.json")["annotations"]
        joints = np.reshape(entry["keypoints"], (17, 3))
        assert set(joints[:, 2]) == {0, 2}
        assert entry["num_keypoints"] == 16
        seen = dictionary.samples.get(1).keypoints_px
        extent = np.ptp(seen[seen[:, 2] > 0, :2], axis=0)
        assert entry["bbox"][2:] == pytest.approx(extent, abs=2e-3)
        assert entry["area"] == pytest.approx(0.53 * extent.prod(), rel=1e-4)
        assert entry["iscrowd"] == 0
        keypoints = seen.copy()
        keypoints[0, 2] = 0.5  # now a person says so
        dictionary.corrections.set_keypoints(1, keypoints, compare=no_losses)
        (entry,) = exported(dictionary, tmp_path / "out.json")["annotations"]
        assert entry["keypoints"][2] == 1


def test_what_pycocotools_asks_for_is_there_whatever_was_imported(dictionary, tmp_path, pictures):
    detected(dictionary, pictures / PICTURES[7])
    dictionary.manual_people.draw(1, Box(50, 40, 48), author="maria")
    bare = {"image_id": 139, "keypoints": joints_at(300, 200, 90, 4).reshape(-1).tolist()}
    source = write(tmp_path / "bare.json", {**document(), "annotations": [{**bare, "id": 600}]})
    import_annotations(dictionary, "coco", source, pictures)
    content = exported(dictionary, tmp_path / "out.json")
    asked = {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "num_keypoints"}
    assert all(annotation.keys() >= asked for annotation in content["annotations"])
    found = write(tmp_path / "found.json", detections(content, off=0.01))
    assert precision(tmp_path / "out.json", found)[0] > 0


def test_results_keep_the_numbers_of_their_pictures_and_the_boxes_they_gave(tmp_path, pictures):
    joints = joints_at(100, 100, 200, 8)
    joints[:, 2] = 0.4
    result = {
        "image_id": 139, "category_id": 1, "keypoints": joints.reshape(-1).tolist(), "score": 0.7,
        "bbox": [90.5, 80.25, 220.5, 230.75], "file_name": PICTURES[40],
    }  # fmt: skip
    with Dictionary.create(tmp_path / "results") as dictionary:
        source = write(tmp_path / "results.json", [result])
        import_annotations(dictionary, "coco", source, pictures)
        content = exported(dictionary, tmp_path / "out.json")
    (entry,), (image,) = content["annotations"], content["images"]
    assert (image["id"], image["file_name"]) == (139, PICTURES[40])
    assert entry["image_id"] == 139
    assert entry["bbox"] == result["bbox"]
    assert entry["area"] == pytest.approx(0.53 * 220.5 * 230.75)
    assert set(entry["keypoints"][2::3]) <= {0, 2}


def test_a_project_of_an_older_program_gets_its_entries_by_importing_the_file_again(
    dictionary, tmp_path, pictures
):
    raw = dictionary._connection.database.conn
    for table in ("source_entries", "source_pictures", "source_documents"):
        raw.execute(f"DELETE FROM {table}")
    keypoints = dictionary.samples.get(1).keypoints_px.copy()
    keypoints[44, :2] += 3
    dictionary.corrections.set_keypoints(1, keypoints, compare=no_losses)
    older = by_id(exported(dictionary, tmp_path / "older.json"))
    assert older.keys() == {*PEOPLE, 5}
    assert import_annotations(dictionary, "coco", tmp_path / "in.json", pictures).added == 0
    after, before = by_id(exported(dictionary, tmp_path / "out.json")), by_id(document())
    assert after.keys() == before.keys()
    assert after[43] == before[43]
    assert after[2157]["area"] == before[2157]["area"]
    assert after[2157]["keypoints"] != before[2157]["keypoints"]


def test_numbers_that_are_no_json_are_never_written(dictionary, tmp_path, pictures):
    odd = person(700, 139, float("nan"))
    text = json.dumps({**document(), "annotations": [odd]})
    (tmp_path / "odd.json").write_text(text)
    import_annotations(dictionary, "coco", tmp_path / "odd.json", pictures)
    export_coco_keypoints(dictionary, tmp_path / "out.json")
    assert "NaN" not in (tmp_path / "out.json").read_text()
    assert by_id(json.loads((tmp_path / "out.json").read_text()))[700]["area"] > 0
