"""JSON from outside is weighed before it is parsed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import Cancelled
from core.files.foreign_json import FREE_BYTES, JsonTooLargeError, parse_json, read_json
from core.progress import CancelToken

JOINTS = [value for joint in range(17) for value in (20 * joint, 30, 2)]


@pytest.mark.parametrize("small", [b"[],", b"{},", b"[[[[1]]]],", b'{"a":[]},'])
def test_endless_small_values_are_refused_before_they_are_made(small: bytes) -> None:
    content = b"[" + small * (FREE_BYTES // (8 * len(small))) + b"1]"
    with pytest.raises(JsonTooLargeError, match="would take"):
        parse_json(content)
    assert len(parse_json(b"[" + small * 1000 + b"1]")) == 1001


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_honest_documents_of_any_length_are_read(
    monkeypatch: pytest.MonkeyPatch, separators: tuple[str, str]
) -> None:
    """Compact ones too, of many zeros and with joints as lists of three."""
    monkeypatch.setattr("core.files.foreign_json.FREE_BYTES", 0)
    person = {"id": 1, "image_id": 2, "keypoints": JOINTS, "segmentation": [JOINTS, JOINTS]}
    nested = {"keypoints": [[123.25, 45.5, 0.875]] * 17, "image_id": "a/b.jpg", "score": 0.93}
    absent = {"id": 1, "image_id": 2, "category_id": 1, "keypoints": [0] * 51, "iscrowd": 0}
    for entry in (person, nested, absent):
        document = [entry] * 100
        assert parse_json(json.dumps(document, separators=separators).encode()) == document


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_encoding_of_json_is_read(encoding: str) -> None:
    assert parse_json('{"a": ["größer", 1.5]}'.encode(encoding)) == {"a": ["größer", 1.5]}


def test_a_reading_can_be_cancelled() -> None:
    token = CancelToken()
    assert parse_json(b'[{"a": 1}]', cancel=token) == [{"a": 1}]
    token.cancel()
    with pytest.raises(Cancelled):
        parse_json(b'[{"a": 1}]', cancel=token)


def test_a_file_above_the_callers_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[1, 2, 3]")
    assert read_json(path) == [1, 2, 3]
    with pytest.raises(JsonTooLargeError, match="has 9 bytes, expected at most 8"):
        read_json(path, max_bytes=8)
