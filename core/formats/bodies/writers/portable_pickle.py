"""Pickles that every NumPy since 1.7 reads.

NumPy 2 writes arrays under the name of its module ``numpy._core.multiarray``, which NumPy before
1.26 does not have; the older name ``numpy.core.multiarray`` is read by all of them. Protocol 3
keeps names as texts between line ends, with nothing around them, so that they can be exchanged.
"""

from __future__ import annotations

import pickle
import pickletools

_NEW, _OLD = "numpy._core.", "numpy.core."


def portable_pickle(value: object) -> bytes:
    """A value of plain containers, texts, numbers and arrays as a pickle."""
    data = pickle.dumps(value, protocol=3)
    parts: list[bytes] = []
    start = 0
    for opcode, argument, position in pickletools.genops(data):
        if opcode.name == "GLOBAL" and str(argument).startswith(_NEW):
            module, name = str(argument).split(" ")
            written = f"c{module}\n{name}\n".encode("ascii")
            parts += [data[start:position], written.replace(_NEW.encode(), _OLD.encode())]
            start = int(position or 0) + len(written)
    return b"".join([*parts, data[start:]])
