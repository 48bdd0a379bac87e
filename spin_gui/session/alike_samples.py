"""Listing samples like the current one: poses are read, and pictures compared, on a thread."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from core.dictionary.search.likeness import Likeness
from core.dictionary.search.query import LikeRule, SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.errors import StudioError

LOOKING = "Looking for samples like this one…"


class AlikeSamples(QObject):
    """Finds what is like a sample; ``found(SampleQuery)`` once it can be listed at once."""

    found = Signal(object)
    failed = Signal(str)
    """Why nothing can be listed."""
    _done = Signal(object)

    def __init__(self, dictionary: Dictionary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dictionary = dictionary
        self._thread: threading.Thread | None = None
        self._reader: Dictionary | None = None
        self._closed = False
        self._done.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def look_for(self, rule: LikeRule) -> bool:
        """Begin to look; False while another search is at work."""
        if self._thread is not None:
            return False
        arguments = (self._dictionary.project, rule, self._dictionary.search.likeness.copied())
        self._thread = threading.Thread(
            target=self._work, args=arguments, name="alike samples", daemon=True
        )
        self._thread.start()
        return True

    def close(self) -> None:
        """End the search; nothing is told any more."""
        self._closed = True
        reader, thread = self._reader, self._thread
        if thread is not None:
            if reader is not None:
                reader.file.interrupt()
            thread.join()

    def _work(self, project: Path, rule: LikeRule, known: Likeness) -> None:
        """On the thread; whatever happens, ``_take`` hears of it exactly once."""
        result: tuple[LikeRule, Likeness] | Exception
        try:
            with Dictionary.open(project) as reader:
                self._reader = reader
                reader.search.likeness.adopt(known)
                reader.search.likeness.ranked(rule)
                result = (rule, reader.search.likeness.copied())
        except Exception as error:  # noqa: BLE001 - raised again on the main thread
            result = error
        self._reader = None
        self._done.emit(result)

    @Slot(object)
    def _take(self, result: tuple[LikeRule, Likeness] | Exception) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()  # telling this was the last it did
        if self._closed:
            return
        if isinstance(result, StudioError):
            self.failed.emit(str(result))
            return
        if isinstance(result, Exception):
            raise result
        rule, known = result
        self._dictionary.search.likeness.adopt(known)
        self.found.emit(SampleQuery(like=rule, sort=SortKey.LIKENESS))


def alike_text(dictionary: Dictionary, rule: LikeRule) -> str:
    """What was found, for the status bar."""
    others = dictionary.search.likeness.ranked(rule).distances_mm[1:]
    if not len(others):
        return "No near copy was found." if rule.near_copies else "No other fit to compare with."
    what = "near copies" if rule.near_copies else "most alike poses, nearest first"
    return f"{len(others)} {what}: {others.min():.0f} to {others.max():.0f} mm a joint apart."
