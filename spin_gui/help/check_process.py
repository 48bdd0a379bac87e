"""Commands of ``main.py`` that a dialog runs as processes: the window itself loads no PyTorch."""

from __future__ import annotations

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from core.resource_files import RESOURCES

MAIN = RESOURCES.parent / "main.py"
_WAIT_MS = 3000


def check_process(parent: QObject) -> QProcess:
    """A process that is not started yet; its words come as UTF-8, each line when it is said."""
    process = QProcess(parent)
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert("PYTHONUNBUFFERED", "1")
    environment.insert("PYTHONIOENCODING", "utf-8")
    process.setProcessEnvironment(environment)
    return process


def end_unheard(process: QProcess) -> None:
    """End it, and have nothing told of that: the dialog that asked is closing."""
    for signal in (process.finished, process.errorOccurred):
        signal.disconnect()
    process.kill()
    process.waitForFinished(_WAIT_MS)
