"""What the dictionary knows of samples, remembered for those that were looked at last."""

from __future__ import annotations

from collections.abc import Iterable

from core.dictionary.store import Dictionary
from core.errors import NoSuchRecordError
from core.types.fits import Fit
from core.types.predictions import Prediction
from core.types.samples import Sample, SampleRow
from spin_gui.session.record_cache import SampleCache

REMEMBERED_SAMPLES = 256

_FIT_KINDS = ("current_fit", "first_fit", "prediction", "history")


class SampleRecords:
    """Reads samples, fits and predictions by sample id; on the thread of its dictionary."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._cache = SampleCache(max_samples=REMEMBERED_SAMPLES)

    def sample(self, sample_id: int) -> Sample:
        """The sample's box and keypoints."""
        return self._cache.get("sample", sample_id, self._dictionary.samples.get)

    def current_fit(self, sample_id: int) -> Fit | None:
        """The fit the dictionary holds to be the best."""
        return self._cache.get("current_fit", sample_id, self._dictionary.fits.current_of)

    def first_fit(self, sample_id: int) -> Fit | None:
        """The first SMPLify fit of the sample."""
        return self._cache.get("first_fit", sample_id, self._dictionary.fits.first_of)

    def prediction(self, sample_id: int) -> Prediction | None:
        """The regressor's latest output."""
        return self._cache.get("prediction", sample_id, self._dictionary.predictions.latest_of)

    def history(self, sample_id: int) -> list[Fit]:
        """Every fit the sample ever had, newest first."""
        return self._cache.get("history", sample_id, self._dictionary.fits.history)

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
        return self._dictionary.search.rows_there(sample_ids)

    def forget_fits(self, sample_ids: Iterable[int]) -> None:
        """Read fits and predictions of these samples again when asked for."""
        self._cache.forget(sample_ids, kinds=_FIT_KINDS)

    def forget_samples(self, sample_ids: Iterable[int]) -> None:
        """Read boxes and keypoints of these samples again when asked for, too."""
        self._cache.forget(sample_ids, kinds=("sample",))

    def forget_changed(self) -> set[int]:
        """Forget all fits; the ids of samples whose current fit, verdict or prediction changed."""
        fits = self._cache.peek("current_fit")
        predictions = self._cache.peek("prediction")
        self.forget_fits(self._cache.sample_ids())
        self.forget_samples(self._cache.sample_ids())
        fits_now = self._dictionary.fits.current(list(fits))
        changed = {
            sample_id
            for sample_id, fit in fits.items()
            if _identity(fit) != _identity(fits_now.get(sample_id))
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
