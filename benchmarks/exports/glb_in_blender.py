"""Runs in Blender's Python: how far the vertices of imported GLB files are from where they belong.

python glb_in_blender.py FOLDER        as write_skinned_bodies.py leaves it
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import bpy
import numpy as np


def main() -> None:
    """Print the largest distance of each kind of file; fail above a tenth of a millimetre."""
    folder = Path(sys.argv[1])
    for kind in ("skinned", "plain"):
        worst, files = 0.0, sorted((folder / kind).glob("*.glb"))
        for path in files:
            wanted = np.array(json.loads((folder / f"{path.stem}.json").read_text()))
            # Blender's z is up.
            wanted = np.stack([wanted[:, 0], -wanted[:, 2], wanted[:, 1]], axis=1)
            worst = max(worst, float(np.linalg.norm(imported(path) - wanted, axis=1).max()))
        print(f"Blender {bpy.app.version_string}, {kind}: {len(files)} files, {1e3 * worst:.4f} mm")
        if worst > 1e-4 or not files:
            raise SystemExit(f"{kind}: vertices are elsewhere than exported")


def imported(path: Path) -> np.ndarray:
    """The vertices ``(V, 3)`` of a file's one body as Blender shows them, modifiers applied."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=str(path))
    graph = bpy.context.evaluated_depsgraph_get()
    (body,) = (each for each in bpy.context.scene.objects if "sample_id" in each)
    shown = body.evaluated_get(graph)
    return np.array([shown.matrix_world @ vertex.co for vertex in shown.to_mesh().vertices])


if __name__ == "__main__":
    main()
