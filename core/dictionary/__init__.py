"""The SQLite store of samples, fits, verdicts and predictions."""
