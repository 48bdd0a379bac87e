"""Keeps triton and Mesa's software OpenGL from meeting in one process in the order that kills it.

Both bring an LLVM of their own. Mesa's is loaded with its symbols visible to the whole process, so
that a triton loaded *after* something was drawn runs its initialisers against the wrong one: the
process ends with SIGSEGV while it imports ``triton._C.libtriton``. PyTorch imports triton as soon
as its compiler stack (``torch._dynamo``) is loaded, which optimisers, roma and torchvision all do,
compile or not. Nothing in this program compiles, so triton is not missed: where it cannot be
imported, PyTorch takes the ways that it takes on a machine without triton, on CUDA too
(``torch.compile`` for a GPU would raise and say that triton is missing).
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress

_TRITON, _TORCH = "triton", "torch"


def keep_triton_out() -> None:
    """See to it that drawing and PyTorch get along in this process; a second call does nothing.

    Call it before anything is drawn and, where possible, before PyTorch is loaded: then triton's
    import fails from now on, as if it were not installed.

    With PyTorch loaded already it is too late for that. PyTorch may have registered kernels that
    import triton when they are first used (``torch._native`` does for ``bmm`` on CUDA) and would
    raise instead. Then triton is loaded at once, for after it Mesa does no harm.
    """
    if _TRITON in sys.modules:
        return
    if _TORCH in sys.modules:
        with suppress(ImportError):
            importlib.import_module(_TRITON)
    else:
        # Python's way to refuse an import.
        sys.modules[_TRITON] = None  # type: ignore[assignment]
