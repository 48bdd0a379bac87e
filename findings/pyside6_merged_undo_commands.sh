#!/usr/bin/env bash
# Believed:  a QUndoStack owns its commands; one that was merged into the command before it is deleted at once, and what its
#            Python half holds is freed with it, at the latest when the stack is cleared or deleted.
# Found:     with PySide6-Essentials 6.11.3 the Python half of every merged command stays alive: after 200 pushes that merge
#            into one command, after clear(), and after the stack itself is gone.
# Seen:      count 1, alive 199, after clear() 199, after the stack was deleted 199
#            with the merged command's data dropped in mergeWith: 1, and 0 after clear().
# Remedy:    in mergeWith, take over what is needed and drop it from the other command.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "PySide6-Essentials==6.11.3"
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" - <<'P'
import gc
import weakref

from PySide6.QtGui import QGuiApplication, QUndoCommand, QUndoStack

application = QGuiApplication([])


class Body:
    """Stands for what a command holds."""


class Move(QUndoCommand):
    def __init__(self, *, drops_merged: bool) -> None:
        super().__init__("Move")
        self.body = Body()
        self.drops_merged = drops_merged

    def id(self) -> int:
        return 7

    def mergeWith(self, other: QUndoCommand) -> bool:
        self.body = other.body
        if self.drops_merged:
            other.body = None
        return True


def alive_bodies(*, drops_merged: bool) -> list[int]:
    bodies = []

    def alive() -> int:
        gc.collect()
        return sum(body() is not None for body in bodies)

    stack = QUndoStack()
    for _ in range(200):
        command = Move(drops_merged=drops_merged)
        bodies.append(weakref.ref(command.body))
        stack.push(command)
        del command
    counts = [stack.count(), alive()]
    stack.clear()
    counts.append(alive())
    del stack
    return [*counts, alive()]


kept, dropped = alive_bodies(drops_merged=False), alive_bodies(drops_merged=True)
print("commands, bodies alive, after clear(), after the stack was deleted:", kept)
print("with the data dropped in mergeWith:", dropped)
assert kept[0] == 1, kept
assert min(kept[1:]) >= 199, kept
assert dropped[1] == 1, dropped
assert dropped[2] <= 1, dropped
P
