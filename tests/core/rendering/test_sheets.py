"""Contact sheets: nothing is lost, cut or out of place, whatever the format."""

from __future__ import annotations

import base64
import io
import re
import zlib
from html.parser import HTMLParser
from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.errors import RenderingError, ShapeError
from core.rendering.sheets import (
    SHEET_SUFFIXES,
    Sheet,
    SheetCell,
    SheetColumn,
    SheetRow,
    SheetSection,
    write_sheet,
)
from core.rendering.sheets.layout import (
    LINE,
    MARGIN_MM,
    PAGE_MM,
    PlacedPicture,
    PlacedText,
    cell_lefts,
    lay_out,
    shortened,
)
from core.rendering.sheets.matplotlib_pages import PNG_DOTS_PER_INCH, text_width_mm

COLUMNS = (
    SheetColumn("picture"),
    SheetColumn("camera", "Fit"),
    SheetColumn("top", "Fit"),
    SheetColumn("camera", "Lifter"),
)
RED, BLUE = (200, 30, 40), (30, 60, 220)


def colored(color, side=32):
    return np.full((side, side, 3), color, np.uint8)


def row(number, *, lines=("β 3.2 & <b>loss</b> 12 px²",), last=BLUE):
    cells = [SheetCell(f"cell {number}-{index}", colored(RED)) for index in range(3)]
    missing = SheetCell('no "lifter" <i>', note="none <i>")
    end = missing if last is None else SheetCell("end", colored(last))
    return SheetRow(f"person_{number:03d}.jpg · 0", [*cells, end], lines)


def sheet(rows=2, **changed):
    sections = [SheetSection("Extreme shape", [row(index) for index in range(rows)], "a note")]
    whole = {"title": "Failures", "note": "The worst.", "footer": "demo · 2026", **changed}
    return Sheet(columns=COLUMNS, sections=whole.pop("sections", sections), **whole)


def written(one, suffix):
    stream = io.BytesIO()
    write_sheet(one, stream, suffix)
    return stream.getvalue()


def texts(page):
    return [item.text for item in page.items if isinstance(item, PlacedText)]


def test_every_page_holds_its_rows_whole_and_within_the_margins():
    pages = lay_out(sheet(rows=9), text_width_mm, paged=True)
    assert len(pages) > 1
    for page in pages:
        for item in page.items:
            if isinstance(item, PlacedPicture):
                assert item.x_mm >= MARGIN_MM
                assert item.x_mm + item.side_mm <= PAGE_MM[0] - MARGIN_MM + 1e-6
                assert item.y_mm + item.side_mm <= PAGE_MM[1] - MARGIN_MM
            if isinstance(item, PlacedText):
                assert MARGIN_MM <= item.y_mm <= PAGE_MM[1] - MARGIN_MM + 3
        pictures = sum(isinstance(item, PlacedPicture) for item in page.items)
        assert pictures % len(COLUMNS) == 0
        assert pictures
    names = [text for page in pages for text in texts(page) if text.startswith("person_")]
    assert names == [f"person_{number:03d}.jpg · 0" for number in range(9)]
    assert "Extreme shape, continued" in texts(pages[1])
    assert f"2 / {len(pages)}" in texts(pages[1])
    assert all("Lifter" in texts(page) for page in pages)


def test_groups_stand_apart_and_cells_are_equal():
    lefts, side = cell_lefts(COLUMNS)
    gaps = [right - left - side for left, right in pairwise(lefts)]
    assert gaps[1] < gaps[0]
    assert gaps[0] == pytest.approx(gaps[2])


def test_long_captions_are_cut_to_the_page():
    long = "the left upper arm points elsewhere " * 20
    (page,) = lay_out(
        sheet(sections=[SheetSection("", [row(1, lines=(long,))])]), text_width_mm, paged=False
    )
    cut = next(text for text in texts(page) if text.startswith("the left"))
    assert cut.endswith("…")
    assert text_width_mm(cut, LINE) <= PAGE_MM[0] - 2 * MARGIN_MM
    assert shortened("short", LINE, 100, text_width_mm) == "short"


def test_a_png_shows_the_pictures_where_they_were_laid_out():
    one = sheet()
    (page,) = lay_out(one, text_width_mm, paged=False)
    pixels = cv2.imdecode(np.frombuffer(written(one, ".png"), np.uint8), cv2.IMREAD_COLOR)
    pixels = pixels[..., ::-1]
    dots = PNG_DOTS_PER_INCH / 25.4
    assert pixels.shape[:2] == pytest.approx((page.height_mm * dots, page.width_mm * dots), abs=1.5)
    for item in page.items:
        if isinstance(item, PlacedPicture):
            middle = item.side_mm / 2
            seen = pixels[int((item.y_mm + middle) * dots), int((item.x_mm + middle) * dots)]
            assert np.abs(seen.astype(int) - item.picture[0, 0]).max() <= 1
            beside = pixels[int((item.y_mm + middle) * dots), int((item.x_mm - 0.6) * dots)]
            assert beside.min() == 255
    assert (pixels < 100).all(axis=-1).any(), "no text was drawn"


def test_a_pdf_has_its_pages_its_pictures_as_they_are_and_texts_as_texts():
    pdf = written(sheet(rows=9), ".pdf")
    pages = lay_out(sheet(rows=9), text_width_mm, paged=True)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == len(pages)
    # 36 cells, none of them merged into a page-wide raster.
    sizes = re.findall(rb"/Subtype /Image.{0,200}?/Width (\d+)", pdf, flags=re.S)
    sizes += re.findall(rb"/Width (\d+).{0,200}?/Subtype /Image", pdf, flags=re.S)
    assert sizes
    assert max(map(int, sizes)) <= 1000
    assert b"/ToUnicode" in pdf
    assert b"CreationDate" not in pdf
    content = b"".join(
        zlib.decompress(found)
        for found in re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", pdf, flags=re.S)
        if found[:1] == b"\x78"
    )
    assert content.count(b"BT") > 9 * 2


class Page(HTMLParser):
    """What a browser would read: words, pictures, and whatever it would fetch."""

    def __init__(self, html):
        super().__init__()
        self.words, self.images, self.labels, self.tags = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        found = dict(attributes)
        if tag == "img":
            self.images.append((found["alt"], found["src"]))
        if found.get("role") == "img":
            self.labels.append(found["aria-label"])

    def handle_data(self, data):
        self.words.append(data)


def test_html_stands_alone_and_tells_who_does_not_see_it():
    rows = [row(1), row(2, last=None)]
    html = written(sheet(sections=[SheetSection("", rows)], title="A <b> & c"), ".html").decode()
    page = Page(html)
    assert len(page.images) == 7
    assert all(alt for alt, _source in page.images)
    assert page.labels == ['no "lifter" <i>']
    data = base64.b64decode(page.images[0][1].removeprefix("data:image/jpeg;base64,"))
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.abs(decoded[16, 16].astype(int) - RED).max() < 6
    assert not re.search(r"https?:|src=\"(?!data:)|<script|<link", html)
    assert "prefers-color-scheme: dark" in html
    assert "default-src 'none'" in html
    words = "".join(page.words)
    assert "A <b> & c" in words
    assert "β 3.2 & <b>loss</b> 12 px²" in words
    assert "none <i>" in words
    assert not {"b", "i"} & set(page.tags)


@pytest.mark.parametrize("suffix", SHEET_SUFFIXES)
def test_an_empty_sheet_says_so(suffix):
    empty = sheet(sections=[SheetSection("Extreme shape", [])])
    data = written(empty, suffix)
    assert data
    if suffix == ".html":
        assert b"Nothing to show" in data
    assert "Nothing to show: no sample matches." in texts(
        lay_out(empty, text_width_mm, paged=True)[0]
    )


def test_a_row_needs_a_cell_for_each_column_and_a_file_a_known_ending():
    with pytest.raises(ShapeError, match=r"row 'short'.*\(4,\)"):
        sheet(sections=[SheetSection("", [SheetRow("short", [])])])
    with pytest.raises(RenderingError, match=r"'\.tiff'"):
        write_sheet(sheet(), io.BytesIO(), ".tiff")
