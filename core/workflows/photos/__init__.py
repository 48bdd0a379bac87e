"""People from plain photographs and videos: found, or measured where they are known."""
