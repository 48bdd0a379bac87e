"""What a project's folder holds."""

from __future__ import annotations

DATABASE_FILE = "dictionary.db"


CACHE_FOLDER = "cache"


CHECKPOINT_FOLDER = "checkpoints"


BACKUP_FOLDER = "backups"
"""What a project's folder holds."""
