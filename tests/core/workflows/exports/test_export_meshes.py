"""Meshes are where the project has them, before the camera that their file names."""

from __future__ import annotations

import csv
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh

from core.errors import Cancelled, UserFileError
from core.geometry.crop_camera import project_to_crop
from core.progress import CancelToken
from core.types.bodies import camera_batch
from core.workflows.exports.export_meshes import export_glb, export_obj, export_ply
from core.workflows.exports.export_request import ExportOptions

EXPORTS = {".obj": export_obj, ".ply": export_ply, ".glb": export_glb}


def expected_px(people, display_body, sample_id: int) -> np.ndarray:
    """Where the project's camera sees the mesh, in pixels of the picture, (V, 2)."""
    sample, body = people.dictionary.samples.get(sample_id), people.body(sample_id)
    vertices = display_body.vertices(body).astype(np.float64)
    cameras = camera_batch([body.camera]).converted(lambda part: part.astype(np.float64))
    crop = project_to_crop(vertices[None], body.camera_translation[None].astype(float), cameras)[0]
    return np.asarray(sample.box.crop_to_picture(crop), np.float64)


def seen_px(vertices: np.ndarray, focal: float, principal: tuple[float, float]) -> np.ndarray:
    return np.stack(
        [
            principal[0] + focal * vertices[:, 0] / -vertices[:, 2],
            principal[1] - focal * vertices[:, 1] / -vertices[:, 2],
        ],
        axis=1,
    )


def camera_in_comments(text: str) -> tuple[float, tuple[float, float]]:
    number = r"(-?[\d.e+-]+)"
    found = re.search(rf"\({number} \+ {number} x / -z, {number} - {number} y / -z\)", text)
    assert found is not None
    c_x, f, c_y, again = map(float, found.groups())
    assert f == again
    return f, (c_x, c_y)


class Glb:
    """A GLB read from the specification alone, skins included."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        magic, version, length = struct.unpack_from("<4sII", data)
        assert (magic, version, length) == (b"glTF", 2, len(data))
        size, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON"
        self.gltf = json.loads(data[20 : 20 + size])
        self._binary = data[20 + size + 8 :]

    def array(self, index: int) -> np.ndarray:
        accessor = self.gltf["accessors"][index]
        view = self.gltf["bufferViews"][accessor["bufferView"]]
        dtype = {5126: "<f4", 5125: "<u4", 5121: "u1"}[accessor["componentType"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}[accessor["type"]]
        count = accessor["count"] * width
        numbers = np.frombuffer(self._binary, dtype, count, view["byteOffset"])
        return numbers.reshape(accessor["count"], width)

    def attribute(self, mesh: int, name: str) -> np.ndarray:
        (primitive,) = self.gltf["meshes"][mesh]["primitives"]
        return self.array(primitive["attributes"][name])

    def nodes_at(self) -> dict[int, np.ndarray]:
        """The global transform of each node."""
        at: dict[int, np.ndarray] = {}

        def place(index: int, above: np.ndarray) -> None:
            node = self.gltf["nodes"][index]
            own = np.eye(4)
            x, y, z, w = node.get("rotation", (0, 0, 0, 1))
            own[:3, :3] = [
                [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
            ]
            own[:3, 3] = node.get("translation", (0, 0, 0))
            at[index] = above @ own
            for child in node.get("children", ()):
                place(child, at[index])

        for root in self.gltf["scenes"][0]["nodes"]:
            place(root, np.eye(4))
        return at

    def vertices(self, mesh: int) -> np.ndarray:
        """Of a mesh as a viewer shows it: skinned where it has a skin."""
        (node,) = (node for node in self.gltf["nodes"] if node.get("mesh") == mesh)
        rest = self.attribute(mesh, "POSITION").astype(np.float64)
        if "skin" not in node:
            return rest
        skin = self.gltf["skins"][node["skin"]]
        inverse = self.array(skin["inverseBindMatrices"]).reshape(-1, 4, 4).swapaxes(1, 2)
        at = self.nodes_at()
        moves = np.stack([at[joint] for joint in skin["joints"]]) @ inverse
        joints, weights = self.attribute(mesh, "JOINTS_0"), self.attribute(mesh, "WEIGHTS_0")
        blended = (weights[..., None, None] * moves[joints]).sum(axis=1)
        return np.einsum("vab,vb->va", blended[:, :3], np.c_[rest, np.ones(len(rest))])


@pytest.mark.parametrize("suffix", [".obj", ".ply"])
def test_each_mesh_lies_on_its_person_by_the_camera_in_its_comments(
    people, tmp_path, display_body, suffix
):
    out = tmp_path / "meshes"
    report = EXPORTS[suffix](people.dictionary, people.request(out))
    assert report.files == report.bodies == 2
    for sample_id, name in ((people.good, "scene_0_100"), (people.accepted, "scene_0_101")):
        path = out / f"{name}{suffix}"
        mesh = trimesh.load(path, process=False, maintain_order=True)
        focal, principal = camera_in_comments(path.read_bytes()[:2000].decode("latin-1"))
        expected = expected_px(people, display_body, sample_id)
        np.testing.assert_allclose(seen_px(mesh.vertices, focal, principal), expected, atol=0.01)
        np.testing.assert_array_equal(mesh.faces, display_body.faces)
        assert mesh.is_watertight
        assert mesh.volume > 0, "faces look outwards"


@pytest.mark.parametrize("skeleton", [True, False])
def test_a_glb_shows_the_body_where_its_camera_sees_it(people, tmp_path, display_body, skeleton):
    request = people.request(tmp_path / "glb", options=ExportOptions(skeleton=skeleton))
    export_glb(people.dictionary, request)
    glb = Glb(tmp_path / "glb" / "scene_0_101.glb")
    assert ("skins" in glb.gltf) is skeleton
    extras = glb.gltf["cameras"][0]["extras"]
    vertices = glb.vertices(0)
    pixels = seen_px(vertices, extras["focal_length_px"], extras["principal_point_px"])
    expected = expected_px(people, display_body, people.accepted)
    np.testing.assert_allclose(pixels, expected, atol=0.01)
    body = people.body(people.accepted)
    shape = display_body.vertices(body)
    sides = np.linalg.norm(np.diff(shape[::300], axis=0), axis=1)
    same = np.linalg.norm(np.diff(vertices[::300], axis=0), axis=1)
    np.testing.assert_allclose(same, sides, atol=1e-4)
    assert glb.gltf["nodes"][1]["extras"]["sample_id"] == people.accepted
    np.testing.assert_allclose(glb.gltf["nodes"][1]["extras"]["betas"], body.betas)


def test_a_skin_keeps_to_what_readers_need(people, tmp_path):
    export_glb(people.dictionary, people.request(tmp_path / "glb"))
    glb = Glb(tmp_path / "glb" / "scene_0_100.glb")
    joints, weights = glb.attribute(0, "JOINTS_0"), glb.attribute(0, "WEIGHTS_0")
    np.testing.assert_allclose(weights.sum(axis=1, dtype=np.float32), 1, atol=2e-7)
    assert not joints[weights == 0].any()
    (mesh,) = (node for node in glb.gltf["nodes"] if "mesh" in node)
    assert not {"translation", "rotation", "scale", "matrix"} & mesh.keys()
    assert glb.gltf["nodes"].index(mesh) in glb.gltf["scenes"][0]["nodes"]
    names = [glb.gltf["nodes"][joint]["name"] for joint in glb.gltf["skins"][0]["joints"]]
    assert names[:3] == ["pelvis", "left_hip", "right_hip"]
    assert len(names) == 24


@pytest.mark.parametrize("suffix", EXPORTS)
def test_people_of_a_picture_come_before_one_camera(people, tmp_path, display_body, suffix):
    """One of them had SPIN's long lens: it is moved as a body, and the report says how far off."""
    out = tmp_path / "scenes"
    request = people.request(out, options=ExportOptions(together=True))
    report = EXPORTS[suffix](people.dictionary, request)
    assert [path.name for path in out.glob(f"*{suffix}")] == [f"scene_0{suffix}"]
    assert (report.files, report.bodies) == (1, 2)
    assert "moved before it" in report.summary()
    if suffix == ".glb":
        glb = Glb(out / "scene_0.glb")
        meshes = [glb.vertices(index) for index in range(2)]
        extras = glb.gltf["cameras"][0]["extras"]
        focal, principal = extras["focal_length_px"], extras["principal_point_px"]
    else:
        path = out / f"scene_0{suffix}"
        together = trimesh.load(path, process=False, maintain_order=True)
        meshes = np.split(np.asarray(together.vertices), 2)
        focal, principal = camera_in_comments(path.read_bytes()[:2000].decode("latin-1"))
    for sample_id, mesh in zip((people.good, people.accepted), meshes, strict=True):
        expected = expected_px(people, display_body, sample_id)
        aside = np.linalg.norm(seen_px(mesh, focal, principal) - expected, axis=1)
        assert aside.mean() < 25
        own = display_body.vertices(people.body(sample_id))
        lengths = np.linalg.norm(np.diff(own[::300], axis=0), axis=1)
        kept = np.linalg.norm(np.diff(mesh[::300], axis=0), axis=1)
        np.testing.assert_allclose(kept, lengths, atol=1e-4, err_msg="bodies keep their size")


def test_a_table_says_who_is_in_which_file(people, tmp_path):
    export_obj(people.dictionary, people.request(tmp_path / "meshes"))
    with (tmp_path / "meshes" / "bodies.csv").open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["file"] for line in lines] == ["scene_0_100.obj", "scene_0_101.obj"]
    assert [int(line["sample_id"]) for line in lines] == people.exported
    assert {line["body_name"] for line in lines} == {"open body"}


def test_a_folder_is_filled_whole_or_not_at_all(people, tmp_path):
    out = tmp_path / "meshes"
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        export_obj(people.dictionary, people.request(out, cancel=cancel))
    assert not out.exists()
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".unfinished")]
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(UserFileError, match="holds files already"):
        export_obj(people.dictionary, people.request(out))
    export_obj(people.dictionary, people.request(out, overwrite=True))
    export_obj(people.dictionary, people.request(out, overwrite=True))
    assert (out / "mine.txt").read_text() == "mine"
    assert len(list(out.glob("*.obj"))) == 2


def test_what_is_left_out_is_counted(people, tmp_path):
    summary = export_obj(people.dictionary, people.request(tmp_path / "meshes")).summary()
    first = "5 samples: 2 bodies in 2 files; left out: 1 rejected, 1 too poor, 1 without a fit"
    assert summary.startswith(first)
