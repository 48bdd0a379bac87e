"""Bodies that the lifting network makes of samples, a few at a time, in the engine's process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple, Protocol

from PySide6.QtCore import SignalInstance, Slot

from core.types.bodies import BodyParameters, CropCamera
from core.types.samples import Sample
from core.workflows.engine_process import (
    BROKEN,
    LIFT,
    LIFTED,
    FlagRequest,
    LiftRequest,
    body_from_lists,
)
from spin_gui.images.produced_cache import AHEAD, ProducedCache

REMEMBERED = 4096
TOGETHER = 6
"""Asked for at once: about the rows in sight. Scrolling on waits for no more than these."""


class LiftKey(NamedTuple):
    """A sample with its keypoints and camera, which make another body once they are corrected."""

    sample_id: int
    keypoints: bytes
    camera: CropCamera

    @classmethod
    def of(cls, sample: Sample) -> LiftKey:
        """The key of a sample as it is now."""
        return cls(sample.id, sample.fitted_keypoints_crop_px.tobytes(), sample.crop_camera)


class LiftingEngine(Protocol):
    """What is needed of ``spin_gui.jobs.engine_process.EngineProcess``."""

    answered: SignalInstance
    ended: SignalInstance

    def ask(self, request: FlagRequest | LiftRequest) -> None:
        """Have something done."""

    def keep_for(self, user: str, *, needed: bool) -> None:
        """Say whether this user waits for answers."""


class LiftedBodyCache(ProducedCache[LiftKey, BodyParameters | None]):
    """Lifts what is requested; None is the value of a sample that the network makes no body of."""

    def __init__(self, engine: LiftingEngine) -> None:
        super().__init__(budget=REMEMBERED, size_of=lambda _body: 1)
        self._engine = engine
        self._asked: dict[LiftKey, Future[BodyParameters | None]] = {}
        self._unanswered: set[LiftKey] = set()
        engine.answered.connect(self._on_answer)
        engine.ended.connect(self._on_ended)

    def request_samples(self, samples: Sequence[Sample]) -> None:
        """Lift these and no others, the first ones first."""
        self.request({LiftKey.of(sample): AHEAD for sample in samples})
        self._ask_for_next()

    def close(self) -> None:
        """Ask for nothing any more."""
        super().close()
        self._engine.keep_for(LIFT, needed=False)

    def _produce(self, key: LiftKey, priority: int) -> Future[BodyParameters | None]:  # noqa: ARG002
        """A future that waits for its turn in ``_ask_for_next``."""
        return Future()

    def _ask_for_next(self) -> None:
        if not self._asked:
            requested = [key for key in self._requested if key in self._pending]
            pending = {key: self._pending[key][0] for key in requested}
            waiting = [key for key in requested if not _has_begun(pending[key])]
            self._asked = {key: pending[key] for key in waiting[:TOGETHER]}
            for future in self._asked.values():
                future.set_running_or_notify_cancel()
            self._ask()
        self._engine.keep_for(LIFT, needed=bool(self._asked))

    def _ask(self) -> None:
        if self._asked:
            self._engine.ask(LiftRequest(tuple(key.sample_id for key in self._asked)))

    @Slot(str, object)
    def _on_answer(self, name: str, content: Mapping[str, Any]) -> None:
        if self._closed:
            return
        if name == LIFTED:
            self._take(
                {int(sample_id): body_from_lists(parts) for sample_id, parts in content.items()}
            )
        elif name == BROKEN and content["work"] == LIFT:
            self._try_again()

    @Slot(str)
    def _on_ended(self, _last_words: str) -> None:
        if not self._closed:
            self._try_again()

    def _try_again(self) -> None:
        """Ask once more for what got no answer; what got none twice is not lifted."""
        if self._asked.keys() <= self._unanswered:
            self._take({})
        else:
            self._unanswered.update(self._asked)
            self._ask()

    def _take(self, bodies: Mapping[int, BodyParameters | None]) -> None:
        asked, self._asked = self._asked, {}
        for key, future in asked.items():
            future.set_result(bodies.get(key.sample_id))
        self._ask_for_next()


def _has_begun(future: Future[BodyParameters | None]) -> bool:
    return future.running() or future.done()
