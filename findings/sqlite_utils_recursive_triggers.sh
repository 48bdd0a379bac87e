#!/usr/bin/env bash
# Believed:  wrapping an open connection in sqlite_utils.Database only adds methods; how the connection's own SQL behaves stays.
# Found:     sqlite-utils 4.2.1 turns PRAGMA recursive_triggers on for the connection it is handed, as SQLite leaves it off. From
#            then on INSERT OR REPLACE fires the delete triggers of the row it replaces, for every user of the connection.
# Seen:      delete triggers fired by one replaced row: 0 before wrapping, 1 after, 0 with recursive_triggers=False
# Remedy:    hand over recursive_triggers=False where the triggers of a schema were written without it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "sqlite-utils==4.2.1"
"$folder/venv/bin/python" - <<'P'
import sqlite3
from collections.abc import Callable

from sqlite_utils import Database


def fired(wrap: Callable[[sqlite3.Connection], object]) -> int:
    connection = sqlite3.connect(":memory:")
    connection.executescript("""
        CREATE TABLE fits (id INTEGER PRIMARY KEY, loss REAL);
        CREATE TABLE removed (id INTEGER);
        CREATE TRIGGER note AFTER DELETE ON fits BEGIN INSERT INTO removed VALUES (old.id); END;
        INSERT INTO fits VALUES (1, 20.0);
    """)
    wrap(connection)
    connection.execute("INSERT OR REPLACE INTO fits VALUES (1, 10.0)")
    return connection.execute("SELECT count(*) FROM removed").fetchone()[0]


plain = fired(lambda connection: None)
wrapped = fired(Database)
asked = fired(lambda connection: Database(connection, recursive_triggers=False))
print(f"delete triggers fired: {plain} plain, {wrapped} wrapped, {asked} with recursive_triggers=False")
assert (plain, wrapped, asked) == (0, 1, 0)
P
