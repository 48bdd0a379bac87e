"""Commands of the window: records, keys, palette and handlers."""
