#!/usr/bin/env bash
# Opens exported GLB files in three programs that the project does not install: Khronos' validator, three.js and Blender,
# the last two of which move vertices by the skin. Needs a network, node, npm and 2 GB in a temporary folder.
#   bash benchmarks/exports/glb_readers.sh PROJECT [COUNT]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
project=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$root" && "${PYTHON:-.venv/bin/python}" -m benchmarks.exports.write_skinned_bodies "$project" "$folder/bodies" --count "${2:-20}")
cd "$folder"
npm install --silent gltf-validator@2.0.0-dev.3.10 three@0.187.0
node "$root/benchmarks/exports/glb_in_three.mjs" "$folder/bodies"
python3.11 -m venv blender
blender/bin/pip install --quiet --disable-pip-version-check "bpy==5.0.1"
blender/bin/python "$root/benchmarks/exports/glb_in_blender.py" "$folder/bodies" | grep '^Blender'
