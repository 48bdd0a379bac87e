"""Makes the virtual environment and installs what running or testing needs; run by the Makefile.

    python3 setup_packages.py [--venv FOLDER] [--torch WORDS] [--tests] [--docs]

Needs nothing but Python. Says before it downloads how much and about how long, lets pip show what
it does, and does nothing where all of it was done before.

``--torch`` takes what one would write after ``pip install`` for a PyTorch of one's own: a
specifier, the path of a wheel, an ``--index-url``; ``system`` stands for the one that this Python
has already. It is remembered, so that later calls leave that PyTorch alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent
STATE_FILE = "spin-studio-setup.json"
SYSTEM = "system"
"""A PyTorch that the Python outside the virtual environment has."""

_SEES_SYSTEM = "include-system-site-packages = true"

INPUTS = ("pyproject.toml", "constraints.txt", "constraints-cpu.txt")
INSTALL_PAGE = "https://pytorch.org/get-started/locally/"
CPU_ONLY = 'make run TORCH="torch torchvision --index-url https://download.pytorch.org/whl/cpu"'

WHOLE = (
    "about 3.3 GB to download, 6.5 GB on the disk, most of it PyTorch's libraries for NVIDIA GPUs"
)
WITH_OWN_TORCH = "about 250 MB to download and 900 MB on the disk"


@dataclass(frozen=True)
class Setup:
    """What an environment was set up with."""

    torch: str = ""
    tests: bool = False
    docs: bool = False
    inputs: str = ""

    def covers(self, wanted: Setup) -> bool:
        """Whether nothing is left to do; tools for tests and for the site do no harm."""
        same = (self.torch, self.inputs) == (wanted.torch, wanted.inputs)
        return same and self.extras() >= wanted.extras()

    def extras(self) -> set[str]:
        """The groups of optional dependencies, by their names in pyproject.toml."""
        wanted = {"dev": self.tests, "docs": self.docs}
        return {name for name, is_wanted in wanted.items() if is_wanted}


def main(words: list[str]) -> int:
    """Set the environment up; returns the exit status."""
    options = _options(words)
    venv = options.venv.absolute()
    state = venv / STATE_FILE
    done = _read(state)
    torch = done.torch if options.torch is None else options.torch.strip()
    wanted = Setup(torch, options.tests or done.tests, options.docs or done.docs, _digest())
    if done.covers(wanted):
        return 0
    _say_what_comes(wanted)
    venv.mkdir(parents=True, exist_ok=True)
    # Whose PyTorch it is stays known, whatever happens; that all is done is said at the end.
    state.write_text(json.dumps(asdict(replace(wanted, inputs=""))))
    try:
        _install(venv, wanted)
    except subprocess.CalledProcessError as error:
        print(f"\n{shlex.join(map(str, error.cmd))}\nended with {error.returncode}; see above.")
        print("The same command goes on where this one stopped.")
        return 1
    state.write_text(json.dumps(asdict(wanted)))
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="folder of it (.venv)")
    parser.add_argument("--torch", metavar="WORDS", help="a PyTorch of your own; '' for ours")
    parser.add_argument("--tests", action="store_true", help="also what tests and checks need")
    parser.add_argument("--docs", action="store_true", help="also what makes the site")
    return parser.parse_args(words)


def _read(state: Path) -> Setup:
    try:
        return Setup(**json.loads(state.read_text()))
    except (OSError, ValueError, TypeError):
        return Setup()


def _digest() -> str:
    return hashlib.sha256(b"\0".join((ROOT / item).read_bytes() for item in INPUTS)).hexdigest()


def _say_what_comes(wanted: Setup) -> None:
    print("Setting up SPIN Studio; what is there already is not fetched again.")
    if wanted.torch:
        print(f"Besides your PyTorch ({wanted.torch}) it needs {WITH_OWN_TORCH}.")
        print("That takes two to five minutes; pip shows how far it is.", flush=True)
        return
    print(f"What it needs is {WHOLE}.")
    print("That takes ten minutes with 50 Mbit/s, and unpacking some more; pip shows the way.")
    if sys.platform == "linux" and not Path("/proc/driver/nvidia").exists():
        print("This machine shows no NVIDIA driver. With a PyTorch for processors it is a seventh;")
        print(f"to have that one, press Ctrl+C and type\n    {CPU_ONLY}")
    print(f"To use another PyTorch: docs/install.md, and {INSTALL_PAGE}", flush=True)


def _install(venv: Path, wanted: Setup) -> None:
    python = _environment(venv, system=wanted.torch == SYSTEM)
    pip: list[str | Path] = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    extras = sorted(wanted.extras())
    if not wanted.torch:
        _run(*pip, "-c", ROOT / "constraints.txt", "-e", _project(["regressor", *extras]))
        return
    pip += ["-c", ROOT / "constraints-cpu.txt"]
    if wanted.torch != SYSTEM:
        _run(*pip, *shlex.split(wanted.torch))
    version = _said(python, "from importlib.metadata import version; print(version('torch'))")
    if _runs(python, "import torchvision"):
        extras.append("regressor")
    # Named, so that nothing that asks for another PyTorch replaces it.
    _run(*pip, f"torch=={version}", "-e", _project(extras))
    if not _runs(python, "import timm"):
        print(f"No torchvision is here that works with your PyTorch {version}. Networks that look")
        print("at pictures (predict, train, evaluate) cannot run; looking, judging, correcting and")
        print("fitting do without. docs/install.md says how to have both.", flush=True)


def _environment(venv: Path, *, system: bool) -> Path:
    """The Python of the virtual environment, which is made where it is missing."""
    python = venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    configuration = venv / "pyvenv.cfg"
    sees_system = configuration.exists() and _SEES_SYSTEM in configuration.read_text()
    if not python.exists() or sees_system != system:
        seeing = ["--system-site-packages"] if system else []
        _run(sys.executable, "-m", "venv", *seeing, venv)
    return python


def _project(extras: list[str]) -> str:
    return f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)


def _run(*command: str | Path) -> None:
    subprocess.run(list(map(str, command)), check=True, cwd=ROOT)


def _said(python: Path, program: str) -> str:
    command = [str(python), "-c", program]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def _runs(python: Path, program: str) -> bool:
    command = [str(python), "-c", program]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
