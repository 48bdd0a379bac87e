"""Jobs of several reviewers over a project."""
