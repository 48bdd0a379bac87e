"""Pictures that moved are found by folder, or by name, trailing path and size; never guessed."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import Cancelled
from core.pictures.picture_search import Left, WantedPicture, search_by_folder, search_by_name
from core.progress import CancelToken

SIZE = (64, 48)


def picture(path: Path, size: tuple[int, int] = SIZE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    ok, data = cv2.imencode(path.suffix, np.zeros((size[1], size[0], 3), np.uint8))
    assert ok
    path.write_bytes(data.tobytes())
    return path


def wanted(*paths: str) -> list[WantedPicture]:
    return [WantedPicture(Path(path), SIZE) for path in paths]


def reasons(search) -> dict[str, Left]:
    return {str(item.path): item.why for item in search.left}


# By folder


def test_pictures_below_a_folder_are_found_below_its_new_place(tmp_path):
    there = [picture(tmp_path / "new" / "a.jpg"), picture(tmp_path / "new" / "deep" / "b.png")]
    search = search_by_folder(
        wanted("/old/a.jpg", "/old/deep/b.png", "/older/c.jpg"), Path("/old"), tmp_path / "new"
    )
    assert search.found == {Path("/old/a.jpg"): there[0], Path("/old/deep/b.png"): there[1]}
    assert search.left == ()


def test_what_is_not_there_or_another_picture_is_left_with_the_reason(tmp_path):
    picture(tmp_path / "small.jpg", (32, 24))
    (tmp_path / "text.jpg").write_text("no picture")
    search = search_by_folder(
        wanted("/old/gone.jpg", "/old/small.jpg", "/old/text.jpg"), Path("/old"), tmp_path
    )
    assert search.found == {}
    assert reasons(search) == {
        "/old/gone.jpg": Left.MISSING,
        "/old/small.jpg": Left.OTHER_SIZE,
        "/old/text.jpg": Left.UNREADABLE,
    }
    assert "32×24 px, expected 64×48" in search.left[1].detail
    assert search.counts() == {Left.MISSING: 1, Left.OTHER_SIZE: 1, Left.UNREADABLE: 1}


def test_a_picture_that_is_not_there_can_be_named_there_nevertheless(tmp_path):
    picture(tmp_path / "small.jpg", (32, 24))
    asked = wanted("/old/gone.jpg", "/old/small.jpg")
    search = search_by_folder(asked, Path("/old"), tmp_path).with_missing()
    assert search.found == {Path("/old/gone.jpg"): tmp_path / "gone.jpg"}
    assert reasons(search) == {"/old/small.jpg": Left.OTHER_SIZE}


def test_the_folder_may_be_given_in_any_way_that_leads_to_it(tmp_path, monkeypatch):
    there = picture(tmp_path / "new" / "a.jpg")
    (tmp_path / "old").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "old")
    known = wanted(str(tmp_path / "old" / "a.jpg"))
    monkeypatch.chdir(tmp_path)
    for old in ("old", "link", "new/../old", f"{tmp_path}/old/"):
        search = search_by_folder(known, Path(old), Path("new"))
        assert list(search.found.values()) == [there], old


# By name


def test_the_picture_that_shares_most_of_its_path_is_taken(tmp_path):
    first = picture(tmp_path / "moved" / "seq1" / "0001.jpg")
    second = picture(tmp_path / "moved" / "seq2" / "0001.jpg")
    search = search_by_name(wanted("/old/seq1/0001.jpg", "/old/seq2/0001.jpg"), tmp_path)
    assert list(search.found.values()) == [first, second]
    assert search.folders() == [
        (Path("/old/seq1"), first.parent, 1),
        (Path("/old/seq2"), second.parent, 1),
    ]


def test_names_that_fit_equally_well_are_told_and_not_guessed(tmp_path):
    for folder in ("x", "y"):
        picture(tmp_path / folder / "0001.jpg")
    search = search_by_name(wanted("/old/0001.jpg"), tmp_path)
    assert search.found == {}
    assert reasons(search) == {"/old/0001.jpg": Left.SEVERAL}
    assert str(tmp_path / "x" / "0001.jpg") in search.left[0].detail


def test_one_file_is_never_two_pictures(tmp_path):
    picture(tmp_path / "0001.jpg")
    search = search_by_name(wanted("/old/seq1/0001.jpg", "/old/seq2/0001.jpg"), tmp_path)
    assert search.found == {}
    assert set(reasons(search).values()) == {Left.SEVERAL}


def test_the_file_goes_to_the_picture_it_fits_best(tmp_path):
    there = picture(tmp_path / "seq2" / "0001.jpg")
    search = search_by_name(wanted("/old/seq1/0001.jpg", "/old/seq2/0001.jpg"), tmp_path)
    assert search.found == {Path("/old/seq2/0001.jpg"): there}
    assert reasons(search) == {"/old/seq1/0001.jpg": Left.MISSING}


def test_the_size_decides_before_the_path_does(tmp_path):
    picture(tmp_path / "seq1" / "0001.jpg", (32, 24))
    there = picture(tmp_path / "thumbs" / "0001.jpg")
    search = search_by_name(wanted("/old/seq1/0001.jpg"), tmp_path)
    assert list(search.found.values()) == [there]


def test_a_file_that_is_another_picture_of_the_project_is_not_taken(tmp_path):
    used = picture(tmp_path / "seq2" / "0001.jpg")
    search = search_by_name(wanted("/old/seq1/0001.jpg"), tmp_path, in_use=[used])
    assert reasons(search) == {"/old/seq1/0001.jpg": Left.MISSING}


def test_case_and_accents_may_be_written_in_another_way(tmp_path):
    there = picture(tmp_path / "Cafe\u0301.JPG")
    search = search_by_name(wanted("/old/caf\u00e9.jpg"), tmp_path)
    assert list(search.found.values()) == [there]


def test_a_name_spelled_exactly_so_is_better_than_one_that_is_not(tmp_path):
    there = picture(tmp_path / "a.jpg")
    if picture(tmp_path / "A.jpg").samefile(there):
        pytest.skip("this disk takes upper and lower case for the same")
    search = search_by_name(wanted("/old/a.jpg"), tmp_path)
    assert list(search.found.values()) == [there]


def test_a_ring_of_links_is_not_followed(tmp_path):
    there = picture(tmp_path / "deep" / "a.jpg")
    (tmp_path / "deep" / "ring").symlink_to(tmp_path)
    search = search_by_name(wanted("/old/a.jpg"), tmp_path)
    assert list(search.found.values()) == [there]


def test_a_name_that_is_no_text_is_left(tmp_path):
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    try:
        picture(odd / "a.jpg")
    except OSError:
        pytest.skip("this disk only takes names that are text")
    search = search_by_name(wanted("/old/a.jpg"), tmp_path)
    assert reasons(search) == {"/old/a.jpg": Left.UNREADABLE}
    str(search.left[0].detail).encode()


def test_a_search_can_be_stopped(tmp_path):
    token = CancelToken()
    token.cancel()
    for search in (
        lambda: search_by_name(wanted("/old/a.jpg"), tmp_path, cancel=token),
        lambda: search_by_folder(wanted("/old/a.jpg"), Path("/old"), tmp_path, cancel=token),
    ):
        with pytest.raises(Cancelled):
            search()
