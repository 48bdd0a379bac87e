"""One door for everything that comes into a project: looked at, asked about, imported."""
