"""Which samples a query lists: from memory once the project was read, from SQLite until then.

A large project is read on a thread of its own; answers are given at once, on the main thread, so
that none can come late and move what the user looks at.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from core.dictionary.search.column_cache import ColumnCache, Rows
from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.sample_index import SampleIndex
from core.dictionary.storage.ids import SampleIds
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.types.fits import Verdict
from spin_gui.session.review_counts import ReviewCounts, count_review

READ_AT_ONCE = 5_000
"""This many samples are read in some 20 ms: no thread is worth it."""

ReadSamples = tuple[ColumnCache, Mapping[SortKey, Rows]]
"""What the thread reads: everything, and its rows in every order."""


class SampleCatalogue(QObject):
    """Keeps the index of a project; ``ready`` once questions about all samples can be answered."""

    ready = Signal()
    _read = Signal(object)

    def __init__(self, dictionary: Dictionary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dictionary = dictionary
        self.index: SampleIndex | None = None
        """None while a large project is being read."""
        self._thread: threading.Thread | None = None
        self._reader: Dictionary | None = None
        self._meanwhile: set[int] = set()
        """Samples that came to show otherwise while the thread was reading."""
        self._closed = False
        self._read.connect(self._take, Qt.ConnectionType.QueuedConnection)
        # Once the window is shown: reading would slow its opening.
        self._read_soon = QTimer(self, singleShot=True, interval=0)
        self._read_soon.timeout.connect(self._start_reading)
        self.update_hidden()
        self._read_all()

    def ids(self, query: SampleQuery) -> SampleIds:
        """The ids of the samples that a query lets through now, in its order."""
        ids = None if self.index is None else self.index.ids(query)
        if ids is None:
            if self.index is not None:
                self.index = None
                self._read_all()
            ids = self._dictionary.search.ids(query)
        return ids

    def counts(self, *, listed: int) -> ReviewCounts:
        """How far the review is."""
        index = self.index
        if index is None or not index.catch_up():
            return count_review(self._dictionary, listed=listed)
        return ReviewCounts(
            listed=listed,
            total=len(index),
            left_to_review=index.verdict_count(Verdict.NONE),
            without_fit=len(index) - index.fit_count(),
            accepted=index.verdict_count(Verdict.ACCEPTED),
            rejected=index.verdict_count(Verdict.REJECTED),
        )

    def update_hidden(self) -> bool:
        """Look again what the reviewer is not to see yet; whether anything shows otherwise."""
        otherwise = self._dictionary.hidden.update()
        if self.index is not None:
            self.index.read_again(otherwise)
        if self._thread is not None:
            self._meanwhile.update(otherwise)
        return bool(otherwise)

    def close(self) -> None:
        """End the reading; nothing is asked any more."""
        self._closed = True
        self._read_soon.stop()
        reader, thread = self._reader, self._thread
        if thread is not None:
            if reader is not None:
                reader.file.interrupt()
            thread.join()

    def _read_all(self) -> None:
        if self._dictionary.search.count() <= READ_AT_ONCE:
            self.index = self._dictionary.search.index(self._dictionary.search.snapshot())
        elif self._thread is None:
            self._read_soon.start()

    @Slot()
    def _start_reading(self) -> None:
        if self._thread is not None:
            return  # closing waits for one thread
        self._meanwhile.clear()
        author = self._dictionary.author
        self._thread = threading.Thread(
            target=self._work, args=(author,), name="catalogue", daemon=True
        )
        self._thread.start()

    def _work(self, author: str) -> None:
        """On the thread; whatever happens, ``_take`` hears of it exactly once."""
        result: ReadSamples | Exception
        try:
            with Dictionary.open(self._dictionary.project) as reader:
                self._reader = reader
                reader.sign_as(author)
                reader.hidden.update()
                result = reader.search.snapshot_in_order()
        except Exception as error:  # noqa: BLE001 - raised again on the main thread
            result = error
        self._reader = None
        self._read.emit(result)

    @Slot(object)
    def _take(self, result: ReadSamples | Exception) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()  # telling this was the last it did
        if self._closed:
            return
        if isinstance(result, DictionaryError):
            return  # a file that cannot be read is reported by its next reader
        if isinstance(result, Exception):
            raise result
        self.index = self._dictionary.search.index(*result)
        self.index.read_again(self._meanwhile)
        if not self.index.catch_up():
            self.index = None
            self._read_soon.start()
            return
        self.ready.emit()
