"""The corrector on threads of its own: loaded before it is needed, and told to refit."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from core.progress import CancelToken, Progress, ProgressCallback
from core.types.bodies import BodyParameters
from core.types.detected_landmarks import DetectedLandmarks
from core.types.samples import Sample
from spin_gui.correcting.sample_edits import CorrectorSource
from spin_gui.jobs.thread_host import JobHost


class BackgroundCorrector(QObject):
    """Runs one refit, and one loading of the corrector, at a time."""

    prepared = Signal()
    """The loading ended; ``is_ready`` tells whether it worked."""
    refitted = Signal(object)
    """A ``HandMadeBody``, or None where the refit was stopped or broke."""
    failed = Signal(object)
    """An ``ErrorReport``."""
    phase_changed = Signal(str)
    """What is being done, in words: corrections have no job line of their own."""

    def __init__(self, correctors: CorrectorSource, parent: QObject) -> None:
        super().__init__(parent)
        self._correctors = correctors
        self._refit_host: JobHost | None = None
        self._loading_host: JobHost | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a body can be measured at once."""
        return self._correctors.is_ready

    @property
    def refitting(self) -> bool:
        """Whether a refit is running."""
        return self._refit_host is not None

    @property
    def preparing(self) -> bool:
        """Whether the corrector is being loaded."""
        return self._loading_host is not None

    def prepare(self) -> None:
        """Load the corrector before the first edit asks for it."""
        if self.is_ready or self.preparing:
            return
        correctors = self._correctors

        def work(_progress: ProgressCallback, _cancel: CancelToken) -> object:
            return correctors.get()

        self._loading_host = JobHost("Preparing corrections", work, parent=self)
        self._loading_host.finished.connect(self._on_prepared)
        self._start(self._loading_host)

    def refit(
        self,
        sample: Sample,
        parameters: BodyParameters | None,
        *,
        stay_near: bool,
        detection: DetectedLandmarks | None = None,
    ) -> None:
        """Have SMPLify fit a sample from a body; without one from the mean pose."""
        correctors = self._correctors

        def work(_progress: ProgressCallback, cancel: CancelToken) -> object:
            return correctors.get().refitted(
                sample, parameters, stay_near=stay_near, detection=detection, cancel=cancel
            )

        self._refit_host = JobHost(f"Refitting {sample.name}", work, parent=self)
        self._refit_host.finished.connect(self._on_refitted)
        self._start(self._refit_host)

    def cancel_refit(self) -> None:
        """Stop the refit that is running."""
        if self._refit_host is not None:
            self._refit_host.cancel()

    def close(self) -> None:
        """End the threads; no signal comes after this."""
        for host in (self._refit_host, self._loading_host):
            if host is not None:
                host.abandon()
        self._refit_host = self._loading_host = None

    def _start(self, host: JobHost) -> None:
        host.progressed.connect(self._on_progress)
        host.failed.connect(self.failed)
        host.start()

    @Slot(object)
    def _on_progress(self, progress: Progress) -> None:
        self.phase_changed.emit(progress.phase)

    @Slot(object)
    def _on_refitted(self, body: object) -> None:
        host, self._refit_host = self._refit_host, None
        if host is not None:
            host.deleteLater()
        self.refitted.emit(body)

    @Slot(object)
    def _on_prepared(self, _corrector: object) -> None:
        host, self._loading_host = self._loading_host, None
        if host is not None:
            host.deleteLater()
        self.prepared.emit()
