#!/usr/bin/env bash
# Believed:  torch.compile is opt-in: a program that never calls it does not load PyTorch's compiler, and an optimiser is a few
#            lines of arithmetic.
# Found:     with torch 2.13.0 making any torch.optim optimiser imports torch._dynamo and some hundred modules with it, and the
#            import of roma 1.8.0 alone does the same, since it wraps functions in torch._dynamo.disable. Beside processor time
#            and memory it matters where triton is installed, which comes along.
# Seen:      after import torch: no; after Adam(...): yes; after import roma: yes
# Remedy:    where a process must stay small, its own arithmetic in place of either.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "torch==2.13.0" "numpy==2.4.6" "roma==1.8.0"
loaded() {  # loaded STATEMENTS: whether torch._dynamo is there after them
    "$folder/venv/bin/python" -c "import sys; $1; print('yes' if 'torch._dynamo' in sys.modules else 'no')"
}
optimiser="import torch; torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])"
seen="$(loaded 'import torch') $(loaded "$optimiser") $(loaded 'import roma')"
echo "torch._dynamo loaded after torch, Adam, roma: $seen"
[ "$seen" = "no yes yes" ]
