"""The door for foreign files: whatever parsing raises becomes the file's own error."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from core.cli.console import Console
from core.errors import Cancelled, DictionaryError, PictureError, StudioError, UserFileError
from core.files.foreign_files import foreign_content, foreign_file, foreign_reader, reason_of
from core.formats.reader_results import BrokenEntryError, ReadProblem, foreign_entry

RAISED_BY_PARSERS = [
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
    OverflowError("too large"),
    struct.error("unpack requires a buffer"),
    KeyError("shape"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    zipfile.BadZipFile("no zip"),
    zlib.error("invalid block"),
    AssertionError(),
    NotImplementedError("compression"),
    AttributeError("no such"),
    IndexError("out of range"),
    SystemError("odd"),
    StopIteration(),
]

PATH = Path("file.bin")
ODD_NAME = Path("caf\udce9.jpg")
"""As Python reads a name whose byte is no UTF-8."""


@pytest.mark.parametrize("raised", RAISED_BY_PARSERS, ids=lambda error: type(error).__name__)
def test_whatever_a_parser_raises_becomes_the_files_error(raised: Exception) -> None:
    with (
        pytest.raises(PictureError, match=r"file\.bin: cannot be read as a picture") as caught,
        foreign_file(PATH, PictureError, expected="a picture"),
    ):
        raise raised
    assert caught.value.__cause__ is raised
    assert caught.value.path == PATH
    assert caught.value.remedy


@pytest.mark.parametrize("raised", [Cancelled(), DictionaryError("busy"), KeyboardInterrupt()])
def test_the_programs_own_errors_and_interrupts_pass(raised: BaseException) -> None:
    with pytest.raises(type(raised)) as caught, foreign_file(PATH, expected="anything"):
        raise raised
    assert caught.value is raised


def test_the_systems_errors_are_told_in_its_words_not_as_damage() -> None:
    with (
        pytest.raises(UserFileError, match="cannot be read: No such file or directory") as caught,
        foreign_file(PATH, expected="an npz"),
    ):
        PATH.read_bytes()
    assert "npz" not in caught.value.message


def test_a_reader_behind_the_door_keeps_its_name_and_arguments() -> None:
    @foreign_reader(UserFileError, expected="a list")
    def read(path: Path, *, factor: int) -> float:
        """Says what it does."""
        return factor / len(path.suffix)

    assert read(PATH, factor=8) == 2
    assert (read.__name__, read.__doc__) == ("read", "Says what it does.")
    with pytest.raises(UserFileError, match="as a list \\(division by zero\\)"):
        read(Path("none"), factor=1)


def test_an_entry_says_its_own_fault_and_any_other() -> None:
    with pytest.raises(BrokenEntryError, match=r"^id: missing$"), foreign_entry():
        raise BrokenEntryError("id: missing")
    with pytest.raises(BrokenEntryError, match=r"'x' is missing"), foreign_entry():
        raise KeyError("x")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (KeyError("pose"), "'pose' is missing"),
        (ValueError(), "ValueError"),
        (ValueError("first\nsecond \x1b[1mbold\x1b[0m"), "first second bold"),
        (MemoryError(), "it asks for more memory than there is"),
        (RecursionError("maximum"), "it is nested too deep"),
        (ValueError("name \udcff"), "name \\udcff"),
    ],
)
def test_reasons_are_one_line_without_terminal_codes(raised: Exception, said: str) -> None:
    assert reason_of(raised) == said


def test_a_reason_is_short_however_much_a_parser_says() -> None:
    assert len(reason_of(ValueError("x" * 100_000))) <= 200


def test_a_name_that_is_no_text_can_be_printed_everywhere() -> None:
    error = UserFileError(f"names {ODD_NAME}.", path=ODD_NAME, remedy=f"Rename {ODD_NAME}.")
    problem = ReadProblem(ODD_NAME, 3, f"found {ODD_NAME}")
    for text in (str(error), error.message, error.remedy, str(problem), problem.reason):
        assert "caf\\udce9.jpg" in text
        text.encode()
    assert error.path == ODD_NAME


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_the_console_writes_any_text_in_any_encoding(encoding: str) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)
    console = Console(stream, stream)
    console.result(f"Wrote {ODD_NAME} – done.")
    console.note(f"{ODD_NAME}: × missing.")
    console.json({"file": str(ODD_NAME)})
    assert written.getvalue().count(b"caf\\udce9.jpg") == 3


def test_content_without_a_file_becomes_the_error_asked_for() -> None:
    with (
        pytest.raises(StudioError, match="Its rules: IndexError"),
        foreign_content(lambda error: StudioError(f"Its rules: {type(error).__name__}.")),
    ):
        raise IndexError
