"""People in neighbouring frames: who is who, and what cannot be true from frame to frame."""
