"""The database file: its connection, its schema, and rows as bytes."""
