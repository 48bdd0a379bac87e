#!/usr/bin/env bash
# Believed:  a calibration that OpenCV saved as .yml is YAML, and yaml.safe_load reads it.
# Found:     its first line is "%YAML:1.0", where YAML wants "%YAML 1.0", and its matrices have the tag !!opencv-matrix, which
#            no safe loader knows. opencv-python-headless 5.0 and 4.10 both write it so; PyYAML 6.0.3 refuses either fault.
# Seen:      as written: ScannerError     without the first line: ConstructorError     without the tags, too: rows 3, 9 numbers
# Remedy:    take out the directive and the tags before parsing; what is left is plain YAML.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==4.10.0.84 numpy==2.0.2 pyyaml==6.0.3
"$folder/venv/bin/python" - "$folder/calibration.yml" <<'P'
import re
import sys

import cv2
import numpy as np
import yaml

storage = cv2.FileStorage(sys.argv[1], cv2.FILE_STORAGE_WRITE)
storage.write("camera_matrix", np.eye(3))
storage.release()
text = open(sys.argv[1]).read()


def outcome(text: str) -> str:
    try:
        matrix = yaml.safe_load(text)["camera_matrix"]
    except yaml.YAMLError as error:
        return type(error).__name__
    return f"rows {matrix['rows']}, {len(matrix['data'])} numbers"


without_line = text.split("\n", 1)[1]
found = [outcome(text), outcome(without_line), outcome(re.sub("!!opencv-matrix", "", without_line))]
print(found)
assert found == ["ScannerError", "ConstructorError", "rows 3, 9 numbers"], found
P
