"""Makes a dictionary of hundreds of thousands of people in bulk SQL, within a minute.

Nothing is read from pictures of people: a few dozen painted pictures are shared by all samples, and
bodies come from a small stock. The columns that lists are sorted and filtered by are different for
every sample, and spread as they are in a real project.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from core.dictionary.assessment.derived_flags import derive_fit_flags, derive_keypoint_flags
from core.dictionary.recovery.check_dictionary import check_dictionary
from core.dictionary.storage.blobs import to_blob
from core.dictionary.storage.connection import BUSY_TIMEOUT_S, Connection
from core.dictionary.storage.project_folder import database_of, open_database
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.flags import FlagName
from core.types.limits import VALID_COMPARISON_LOSS_PX2, VALID_MAX_ABS_BETA

PICTURES = 48
PICTURE_SIDE_PX = 320
BODIES = 512
CHUNK = 20_000

_RAISED = (
    FlagName.ORIENTATION,
    FlagName.PART_ORIENTATION,
    FlagName.DEPTH,
    FlagName.POSE,
    FlagName.DISAGREEMENT,
)
_VERDICTS = ("none", "none", "none", "none", "accepted", "accepted", "rejected", "unsure")
_ORIGINS = ("mean", "lifter", "in-loop", "in-loop", "in-loop", "refit")
_DATASETS = ("coco", "mpii", "lsp", "lspet", "h36m")


def big_dictionary(project: Path, *, people: int, seed: int = 0) -> Path:
    """The project with this many people, made where it is not there yet."""
    if (project / "dictionary.db").is_file():
        with Dictionary.open(project) as dictionary:
            if dictionary.search.count() == people:
                return project
        raise StudioError(
            f"{project} holds a dictionary of another size.", remedy="Name another folder."
        )
    Dictionary.create(project).close()
    generator = np.random.default_rng(seed)
    pictures = _paint_pictures(project / "pictures", generator)
    bodies = _body_blobs(generator)
    connection = open_database(database_of(project), busy_timeout_s=BUSY_TIMEOUT_S)
    try:
        with _bulk(connection):
            run_ids = _add_runs(connection)
            for first in range(0, people, CHUNK):
                count = min(CHUNK, people - first)
                _add_people(
                    connection,
                    first,
                    count,
                    generator,
                    pictures=pictures,
                    bodies=bodies,
                    run_ids=run_ids,
                )
    finally:
        connection.close()
    return project


def check(project: Path) -> list[str]:
    """What is unsound in the made dictionary; empty where all is well."""
    connection = open_database(database_of(project), busy_timeout_s=BUSY_TIMEOUT_S)
    try:
        return check_dictionary(connection)
    finally:
        connection.close()


def _paint_pictures(folder: Path, generator: np.random.Generator) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(PICTURES):
        small = generator.integers(40, 220, (6, 6, 3), dtype=np.uint8)
        pixels = cv2.resize(small, (PICTURE_SIDE_PX, PICTURE_SIDE_PX))
        path = folder / f"{number:012d}.jpg"
        cv2.imwrite(str(path), pixels)
        paths.append(path.resolve())
    return paths


def _body_blobs(generator: np.random.Generator) -> list[tuple[bytes, bytes, bytes]]:
    blobs = []
    for _ in range(BODIES):
        pose = generator.normal(0, 0.25, 72).astype(np.float32)
        pose[:3] = np.pi, 0, 0
        betas = generator.normal(0, 0.8, 10).astype(np.float32)
        camera = np.array([0, 0.1, 42], np.float32)
        blobs.append((to_blob(pose), to_blob(betas), to_blob(camera)))
    return blobs


@contextmanager
def _bulk(connection: Connection) -> Iterator[None]:
    """One transaction without indexes and triggers, which are made again at its end."""
    made = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema "
        "WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    )
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA foreign_keys = OFF")
    with connection.writing():
        for kind, name, _sql in made:
            connection.execute(f"DROP {kind} {name}")
        yield
        for _kind, _name, sql in made:
            connection.execute(sql)
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _add_runs(connection: Connection) -> list[int]:
    now = "2026-10-01T00:00:00.000000+00:00"
    connection.execute_many(
        "INSERT INTO runs (kind, configuration, seed, versions, started_at, ended_at, status) "
        "VALUES ('training', '{}', 0, '{}', ?, ?, 'finished')",
        [(now, now)] * 4,
    )
    return [run_id for (run_id,) in connection.execute("SELECT id FROM runs")]


def _add_people(
    connection: Connection,
    first: int,
    count: int,
    generator: np.random.Generator,
    *,
    pictures: list[Path],
    bodies: list[tuple[bytes, bytes, bytes]],
    run_ids: list[int],
) -> None:
    numbers = np.arange(first + 1, first + count + 1)
    columns = _columns(numbers, generator, run_ids)
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    for row in rows:
        row["picture_path"] = str(pictures[row["id"] % len(pictures)])
    places = ", ".join(f":{name}" for name in rows[0])
    connection.execute_many(f"INSERT INTO samples ({', '.join(rows[0])}) VALUES ({places})", rows)
    keypoints = [to_blob(generator.random((49, 3), dtype=np.float32) * 200) for _ in range(64)]
    connection.execute_many(
        "INSERT INTO annotations (sample_id, keypoints_px) VALUES (?, ?)",
        [(row["id"], keypoints[row["id"] % len(keypoints)]) for row in rows],
    )
    connection.execute_many(
        _INSERT_FIT, [_fit_row(row, bodies) for row in rows if row["current_fit_id"]]
    )
    connection.execute_many(
        "INSERT INTO flags (name, sample_id, score, reason) VALUES (?, ?, ?, '')",
        [flag for row in rows for flag in _flags(row, generator)],
    )
    derive_keypoint_flags(connection, numbers)
    derive_fit_flags(connection, numbers)


_INSERT_FIT = """
INSERT INTO fits (
    id, sample_id, pose_axis_angle, betas, camera_translation, reprojection_loss, pose_prior_loss,
    angle_prior_loss, shape_prior_loss, depth_loss, pull_loss, comparison_loss, max_abs_beta,
    depth_m, origin, run_id, iteration, created_at, runner_up, pose_valid, shape_valid, verdict
) VALUES (
    :current_fit_id, :id, :pose, :betas, :camera, :current_loss, :current_pose_prior, 4, 6, 0, 0,
    :current_loss, :current_max_abs_beta, :current_depth_m, :current_origin, :current_run_id, 100,
    :current_created_at, 0, :pose_valid, :shape_valid, :current_verdict
)"""


def _columns(
    numbers: np.ndarray, generator: np.random.Generator, run_ids: list[int]
) -> dict[str, list[object]]:
    """The columns of new samples by name; one in thirty has no fit.

    Every fit is assessed: the window would assess the others meanwhile, which is another benchmark.
    """
    count = len(numbers)
    fitted = generator.random(count) > 1 / 30
    wrong = generator.beta(0.6, 3.0, count)  # how wrong the fit is; the other numbers follow
    loss = np.exp(generator.normal(2.3, 0.7, count) + 2.2 * wrong)
    usable = generator.integers(0, 34, count)
    origin = generator.choice(_ORIGINS, count)
    from_run = np.isin(origin, ["in-loop", "refit"])
    seconds = generator.integers(0, 50 * 86400, count)
    times = np.datetime64("2026-10-01T00:00:00.000000") + seconds.astype("timedelta64[s]")
    return {
        "id": numbers.tolist(),
        "name": [
            f"{number // 3 * 7919 % 1_000_003:012d}.jpg · {number % 3}"
            for number in numbers.tolist()
        ],
        "picture_path": [""] * count,
        "picture_width_px": [PICTURE_SIDE_PX] * count,
        "picture_height_px": [PICTURE_SIDE_PX] * count,
        "dataset": generator.choice(_DATASETS, count).tolist(),
        "person_key": [str(number) for number in numbers.tolist()],
        "box_center_x_px": [160.0] * count,
        "box_center_y_px": [160.0] * count,
        "box_scale": [1.2] * count,
        "visible_keypoints": (usable + 4).tolist(),
        "usable_keypoints": usable.tolist(),
        "imported_at": [
            f"2026-09-{1 + number % 28:02d}T00:00:00.000000+00:00" for number in numbers
        ],
        "current_fit_id": _where(fitted, numbers),
        "current_loss": _where(fitted, loss),
        "current_verdict": _where(fitted, generator.choice(_VERDICTS, count)),
        "current_origin": _where(fitted, origin),
        "current_max_abs_beta": _where(fitted, np.abs(generator.normal(1.2, 0.6, count)) + wrong),
        "current_depth_m": _where(fitted, generator.normal(42, 6, count)),
        "current_pose_prior": _where(fitted, np.exp(generator.normal(4, 0.4, count))),
        "current_created_at": _where(fitted, np.char.add(times.astype(str), "+00:00")),
        "current_run_id": _where(fitted & from_run, generator.choice(run_ids, count)),
        "assessed_at": _where(fitted, np.full(count, "2026-11-20T00:00:00.000000+00:00")),
        "suspicion": _where(fitted, wrong),
        "informativeness": _where(fitted, 1 - np.abs(2 * wrong - 1)),
        "disagreement_deg": _where(fitted & from_run, 4 + 60 * wrong * generator.random(count)),
        "error_2d_px": _where(fitted, np.sqrt(loss) * 0.8),
        "error_3d_mm": _where(fitted & (generator.random(count) < 0.4), 30 + 150 * wrong),
        "corrections": (generator.random(count) < 0.01).astype(int).tolist(),
    }


def _where(holds: np.ndarray, values: np.ndarray) -> list[object]:
    return [one if there else None for there, one in zip(holds, values.tolist(), strict=True)]


def _fit_row(row: dict[str, object], bodies: list[tuple[bytes, bytes, bytes]]) -> dict[str, object]:
    pose, betas, camera = bodies[int(str(row["id"])) % len(bodies)]
    return {
        **row,
        "pose": pose,
        "betas": betas,
        "camera": camera,
        "pose_valid": int(float(str(row["current_loss"])) < VALID_COMPARISON_LOSS_PX2),
        "shape_valid": int(float(str(row["current_max_abs_beta"])) <= VALID_MAX_ABS_BETA),
    }


def _flags(
    row: dict[str, object], generator: np.random.Generator
) -> Iterator[tuple[str, object, float]]:
    """The flags of an assessment."""
    suspicion = row["suspicion"]
    if isinstance(suspicion, float):
        for name in _RAISED:
            if generator.random() < 0.3 * suspicion:
                yield name, row["id"], suspicion
