"""Whole trainings: resumed to the last bit, stopped, cancelled, killed, without pictures."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
import torch

import core.engine.training.train as training
from core.dictionary.store import Dictionary
from core.engine.regression.checkpoints import load_regressor
from core.engine.training.checkpointing import StoredRun
from core.engine.training.train import train
from core.errors import DictionaryError, NoSuchRecordError, StudioError
from core.runs.observers import SilentObserver
from core.runs.run_folder import RunFolder, read_metrics
from core.runs.training_configuration import profile_configuration
from core.runs.training_control import TrainingControl, TrainingState
from core.types.fits import Origin, Verdict
from core.types.runs import RunStatus


class Watcher(SilentObserver):
    watches_batches = True

    def __init__(self, control=None, *, at=None, then=None):
        self.control, self.at, self.then = control, at, then
        self.states, self.seen, self.previews = [], [], []

    def metrics(self, metrics):
        self.seen += metrics
        if self.at is not None and self.seen[-1].iteration >= self.at:
            self.at = None
            self.then(self.control)

    def preview(self, preview):
        self.previews.append(preview)

    def state(self, state):
        self.states.append(state)


def everything(project, run_id):
    """Weights, optimiser, trust and the dictionary's fits, without what depends on the clock."""
    state = torch.load(RunFolder.of(project, run_id).last, weights_only=True)
    with Dictionary.open(project) as dictionary:
        fits = dictionary.fits.current(dictionary.search.ids().tolist())
        bodies = {
            sample_id: (
                fit.iteration,
                fit.losses,
                fit.parameters.pose_axis_angle.tobytes(),
                fit.parameters.betas.tobytes(),
            )
            for sample_id, fit in fits.items()
        }
    return state, bodies


def same(first, second):
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[k], second[k]) for k in first)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return first == second


def test_twenty_and_twenty_more_equal_forty_to_the_last_bit(project, quick, tmp_path):
    torch.set_num_threads(1)
    other = shutil.copytree(project, tmp_path / "other")
    whole = train(project, replace(quick, iterations=40))
    half = train(other, replace(quick, iterations=20))
    assert half.iterations == 20
    rest = train(other, replace(quick, iterations=40), resume_run=half.run_id)
    assert (rest.run_id, rest.iterations) == (half.run_id, 40)
    first, second = everything(project, whole.run_id), everything(other, half.run_id)
    assert first[0]["training"]["trust"]["evidence"] > 0
    assert same(first[0], second[0])
    assert first[1] == second[1]
    totals = [
        [metrics.losses for metrics in read_metrics(RunFolder.of(folder, whole.run_id).metrics)]
        for folder in (project, other)
    ]
    assert len(totals[0]) == 40
    assert totals[0] == totals[1]


def test_the_dictionary_gets_better_and_says_by_which_iteration(project, quick):
    watcher = Watcher()
    report = train(project, replace(quick, iterations=8), observer=watcher)
    assert report.state is TrainingState.FINISHED
    assert report.improved > 0
    assert report.after.median_loss_px2 < report.before.median_loss_px2
    with Dictionary.open(project) as dictionary:
        fits = dictionary.fits.current(dictionary.search.ids().tolist()).values()
        in_loop = [fit for fit in fits if fit.origin is Origin.IN_LOOP]
        assert in_loop
        assert all(fit.run_id == report.run_id and 1 <= fit.iteration <= 8 for fit in in_loop)
        assert dictionary.runs.all()[0].status is RunStatus.FINISHED
        assert dictionary.problems() == []
    assert load_regressor(report.checkpoint).backbone_name == "test_resnet"
    assert [item.iteration for item in watcher.seen] == list(range(1, 9))
    assert watcher.states[-1] is TrainingState.FINISHED
    preview = watcher.previews[0]
    assert preview.pictures.shape[1:] == (48, 48, 3)
    assert len(preview.prediction) == len(preview.fit) == len(preview.sample_ids)


def test_a_running_training_offers_nothing_for_what_was_corrected_since_it_began(project, quick):
    """It still holds the keypoints of its beginning; the next run reads the corrected ones."""

    class Correcting(Watcher):
        def started(self, run_id, configuration, said):
            with Dictionary.open(project) as dictionary:
                for sample_id in dictionary.search.ids().tolist():
                    keypoints = dictionary.samples.get(sample_id).keypoints_px.copy()
                    keypoints[:, 0] += (keypoints[:, 2] > 0) * 5.0
                    dictionary.corrections.set_keypoints(
                        sample_id,
                        keypoints,
                        compare=lambda _keypoints, bodies, _camera: [9e9] * len(bodies),
                    )

    assert train(project, replace(quick, iterations=2), observer=Correcting()).improved == 0
    assert train(project, replace(quick, iterations=2)).improved > 0


def test_a_training_goes_on_while_its_people_are_removed_and_put_back(project, quick):
    """What it offers for those who are away is refused, and nothing of theirs is left behind."""
    removed = []

    def remove(_control):
        with Dictionary.open(project) as dictionary:
            removed.append(dictionary.removals.people(dictionary.search.ids()[:3].tolist()))

    report = train(project, replace(quick, iterations=4), observer=Watcher(at=1, then=remove))
    assert report.state is TrainingState.FINISHED
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        dictionary.removals.put_back(removed[0].id)
        assert dictionary.problems() == []
        assert {fit.iteration for fit in dictionary.fits.history(1)} <= {None, 1, 2}


def test_a_stop_keeps_everything_and_can_be_resumed(project, quick):
    control = TrainingControl()
    watcher = Watcher(control, at=2, then=TrainingControl.stop)
    report = train(project, replace(quick, iterations=500), control=control, observer=watcher)
    assert report.stopped
    assert 2 <= report.iterations < 500
    resumed = train(
        project, replace(quick, iterations=report.iterations + 1), resume_run=report.run_id
    )
    assert resumed.iterations == report.iterations + 1


def test_a_cancel_takes_everything_back(project, quick):
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        before = {one: fit.id for one, fit in dictionary.fits.current(ids).items()}
    control = TrainingControl()
    watcher = Watcher(control, at=3, then=TrainingControl.cancel)
    report = train(project, replace(quick, iterations=500), control=control, observer=watcher)
    assert report.cancelled
    assert report.improved > 0
    assert report.withdrawn > 0
    assert not RunFolder.of(project, report.run_id).path.exists()
    with Dictionary.open(project) as dictionary:
        assert {one: fit.id for one, fit in dictionary.fits.current(ids).items()} == before


def test_a_cancel_after_a_resume_goes_back_to_the_resume(project, quick):
    kept = train(project, replace(quick, iterations=3))
    checkpoint = kept.checkpoint.read_bytes()
    control = TrainingControl()
    control.cancel()
    train(project, replace(quick, iterations=9), resume_run=kept.run_id, control=control)
    assert kept.checkpoint.read_bytes() == checkpoint
    resumed = train(project, replace(quick, iterations=4), resume_run=kept.run_id)
    assert resumed.iterations == 4


def test_a_pause_holds_and_a_resume_goes_on(project, quick):
    control = TrainingControl()

    def pause_for_a_moment(control):
        control.pause()
        threading.Timer(0.3, control.resume).start()

    watcher = Watcher(control, at=1, then=pause_for_a_moment)
    report = train(project, replace(quick, iterations=4), control=control, observer=watcher)
    assert report.iterations == 4
    assert TrainingState.PAUSED in watcher.states
    assert watcher.states[watcher.states.index(TrainingState.PAUSED) + 1] is TrainingState.RUNNING


def test_a_damaged_picture_is_named_and_the_night_goes_on(project, quick, tmp_path):
    with Dictionary.open(project) as dictionary:
        sample = dictionary.samples.get(int(dictionary.search.ids()[0]))
        lost = replace_picture(dictionary, sample, tmp_path / "nowhere.png")
    report = train(project, quick)
    assert report.iterations == quick.iterations
    assert len(report.picture_problems) == 1
    assert lost in report.picture_problems[0]


def replace_picture(dictionary, sample, path):
    dictionary._connection.execute(
        "UPDATE samples SET picture_path = ? WHERE id = ?", (str(path), sample.id)
    )
    return str(path)


def test_static_training_leaves_the_dictionary_alone(project, quick):
    report = train(project, replace(quick, static=True))
    assert report.improved == 0
    assert report.before == report.after


def test_final_training_takes_only_finished_fits(project, quick):
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        dictionary.verdicts.set(dict.fromkeys(ids[:6], Verdict.REJECTED), author="maria")
    watcher = Watcher()
    report = train(project, replace(quick, final=True, batch_size=10), observer=watcher)
    assert report.improved == 0
    assert all(item.samples <= 4 and item.share_valid == 1 for item in watcher.seen)


def test_an_accepted_fit_is_neither_replaced_nor_forgotten(project, quick):
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        accepted = {each_id: dictionary.fits.current_of(each_id).id for each_id in ids[:5]}
        dictionary.verdicts.set(dict.fromkeys(accepted, Verdict.ACCEPTED), author="maria")
    train(project, quick)
    with Dictionary.open(project) as dictionary:
        for sample_id, fit_id in accepted.items():
            assert dictionary.fits.current_of(sample_id).id == fit_id
            assert len(dictionary.fits.history(sample_id)) == 1


def test_a_run_that_never_was_cannot_be_resumed(project, quick):
    with pytest.raises(NoSuchRecordError, match="no run 77"):
        train(project, None, resume_run=77)


def test_a_run_that_trains_cannot_be_resumed_beside_itself(project, quick):
    class Impatient(Watcher):
        said = ""

        def started(self, run_id, configuration, said):
            with pytest.raises(DictionaryError, match="being worked on by process") as refused:
                train(project, None, resume_run=run_id)
            self.said = str(refused.value)

    impatient = Impatient()
    report = train(project, replace(quick, iterations=2), observer=impatient)
    assert f"Run {report.run_id} " in impatient.said
    assert report.state is TrainingState.FINISHED
    assert train(project, replace(quick, iterations=3), resume_run=report.run_id).iterations == 3


def test_a_resumed_run_refuses_another_network(project, quick):
    report = train(project, replace(quick, iterations=2))
    with pytest.raises(StudioError, match="learning_rate"):
        train(project, replace(quick, learning_rate=1.0), resume_run=report.run_id)


def test_downloads_need_permission(project, quick):
    with pytest.raises(StudioError, match="not allowed"):
        train(project, replace(quick, start_from="imagenet"))


def test_metrics_beyond_the_checkpoint_are_written_again(project, quick):
    """What a kill leaves: lines of iterations that no checkpoint has, the last one cut."""
    report = train(project, replace(quick, iterations=3))
    folder = RunFolder.of(project, report.run_id)
    lines = folder.metrics.read_text().splitlines()
    beyond = lines[-1].replace('"iteration": 3', '"iteration": 4')
    folder.metrics.write_text("\n".join([*lines, beyond, beyond[:30]]))
    train(project, replace(quick, iterations=5), resume_run=report.run_id)
    assert [metrics.iteration for metrics in read_metrics(folder.metrics)] == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert list(folder.tensorboard.glob("events.*"))


def poisoned(monkeypatch, *, iteration):
    """Let one batch of the next training hold a keypoint that is nowhere."""
    whole = training.crop_batches

    @contextmanager
    def with_poison(*args, **options):
        def spoilt(batches):
            for number, batch in enumerate(batches, start=options["after"] + 1):
                if number == iteration:
                    batch.keypoints_crop_px[0, 30, 0] = torch.nan
                    batch.keypoints_crop_px[0, 30, 2] = 1.0
                yield batch

        with whole(*args, **options) as batches:
            yield spoilt(batches)

    monkeypatch.setattr(training, "crop_batches", with_poison)


def test_a_run_that_diverges_fails_and_keeps_its_last_sound_checkpoint(project, quick, monkeypatch):
    poisoned(monkeypatch, iteration=5)
    watcher = Watcher()
    with pytest.raises(StudioError, match=r"iteration 5.*keypoints_2d.*learning rate"):
        train(project, replace(quick, checkpoint_every=2, iterations=9), observer=watcher)
    assert watcher.states[-1] is TrainingState.FAILED
    with Dictionary.open(project) as dictionary:
        run = dictionary.runs.all()[0]
        assert run.status is RunStatus.FAILED
        assert dictionary.problems() == []
    folder = RunFolder.of(project, run.id)
    stored = torch.load(folder.last, weights_only=True)
    assert stored["training"]["iteration"] == 4
    assert all(values.isfinite().all() for values in stored["model"].values())
    assert [metrics.iteration for metrics in read_metrics(folder.metrics)] == [1, 2, 3, 4]
    monkeypatch.undo()
    assert train(project, replace(quick, start_from=str(folder.last))).iterations == 6


def test_one_long_gradient_is_shortened_and_the_paper_takes_it_as_it_is(project, quick):
    report = train(project, replace(quick, static=True, gradient_norm_limit=1e-12, iterations=2))
    moments = StoredRun(report.checkpoint)._training["optimiser"]["state"]
    assert max(float(moment["exp_avg"].norm()) for moment in moments.values()) < 1e-12
    assert profile_configuration("paper").gradient_norm_limit == 0
    assert profile_configuration("studio").gradient_norm_limit > 0
