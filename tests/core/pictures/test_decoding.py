from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import PictureError, ShapeError
from core.geometry.boxes import Box
from core.pictures import decoding as pictures
from core.pictures.decoding import crop_picture, load_picture, picture_size


def gradient(width: int, height: int) -> np.ndarray:
    """A smooth picture whose four corners differ, so that every turn is seen."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)


def encode(suffix: str, rgb: np.ndarray, *options: int) -> bytes:
    done, data = cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), list(options))
    assert done
    return data.tobytes()


def exif_block(orientation: int, order: str) -> bytes:
    mark = b"II" if order == "<" else b"MM"
    return mark + struct.pack(f"{order}HIHHHIHHI", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def with_exif(jpeg: bytes, orientation: int, order: str = "<") -> bytes:
    body = b"Exif\x00\x00" + exif_block(orientation, order)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def saved(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".png", ()),
        (".bmp", ()),
        (".webp", (cv2.IMWRITE_WEBP_QUALITY, 101)),  # above 100: lossless
    ],
)
def test_lossless_formats_come_back_exactly_in_rgb(
    tmp_path: Path, suffix: str, options: tuple[int, ...]
) -> None:
    rgb = gradient(37, 23)
    path = saved(tmp_path, f"p{suffix}", encode(suffix, rgb, *options))
    assert picture_size(path) == (37, 23)
    np.testing.assert_array_equal(load_picture(path), rgb)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".jpg", (cv2.IMWRITE_JPEG_QUALITY, 95)),
        (".jpg", (cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)),
        (".webp", (cv2.IMWRITE_WEBP_QUALITY, 90)),
    ],
)
def test_lossy_formats_keep_size_and_channel_order(
    tmp_path: Path, suffix: str, options: tuple[int, ...]
) -> None:
    rgb = gradient(300, 211)
    path = saved(tmp_path, f"p{suffix}", encode(suffix, rgb, *options))
    assert picture_size(path) == (300, 211)
    assert np.abs(load_picture(path).astype(int) - rgb).mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_orientation_turns_size_and_pixels_as_opencv_does(
    tmp_path: Path, orientation: int, order: str
) -> None:
    data = with_exif(encode(".jpg", gradient(64, 40)), orientation, order)
    path = saved(tmp_path, "turned.jpg", data)
    expected = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(load_picture(path), expected)
    assert picture_size(path) == (expected.shape[1], expected.shape[0])
    assert picture_size(path) == ((40, 64) if orientation >= 5 else (64, 40))


def test_exif_in_png_and_webp_turns_size_and_pixels_alike(tmp_path: Path) -> None:
    rgb = gradient(30, 20)
    png = encode(".png", rgb)
    block = exif_block(6, "<")
    chunk = b"eXIf" + block
    crc = struct.pack(">I", zlib.crc32(chunk))
    turned_png = png[:33] + struct.pack(">I", len(block)) + chunk + crc + png[33:]
    webp = encode(".webp", rgb, cv2.IMWRITE_WEBP_QUALITY, 101)
    extended = struct.pack("<4sI", b"VP8X", 10) + b"\x08\0\0\0" + bytes([29, 0, 0, 19, 0, 0])
    body = b"WEBP" + extended + webp[12:] + struct.pack("<4sI", b"EXIF", len(block)) + block
    turned_webp = b"RIFF" + struct.pack("<I", len(body)) + body
    for name, data in (("a.png", turned_png), ("a.webp", turned_webp)):
        path = saved(tmp_path, name, data)
        assert picture_size(path) == (20, 30)
        np.testing.assert_array_equal(load_picture(path), np.rot90(rgb, -1))


@pytest.mark.parametrize(
    "bad", [b"", b"XX", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\0\x09"]
)
def test_damaged_exif_counts_as_upright(tmp_path: Path, bad: bytes) -> None:
    jpeg = encode(".jpg", gradient(16, 8))
    body = b"Exif\x00\x00" + bad
    data = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]
    assert load_picture(saved(tmp_path, "p.jpg", data)).shape == (8, 16, 3)


def test_grey_alpha_and_16_bit_become_8_bit_rgb(tmp_path: Path) -> None:
    grey = gradient(20, 10)[..., 0]
    alpha = cv2.cvtColor(gradient(20, 10), cv2.COLOR_RGB2BGRA)
    deep = gradient(20, 10)[..., ::-1].astype(np.uint16) * 257
    for name, pixels in (("grey.png", grey), ("alpha.png", alpha), ("deep.png", deep)):
        cv2.imwrite(str(tmp_path / name), pixels)
    np.testing.assert_array_equal(
        load_picture(tmp_path / "grey.png"), np.repeat(grey[..., None], 3, axis=-1)
    )
    np.testing.assert_array_equal(load_picture(tmp_path / "alpha.png"), gradient(20, 10))
    np.testing.assert_allclose(load_picture(tmp_path / "deep.png"), gradient(20, 10), atol=1)


def test_missing_folder_and_text_files_are_named(tmp_path: Path) -> None:
    text = saved(tmp_path, "notes.jpg", b"hello world, no picture")
    for path, words in (
        (tmp_path / "absent.jpg", "no such picture"),
        (tmp_path, "not a file"),
        (text, "expected JPEG, PNG, WebP, BMP or HEIC"),
        (saved(tmp_path, "empty.png", b""), "is empty, expected JPEG"),
    ):
        for read in (picture_size, load_picture):
            with pytest.raises(PictureError, match=words) as caught:
                read(path)
            assert str(path) in caught.value.message


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_no_cut_or_flipped_byte_raises_anything_but_picture_error(
    tmp_path: Path, suffix: str
) -> None:
    data = encode(suffix, gradient(24, 16))
    rng = np.random.default_rng(0)
    for trial in range(120):
        broken = bytearray(data[: rng.integers(1, len(data))] if trial % 2 else data)
        for at in rng.integers(0, len(broken), 3):
            broken[at] = rng.integers(0, 256)
        path = saved(tmp_path, f"broken{suffix}", bytes(broken))
        try:
            assert load_picture(path).shape[:2] == picture_size(path)[::-1]
        except PictureError:
            continue


def test_a_cut_off_jpeg_is_refused_not_filled_with_grey(tmp_path: Path) -> None:
    data = encode(".jpg", gradient(200, 200))
    path = saved(tmp_path, "half.jpg", data[: len(data) // 2])
    with pytest.raises(PictureError, match="cut off"):
        load_picture(path)


def test_a_forged_huge_header_is_refused_before_decoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    png = bytearray(encode(".png", gradient(8, 8)))
    png[16:24] = struct.pack(">II", 60_000, 60_000)
    path = saved(tmp_path, "bomb.png", bytes(png))
    monkeypatch.setattr(pictures.cv2, "imdecode", lambda *_: pytest.fail("decoded a bomb"))
    for read in (picture_size, load_picture):
        with pytest.raises(PictureError, match="60000×60000 px, expected at most"):
            read(path)


def test_a_file_above_the_byte_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, "p.png", encode(".png", gradient(8, 8)))
    monkeypatch.setattr(pictures, "MAX_FILE_BYTES", 10)
    with pytest.raises(PictureError, match="expected at most 10"):
        load_picture(path)


def dot_centroid(crop: np.ndarray) -> np.ndarray:
    weights = crop[..., 0].astype(float)
    y, x = np.indices(weights.shape)
    return np.array([(weights * x).sum(), (weights * y).sum()]) / weights.sum()


@pytest.mark.parametrize("side_px", [37.3, 111.9, 224.0, 300.7, 777.7, 2500.0, 6000.0])
def test_a_dot_lands_where_the_box_says(side_px: float) -> None:
    box = Box(1000.4, 760.9, side_px)
    picture = np.zeros((1500, 2000, 3), dtype=np.uint8)
    dot = np.array(
        [round(1000 + 0.13 * min(side_px, 2500)), round(761 - 0.21 * min(side_px, 2500))]
    )
    half = max(0, round(side_px / 224))
    picture[dot[1] - half : dot[1] + half + 1, dot[0] - half : dot[0] + half + 1] = 255
    found = dot_centroid(crop_picture(picture, box))
    np.testing.assert_allclose(found, box.picture_to_crop(dot), atol=0.1)


@pytest.mark.parametrize("size_px", [112, 448])
def test_another_crop_size_is_the_same_window(size_px: int) -> None:
    box = Box(100.0, 80.0, 120.0)
    picture = np.zeros((200, 200, 3), dtype=np.uint8)
    picture[70, 120] = 255
    found = dot_centroid(crop_picture(picture, box, size_px=size_px))
    np.testing.assert_allclose(
        found, box.picture_to_crop(np.array([120, 70])) * size_px / 224, atol=0.1
    )


def test_a_box_of_the_crop_size_on_whole_pixels_copies_them() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (400, 400, 3)).astype(np.uint8)
    crop = crop_picture(picture, Box(200.0, 180.0, 224.0))
    np.testing.assert_array_equal(crop, picture[68:292, 88:312])


def test_outside_the_picture_the_crop_is_zero() -> None:
    picture = np.full((100, 100, 3), 200, dtype=np.uint8)
    crop = crop_picture(picture, Box(0.0, 50.0, 80.0))
    assert (crop[:, :108] == 0).all()
    assert (crop[:, 116:] == 200).all()
    assert (crop_picture(picture, Box(-500.0, 50.0, 80.0)) == 0).all()
    assert (crop_picture(picture, Box(1e9, 1e9, 3.0)) == 0).all()


def test_shrinking_a_fine_checkerboard_gives_grey_not_moire() -> None:
    board = (np.indices((1600, 1600)).sum(axis=0) % 2 * 255).astype(np.uint8)
    picture = np.repeat(board[..., None], 3, axis=-1)
    for side_px in (500.0, 1003.7, 1499.0):
        crop = crop_picture(picture, Box(800.0, 800.0, side_px)).astype(int)
        assert np.abs(crop[2:-2, 2:-2] - 127.5).max() < 40
        assert crop[2:-2, 2:-2].std() < 16


def test_an_absurdly_large_box_costs_no_memory() -> None:
    picture = np.full((50, 3000, 3), 255, dtype=np.uint8)
    crop = crop_picture(picture, Box(1500.0, 25.0, 1e7))
    assert crop.shape == (224, 224, 3)


def test_a_grey_array_is_refused_at_the_door() -> None:
    with pytest.raises(ShapeError, match=r"expected \(H, W, 3\)"):
        crop_picture(np.zeros((5, 5), dtype=np.uint8), Box(2.0, 2.0, 4.0))


def test_real_pictures_have_the_size_their_annotation_says(shared_folder: Path) -> None:
    assert picture_size(shared_folder / "realdata/coco/000000000785.jpg") == (640, 425)
    assert load_picture(shared_folder / "realdata/openpose/squat.jpg").shape == (1600, 1068, 3)


KINDS_OF_JPEG: dict[str, tuple[int, ...]] = {
    "baseline": (),
    "full colour": (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111),
    "optimised": (cv2.IMWRITE_JPEG_OPTIMIZE, 1),
    "progressive": (cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "restarts": (cv2.IMWRITE_JPEG_RST_INTERVAL, 7),
}


def scene(seed: int, width: int = 331, height: int = 247) -> np.ndarray:
    """A photograph's like: smooth colours, edges, a little noise, and a flat lower right corner."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (9, 12, 3)).astype(np.uint8)
    picture = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(int)
    picture += rng.integers(-9, 10, picture.shape)
    picture[height // 3 : height // 2, width // 4 : width // 2] += 60
    if seed % 2:
        picture[-60:, -80:] = 240
    return picture.clip(0, 255).astype(np.uint8)


def pixels_at(jpeg: bytes) -> int:
    scan = jpeg.index(b"\xff\xda")
    return scan + 2 + int.from_bytes(jpeg[scan + 2 : scan + 4], "big")


@pytest.mark.parametrize("kind", KINDS_OF_JPEG)
@pytest.mark.parametrize("seed", range(4))
def test_whole_jpegs_of_every_kind_are_read(tmp_path: Path, kind: str, seed: int) -> None:
    rgb = scene(seed)
    data = encode(".jpg", rgb, *KINDS_OF_JPEG[kind])
    for name, content in (
        ("plain", data),
        ("with bytes behind", data + b"\0" * 999 + data[:500]),
        ("padded before the end", data[:-2] + b"\0\0\0" + data[-2:]),
        ("filled before the end", data[:-2] + b"\xff\xff" + data[-2:]),
        ("with a preview", with_preview(data)),
    ):
        path = saved(tmp_path, f"{name}.jpg", content)
        assert np.abs(load_picture(path).astype(int) - rgb).mean() < 12, name


def with_preview(jpeg: bytes) -> bytes:
    preview = encode(".jpg", scene(0, 40, 30))
    body = b"Exif\x00\x00" + exif_block(1, "<") + preview
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("flat", [0, 128, 255])
@pytest.mark.parametrize("kind", KINDS_OF_JPEG)
def test_a_jpeg_of_one_colour_is_read(tmp_path: Path, kind: str, flat: int) -> None:
    rgb = np.full((150, 210, 3), flat, dtype=np.uint8)
    path = saved(tmp_path, "flat.jpg", encode(".jpg", rgb, *KINDS_OF_JPEG[kind]))
    np.testing.assert_allclose(load_picture(path), rgb, atol=1)


@pytest.mark.parametrize("kind", KINDS_OF_JPEG)
def test_a_jpeg_cut_off_before_a_copied_end_is_refused(tmp_path: Path, kind: str) -> None:
    """Tools that repair files put an end marker behind what there is."""
    rng = np.random.default_rng(0)
    for seed in range(20):
        data = encode(".jpg", scene(seed), *KINDS_OF_JPEG[kind])
        cut = int(rng.integers(pixels_at(data) + 1, len(data) * 9 // 10))
        path = saved(tmp_path, "cut.jpg", data[:cut].rstrip(b"\xff") + b"\xff\xd9")
        with pytest.raises(PictureError, match="damaged"):
            load_picture(path)


def test_a_jpeg_without_its_middle_is_refused(tmp_path: Path) -> None:
    """Where a third of the data is missing; a few bytes now and then leave as many blocks."""
    for kind, options in KINDS_OF_JPEG.items():
        for seed in range(6):
            data = encode(".jpg", scene(seed), *options)
            start = pixels_at(data) + (len(data) - pixels_at(data)) // 3
            missing = data[:start].rstrip(b"\xff") + data[start + (len(data) - start) // 2 :]
            path = saved(tmp_path, "gap.jpg", missing)
            with pytest.raises(PictureError, match="damaged"):
                load_picture(path)
            assert kind


def test_doubted_pictures_write_nothing_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for seed in (1, 3):
        for options in KINDS_OF_JPEG.values():
            load_picture(saved(tmp_path, "a.jpg", encode(".jpg", scene(seed), *options)))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_file_too_short_for_the_pixels_it_states_is_refused(tmp_path: Path, suffix: str) -> None:
    data = bytearray(encode(suffix, gradient(64, 64)))
    place = data.index(b"\xff\xc0") + 5 if suffix == ".jpg" else 18
    field = struct.pack(">HH" if suffix == ".jpg" else ">HxxH", 9_500, 9_500)
    data[place : place + len(field)] = field
    path = saved(tmp_path, f"short{suffix}", bytes(data))
    for read in (picture_size, load_picture):
        with pytest.raises(PictureError, match=r"bytes cannot hold the 9500×9500 px"):
            read(path)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_large_pictures_of_one_colour_are_read(tmp_path: Path, suffix: str) -> None:
    """They pack to next to nothing, and are no forgeries."""
    path = saved(tmp_path, f"plain{suffix}", encode(suffix, np.zeros((2000, 3000, 3), np.uint8)))
    assert picture_size(path) == (3000, 2000)
    assert load_picture(path).shape == (2000, 3000, 3)


def test_exif_behind_the_pixels_of_a_png_turns_it_too(tmp_path: Path) -> None:
    rgb = gradient(300, 200)
    png = encode(".png", rgb)
    chunk = b"eXIf" + exif_block(6, "<")
    end = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path = saved(tmp_path, "a.png", png[:-12] + end + png[-12:])
    assert picture_size(path) == (200, 300)
    np.testing.assert_array_equal(load_picture(path), np.rot90(rgb, -1))


def test_a_cut_off_webp_is_refused_by_its_own_length(tmp_path: Path) -> None:
    data = encode(".webp", scene(0), cv2.IMWRITE_WEBP_QUALITY, 90)
    for read in (picture_size, load_picture):
        with pytest.raises(PictureError, match="cut off"):
            read(saved(tmp_path, "cut.webp", data[:-100]))
