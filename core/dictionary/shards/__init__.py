"""Work on a project away from it: a snapshot that is read, and what jobs over it would store."""
