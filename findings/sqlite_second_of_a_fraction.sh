#!/usr/bin/env bash
# Believed:  strftime('%s', time) is the whole second that a time lies in, whatever its fraction, and agrees with '%S'; if it
#            rounds, every version of SQLite rounds alike.
# Found:     SQLite 3.40.0 (pysqlite3-binary 0.5.0; Debian 12 ships 3.40.1) rounds to milliseconds before it takes '%s', so that
#            a time at 13.9995 s counts as second 14, while '%S' of the same time says 13. SQLite 3.51.1 (pysqlite3-binary
#            0.5.4.post2) says 13 both times. Python uses the SQLite that its build brought, so the same statement over the same
#            file sorts differently on two machines.
# Seen:      3.40.0: '%s' of 13.9994 ends on 13, of 13.9995 on 14, '%S' 13     3.51.1: 13, 13, '%S' 13
# Remedy:    give strftime the text without its fraction: substr(time, 1, 19).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
second_of() {  # second_of VERSION_OF_PYSQLITE3
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" install --quiet --disable-pip-version-check "pysqlite3-binary==$1"
    "$folder/$1/bin/python" - <<'P'
from pysqlite3 import dbapi2 as sqlite

connection = sqlite.connect(":memory:")
TIME = "2026-05-04T12:30:13.9995"


def of(expression: str, time: str) -> int:
    return int(connection.execute(f"SELECT strftime({expression}", (time,)).fetchone()[0]) % 60


print(
    sqlite.sqlite_version,
    of("'%s', ?)", TIME.replace("9995", "9994")),
    of("'%s', ?)", TIME),
    of("'%S', ?)", TIME),
    of("'%s', substr(?, 1, 19))", TIME),
)
P
}
older=$(second_of 0.5.0)
newer=$(second_of 0.5.4.post2)
printf 'SQLite; %%s of 13.9994, %%s and %%S of 13.9995, %%s of the latter without its fraction:\n%s\n%s\n' "$older" "$newer"
[ "$older" = "3.40.0 13 14 13 13" ] && [ "$newer" = "3.51.1 13 13 13 13" ]
