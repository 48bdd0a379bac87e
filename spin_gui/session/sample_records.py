"""What the dictionary knows of samples, remembered for those that were looked at last."""

from __future__ import annotations

from collections.abc import Iterable

from core.dictionary.store import Dictionary
from core.errors import NoSuchRecordError
from core.types.fits import Fit
from core.types.predictions import Prediction
from core.types.samples import Sample, SampleRow
from spin_gui.session.hidden_verdicts import HiddenVerdicts
from spin_gui.session.record_cache import SampleCache

REMEMBERED_SAMPLES = 256

_FIT_KINDS = ("current_fit", "first_fit", "prediction", "history")


class SampleRecords:
    """Reads samples, fits and predictions by sample id; on the thread of its dictionary."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._cache = SampleCache(max_samples=REMEMBERED_SAMPLES)
        self.hidden = HiddenVerdicts()
        """What a reviewer who is asked for a second opinion is not shown."""
        self.update_hidden()

    def sample(self, sample_id: int) -> Sample:
        """The sample's box and keypoints."""
        return self._cache.get("sample", sample_id, self._dictionary.samples.get)

    def current_fit(self, sample_id: int) -> Fit | None:
        """The fit the dictionary holds to be the best."""
        fit = self._cache.get("current_fit", sample_id, self._dictionary.fits.current_of)
        return self.hidden.fit(fit)

    def first_fit(self, sample_id: int) -> Fit | None:
        """The first SMPLify fit of the sample."""
        return self._cache.get("first_fit", sample_id, self._dictionary.fits.first_of)

    def prediction(self, sample_id: int) -> Prediction | None:
        """The regressor's latest output."""
        return self._cache.get("prediction", sample_id, self._dictionary.predictions.latest_of)

    def history(self, sample_id: int) -> list[Fit]:
        """Every fit the sample ever had, newest first."""
        fits = self._cache.get("history", sample_id, self._dictionary.fits.history)
        return self.hidden.fits(fits)

    def people_beside(self, sample_id: int) -> list[int]:
        """The other samples of the same picture, in their order."""
        ids = self._dictionary.manual_people.in_picture(sample_id)
        return [other_id for other_id in ids if other_id != sample_id]

    def row(self, sample_id: int) -> SampleRow:
        """Name, flags and verdict of one sample, as the list shows them; never from the memory."""
        rows = self.rows([sample_id])
        if not rows:
            raise NoSuchRecordError(f"The project has no sample {sample_id}.")
        return rows[0]

    def rows(self, sample_ids: Iterable[int]) -> list[SampleRow]:
        """The same of many, in their order; those that are gone are left out."""
        return [self.hidden.row(row) for row in self._dictionary.search.rows_there(sample_ids)]

    def update_hidden(self) -> None:
        """Look again which verdicts the reviewer must not see."""
        self.hidden.fit_ids = self.to_be_hidden()

    def to_be_hidden(self) -> frozenset[int]:
        """The fits whose verdicts the reviewer must not see by now."""
        author = self._dictionary.author
        asked = self._dictionary.shares.asked_of(author)
        return asked | self._dictionary.known_cases.waiting_for(author)

    def forget_fits(self, sample_ids: Iterable[int]) -> None:
        """Read fits and predictions of these samples again when asked for."""
        self._cache.forget(sample_ids, kinds=_FIT_KINDS)

    def forget_samples(self, sample_ids: Iterable[int]) -> None:
        """Read boxes and keypoints of these samples again when asked for, too."""
        self._cache.forget(sample_ids, kinds=("sample",))

    def forget_changed(self) -> set[int]:
        """Forget all fits; the ids of samples whose current fit, verdict or prediction changed."""
        fits = self._cache.peek("current_fit")
        hidden_before = self.hidden.fit_ids
        self.update_hidden()
        shown_otherwise = hidden_before ^ self.hidden.fit_ids
        predictions = self._cache.peek("prediction")
        self.forget_fits(self._cache.sample_ids())
        self.forget_samples(self._cache.sample_ids())
        fits_now = self._dictionary.fits.current(list(fits))
        changed = {
            sample_id
            for sample_id, fit in fits.items()
            if _identity(fit) != _identity(fits_now.get(sample_id))
            or (isinstance(fit, Fit) and fit.id in shown_otherwise)
        }
        return changed | {
            sample_id
            for sample_id, prediction in predictions.items()
            if _identity(prediction) != _identity(self.prediction(sample_id))
        }


def _identity(record: object) -> tuple[object, ...] | None:
    """Equal for records that look the same on screen."""
    if isinstance(record, Fit):
        return record.id, record.verdict
    if isinstance(record, Prediction):
        return record.created_at, record.run_id, record.iteration
    return None
