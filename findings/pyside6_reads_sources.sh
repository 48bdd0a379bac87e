#!/usr/bin/env bash
# Believed:  importing PySide6 changes nothing about the import of other packages: a module is loaded from its cached bytecode,
#            and its source is read when a traceback asks for it.
# Found:     PySide6 (6.11.1 and 6.8.3) puts a function of its own in the place of builtins.__import__, for its feature switches
#            ("from __feature__ import ..."), though no program module uses one. For every module that is imported afterwards
#            with "from X import y" it asks inspect.getsource for the whole source, to look for the word PySide6 in it, and
#            linecache keeps the text. A program that loads a large package after Qt pays time and memory for all its sources.
# Seen:      sources in linecache after importing ten modules of the standard library: without PySide6 0, after it 10, after it with
#            Python's own function put back 0.
# Remedy:    after "import PySide6.QtCore", where no feature is used: builtins.__import__ = builtins.__orig_import__
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/count.py" <<'P'
import builtins
import linecache
import sys
from importlib import import_module

NAMES = ("cgi", "cmd", "configparser", "fileinput", "ftplib", "mailbox", "netrc", "plistlib", "sched", "wave")
NAMES = tuple(name for name in NAMES if name in sys.stdlib_module_names)

how = sys.argv[1]
if how != "alone":
    import PySide6.QtCore
if how == "restored":
    builtins.__import__ = builtins.__orig_import__
before = set(linecache.cache)
for name in NAMES:
    exec(f"from {name} import __name__ as _")
    assert import_module(name)
read = [path for path in set(linecache.cache) - before if path.endswith(tuple(f"{name}.py" for name in NAMES))]
print(f"{how} {len(read)} of {len(NAMES)}", flush=True)
P
said=""
for version in 6.8.3 6.11.1; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "PySide6-Essentials==$version"
    for how in alone pyside restored; do
        line=$("$folder/$version/bin/python" -W ignore "$folder/count.py" "$how")
        echo "$version $line"
        said="$said|$line"
    done
done
total=${said##* }
[ "$said" = "|alone 0 of $total|pyside $total of $total|restored 0 of $total|alone 0 of $total|pyside $total of $total|restored 0 of $total" ]
