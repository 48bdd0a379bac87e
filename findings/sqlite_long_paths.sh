#!/usr/bin/env bash
# Believed:  SQLite opens a database wherever the file system can hold one: on Linux, paths of up to 4095 bytes.
# Found:     SQLite 3.51.1 (pysqlite3-binary 0.5.4.post2) refuses paths of more than 512 bytes as "unable to open database
#            file", the words it has for a missing folder and for missing rights. Deep folders of data sets, or names in a
#            script of three bytes a letter, come there.
# Seen:      500 bytes: opened     600 bytes: unable to open database file (the same file opens by its relative name)
# Remedy:    say that the path is too long; a relative name from inside the folder does not help for long, since SQLite makes
#            it a full path in other places.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "pysqlite3-binary==0.5.4.post2"
"$folder/venv/bin/python" - "$folder" <<'P'
import os
import sys

from pysqlite3 import dbapi2 as sqlite


def outcome(length: int) -> str:
    """What opening a database under a path of this many bytes comes to; its folder exists."""
    place = sys.argv[1]
    while length - len(place) - len("/a.db") > 201:
        place = os.path.join(place, "d" * 200)
    place = os.path.join(place, "d" * (length - len(place) - len("/a.db") - 1))
    os.makedirs(place, exist_ok=True)
    path = os.path.join(place, "a.db")
    assert len(os.fsencode(path)) == length, len(path)
    with open(path, "wb"):
        pass  # the system itself has nothing against the path
    try:
        connection = sqlite.connect(path)
        connection.execute("CREATE TABLE t (x)")
        connection.close()
    except sqlite.OperationalError as error:
        return str(error)
    return "opened"


short, long = outcome(500), outcome(600)
print(f"SQLite {sqlite.sqlite_version}: 500 bytes: {short}; 600 bytes: {long}")
assert short == "opened", short
assert long == "unable to open database file", long
P
