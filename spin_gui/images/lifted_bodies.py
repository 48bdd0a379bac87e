"""Bodies that the lifting network makes of samples, a few at a time, in the engine's process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from core.types.bodies import BodyParameters
from core.types.samples import Sample
from core.workflows.engine_process import BROKEN, LIFT, LIFTED, FlagRequest, LiftRequest
from spin_gui.images.lru_cache import ByteCache

REMEMBERED = 4096
TOGETHER = 6
"""Asked for at once: about the rows in sight. Who scrolls on waits for no more than these."""

_Key = tuple[int, bytes]
"""A sample and its keypoints: who corrects them gets another body."""


class LiftingEngine(Protocol):
    """What is needed of ``spin_gui.jobs.engine_process.EngineProcess``."""

    answered: SignalInstance
    ended: SignalInstance

    def ask(self, request: FlagRequest | LiftRequest) -> None:
        """Have something done."""

    def keep_for(self, user: str, *, needed: bool) -> None:
        """Say whether somebody waits for answers."""


class LiftedBodyCache(QObject):
    """Lifts what is wanted and remembers it; all methods belong to the main thread."""

    ready = Signal(int)
    """The id of a sample whose body is known now, or cannot be made."""

    def __init__(self, engine: LiftingEngine) -> None:
        super().__init__()
        self._engine = engine
        self._known: ByteCache[_Key, BodyParameters | None] = ByteCache(REMEMBERED)
        self._wanted: dict[_Key, None] = {}
        self._asked: dict[int, _Key] = {}
        self._failed: set[_Key] = set()
        self._closed = False
        engine.answered.connect(self._on_answer)
        engine.ended.connect(self._on_ended)

    def get(self, sample: Sample) -> BodyParameters | None:
        """The body, where it is known."""
        return self._known.get(_key(sample))

    def is_settled(self, sample: Sample) -> bool:
        """Whether the body is known, or it is known that there is none."""
        return _key(sample) in self._known

    def want(self, samples: Sequence[Sample]) -> None:
        """Lift these, the first ones first; what was wanted before and is not begun is dropped."""
        self._wanted = {key: None for one in samples if (key := _key(one)) not in self._known}
        self._ask()

    def close(self) -> None:
        """Ask for nothing any more."""
        self._closed = True
        self._wanted.clear()
        self._asked.clear()
        self._engine.keep_for(LIFT, needed=False)

    def _ask(self) -> None:
        if not self._asked and self._wanted:
            self._asked = {key[0]: key for key in list(self._wanted)[:TOGETHER]}
            self._engine.ask(LiftRequest(tuple(self._asked)))
        self._engine.keep_for(LIFT, needed=bool(self._asked))

    @Slot(str, object)
    def _on_answer(self, name: str, content: Mapping[str, Any]) -> None:
        if self._closed:
            return
        if name == LIFTED:
            self._take({int(one): _body_of(parts) for one, parts in content.items()})
        elif name == BROKEN and content["work"] == LIFT:
            self._try_again()

    @Slot(str)
    def _on_ended(self, _last_words: str) -> None:
        if not self._closed:
            self._try_again()

    def _try_again(self) -> None:
        """Ask once more for what got no answer; who got none twice is not lifted."""
        failed = [key for key in self._asked.values() if key not in self._failed]
        self._failed.update(failed)
        if failed:
            self._asked.clear()
            self._ask()
        else:
            self._take(dict.fromkeys(self._asked))

    def _take(self, bodies: Mapping[int, BodyParameters | None]) -> None:
        asked, self._asked = self._asked, {}
        for sample_id, key in asked.items():
            self._known.put(key, bodies.get(sample_id), 1)
            self._wanted.pop(key, None)
        for sample_id in asked:
            self.ready.emit(sample_id)
        self._ask()


def _body_of(parts: Sequence[Sequence[float]] | None) -> BodyParameters | None:
    if parts is None:
        return None
    return BodyParameters(*(np.array(part, dtype=np.float32) for part in parts))


def _key(sample: Sample) -> _Key:
    return sample.id, sample.keypoints_crop_px.tobytes()
