#!/usr/bin/env bash
# Believed:  torch.broadcast_shapes, and what calls it, compares a few whole numbers: it costs microseconds and loads nothing.
# Found:     with torch 2.13.0 its first call imports torch.fx.experimental.symbolic_shapes and, with it, all of SymPy, some five
#            hundred modules. torch.broadcast_tensors and Tensor.expand do not; array_api_compat.torch.broadcast_arrays does,
#            since it asks for the shape first.
# Seen:      sympy loaded after torch: no; broadcast_tensors: no; broadcast_shapes: yes; array-api-compat's broadcast_arrays: yes
# Remedy:    in code that takes arrays of either library, broadcast by a product with ones, or give the shape.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "torch==2.13.0" "numpy==2.4.6" "array-api-compat==1.13.0"
loaded() {  # loaded STATEMENTS: whether sympy is there after them
    "$folder/venv/bin/python" -c "import sys, torch
a, b = torch.zeros(3), torch.zeros(2, 3)
$1
print('yes' if 'sympy' in sys.modules else 'no')"
}
seen="$(loaded 'pass') $(loaded 'torch.broadcast_tensors(a, b)') $(loaded 'torch.broadcast_shapes(a.shape, b.shape)')"
seen="$seen $(loaded 'import array_api_compat.torch as xp; xp.broadcast_arrays(a, b)')"
echo "sympy loaded after torch, broadcast_tensors, broadcast_shapes, array-api-compat's broadcast_arrays: $seen"
[ "$seen" = "no no yes yes" ]
