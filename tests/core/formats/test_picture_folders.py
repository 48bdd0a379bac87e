"""Names of pictures that are not quite the pictures' own; nothing outside the folder is found."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from core.formats.picture_folders import PictureFolder
from core.formats.reader_results import BrokenEntryError

Picture = Callable[..., Path]


@pytest.mark.parametrize(
    "name",
    [
        "val2017/one.png", "one", "ONE.PNG", "/data/set/one.png", "../images/one.png",
        "C:\\set\\one.png", "set\\one.png", "https://host/val/one.png", "a/../../one.png",
        "COCO_val2014_one.png", "train2014/COCO_train2014_one.png",
    ],
)  # fmt: skip
def test_a_flat_picture_is_found_by_its_name_alone(
    tmp_path: Path, picture: Picture, name: str
) -> None:
    picture("one.png")
    folder = PictureFolder(tmp_path)
    assert folder.picture_named(name) == tmp_path.resolve() / "one.png"
    assert folder.is_guessed(name)


def test_a_picture_in_a_folder_is_found_without_it_and_by_the_folder_that_agrees(
    tmp_path: Path, picture: Picture
) -> None:
    for name in ("val/one.png", "train/one.png", "train/two.png"):
        picture(name)
    folder = PictureFolder(tmp_path)
    assert folder.picture_named("two.png").parts[-2:] == ("train", "two.png")
    assert folder.picture_named("set/VAL/one.png").parts[-2:] == ("val", "one.png")
    assert folder.picture_named("val/one.png").parts[-2:] == ("val", "one.png")
    assert not folder.is_guessed("val/one.png")
    with pytest.raises(BrokenEntryError, match=r"2 pictures may be it: 'train/one\.png', 'val/one"):
        folder.picture_named("one.png")


def test_accents_may_be_composed_or_not(tmp_path: Path, picture: Picture) -> None:
    picture(unicodedata.normalize("NFD", "café.png"))
    folder = PictureFolder(tmp_path)
    found = folder.picture_named(unicodedata.normalize("NFC", "café.png"))
    assert found.is_file()


def test_a_picture_of_coco_2014_is_found_by_its_name_of_2017(
    tmp_path: Path, picture: Picture
) -> None:
    picture("COCO_train2014_000000000785.png")
    picture("COCO_train2014_000000000786.png")
    picture("COCO_val2014_000000000786.png")
    folder = PictureFolder(tmp_path)
    assert folder.picture_named("train2017/000000000785.png").name.startswith("COCO_train2014")
    with pytest.raises(BrokenEntryError, match="2 pictures may be it"):
        folder.picture_named("000000000786.png")


def test_two_names_are_never_taken_for_one_picture(tmp_path: Path, picture: Picture) -> None:
    picture("one.png")
    folder = PictureFolder(tmp_path)
    folder.expect(["train/one.png", "val/one.png"])
    for name in ("train/one.png", "val/one.png"):
        with pytest.raises(BrokenEntryError, match="may be the picture of"):
            folder.picture_named(name)


@pytest.mark.parametrize(
    "name", ["../two.png", "/two.png", "C:\\two.png", "https://host/two.png", "sub/../../two.png"]
)
def test_nothing_outside_the_folder_is_found(tmp_path: Path, picture: Picture, name: str) -> None:
    picture("two.png")
    inside = picture("pictures/one.png").parent
    (inside / "outside").symlink_to(tmp_path)
    folder = PictureFolder(inside)
    with pytest.raises(BrokenEntryError, match="expected a name inside the pictures' folder"):
        folder.picture_named(name)
    with pytest.raises(BrokenEntryError, match="no such picture"):
        folder.size_px(folder.picture_named("two.png"))
