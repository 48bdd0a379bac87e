"""What several reviewers say: opinions, and what comes of bringing those of two copies together."""
