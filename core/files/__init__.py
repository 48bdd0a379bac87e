"""Files on disk: read within limits, written whole, held while a process lives."""
