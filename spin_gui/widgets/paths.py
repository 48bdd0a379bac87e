"""Questions for files and folders, in one place, so that tests can answer them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

_BREAK = "\u200b"
"""A space of no width: a label may break the line there."""


def breakable(text: str) -> str:
    """A text whose paths a label may break between folders."""
    return text.replace("/", f"/{_BREAK}").replace("\\", f"\\{_BREAK}")


def ask_folder(parent: QWidget, title: str, start: Path | None = None) -> Path | None:
    """Ask for a folder that exists; None when the user changed their mind."""
    text = QFileDialog.getExistingDirectory(parent, title, str(start or Path.home()))
    return Path(text) if text else None


def ask_file(
    parent: QWidget, title: str, file_filter: str, start: Path | None = None
) -> Path | None:
    """Ask for a file that exists; ``file_filter`` in Qt's form, "JSON (*.json)"."""
    text, _chosen = QFileDialog.getOpenFileName(
        parent, title, str(start or Path.home()), file_filter
    )
    return Path(text) if text else None


def ask_new_file(
    parent: QWidget, title: str, file_filter: str, start: Path | None = None
) -> Path | None:
    """Ask for a file to write; a name without ending gets that of the chosen kind of files."""
    text, chosen = QFileDialog.getSaveFileName(
        parent, title, str(start or Path.home()), file_filter
    )
    if not text:
        return None
    path = Path(text)
    return path if path.suffix else path.with_suffix(chosen[chosen.rfind("*") + 1 :].rstrip(")"))


def project_line(project: Path) -> str:
    """A project's name and where it lies, in one line: two would read as two projects."""
    parent, home = project.parent, Path.home()
    inside = parent.is_relative_to(home)
    return f"{project.name}  –  {Path('~') / parent.relative_to(home) if inside else parent}"


class PathField(QWidget):
    """A line for a path with a button that asks for a file, one for a folder, or both."""

    def __init__(self, name: str, *, file_filter: str = "", folder: bool = False) -> None:
        super().__init__()
        self._name, self._file_filter = name, file_filter
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        self.setFocusProxy(self.line)
        if file_filter:
            layout.addWidget(self._button("File…", self._ask_file))
        if folder:
            layout.addWidget(self._button("Folder…", self._ask_folder))

    @property
    def path(self) -> Path | None:
        """What was typed or chosen, with ``~`` filled in; None when empty."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path) -> None:
        """Show a path."""
        self.line.setText(str(path))

    def _button(self, text: str, handler: object) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(f"{self._name}: choose a {text.rstrip('…').lower()}")
        button.clicked.connect(handler)
        return button

    def _ask_file(self) -> None:
        path = ask_file(self, self._name, self._file_filter, _start(self.path))
        if path is not None:
            self.set_path(path)

    def _ask_folder(self) -> None:
        path = ask_folder(self, self._name, _start(self.path))
        if path is not None:
            self.set_path(path)


class SaveField(QWidget):
    """A line for a file or a folder to write, with a button that asks for one.

    is_folder: whether it asks for the folder to put a new one into.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self.is_folder = name, False
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        button = QPushButton("Choose…")
        button.setAccessibleName(f"{name}: choose where to write")
        button.clicked.connect(self._ask)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(button)
        self.setFocusProxy(self.line)

    @property
    def path(self) -> Path | None:
        """What was typed or chosen, with ``~`` filled in; None when empty."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path) -> None:
        """Show a path."""
        self.line.setText(str(path))

    def _ask(self) -> None:
        if self.is_folder:
            self._ask_parent()
            return
        # The dialog around this field says itself that a file will be replaced.
        text, _filter = QFileDialog.getSaveFileName(
            self,
            self._name,
            str(self.path or Path.home()),
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if text:
            self.set_path(Path(text))

    def _ask_parent(self) -> None:
        """Ask where the folder is to be; a chosen empty folder is that folder itself."""
        parent = ask_folder(self, f"{self._name}: the folder to write into", _start(self.path))
        if parent is None:
            return
        is_empty = next(parent.iterdir(), None) is None
        name = "" if self.path is None or is_empty else self.path.name
        self.set_path(parent / name)


def _start(path: Path | None) -> Path | None:
    return path.parent if path is not None and path.parent.is_dir() else None
