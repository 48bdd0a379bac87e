"""Several reviewers: their names, what they said, comments, and copies of a project."""
